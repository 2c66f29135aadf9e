// Everything after the box's exec: one loop that waits for signals, for the box's end, its log lines, its denials and
// its first answer, in a process that has given up all it could.
//
//   block_signals();                          // first thing of `run`
//   auto notify = Notifier::from_environment();
//   auto janitor = start_janitor(...);        // then the box is cloned, and its pidfd handed to the janitor
//   return supervise(std::move(box), std::move(options), output);
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>

#include "launcher/boxes/kept_log.h"
#include "launcher/denials/context.h"
#include "launcher/enforce/box.h"
#include "launcher/supervise/lifecycle.h"
#include "launcher/supervise/notify.h"
#include "launcher/supervise/output.h"
#include "launcher/supervise/own_privileges.h"

namespace launcher {

struct SuperviseOptions {
  using Ids = launcher::Ids;
  std::string pool;
  std::optional<Ids> supervisor;  // who the launcher becomes; empty where there is nothing to drop
  Lifecycle::Timeouts timeouts;
  const DenialContext* denials = nullptr;  // what they are held against; never empty
  KeptLog kept_denials;                    // where they are written for `fpmbox denials`
  bool has_pid_namespace = true;
  std::map<std::string, std::string> limits;  // for each key of limits its value and place, for LimitsWatch
  Notifier notify;
  sys::Fd state;  // where boxes/state.h is written; may be empty
  sys::Fd health;  // listens for `fpmbox health`, in containers; may be empty
  std::function<void()> answered;  // called once, when the pool has answered its first ping; may be empty
  std::function<void()> at_rest = {};  // what else of memory can be given back when nothing happens; may be empty
};

// Needs block_signals() before, and one thread. Returns when the box and the janitor are gone: FPM's exit code (1 for a 0
// that nobody asked for) or 128 plus its signal; 137 when a stop had to kill; 71 when the pool did not start or the privileges could not be dropped.
// Afterwards the process can do no more than print and exit.
int supervise(RunningBox box, SuperviseOptions options, Output& output);

}  // namespace launcher
