// The loop of a recording box, in place of supervise(): answers its notifications, prints its log, and ends it when the time is
// over or somebody asks. The launcher keeps what reading the box's memory takes, and so stays more privileged than beside an
// ordinary box: one more reason why a recording box is no boundary.
#pragma once

#include <optional>
#include <string>

#include "launcher/enforce/box.h"
#include "launcher/learn/record.h"
#include "launcher/plan/plan.h"
#include "launcher/supervise/output.h"
#include "profiles/base/result.h"

namespace launcher {

struct RecordOptions {
  const Plan& plan;
  std::optional<Milliseconds> lasts;  // otherwise until a signal
};

struct Recorded {
  Record record;
  std::string extensions;           // what the extensions' script answered
  std::string extensions_obstacle;  // why it did not
  Milliseconds took{0};
};

// An error: the pool did not start, or could not be recorded. Either way box and janitor are gone afterwards.
base::Result<Recorded> record_box(RunningBox box, const RecordOptions& options, Output& output);

}  // namespace launcher
