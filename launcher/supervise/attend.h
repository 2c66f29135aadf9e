// A command in a box: its streams are forwarded, its denials told, its end waited for. The loop beside supervise(), in a
// process that has given up all it could, as there. Nothing is asked of the command, and nothing but its end is expected.
//
//   block_signals();                       // first thing of `exec`
//   ...                                    // janitor, launch
//   return attend(std::move(box), {...});
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "launcher/boxes/kept_log.h"
#include "launcher/denials/context.h"
#include "launcher/enforce/box.h"
#include "launcher/supervise/own_privileges.h"
#include "launcher/supervise/rate.h"

namespace launcher {

struct AttendOptions {
  std::string pool;
  std::optional<Ids> supervisor;          // who the launcher becomes; empty where there is nothing to drop
  Milliseconds stop{30000};               // for a command that has a handler of its own for the signal that ends it
  const DenialContext* denials = nullptr;  // what they are held against; never empty
  KeptLog kept_denials = {};               // where they are written for `fpmbox denials`
  std::string command;                     // for denials: what made the call, as far as one can know
  std::map<std::string, std::string> limits = {};  // for each key of limits its value and place
  std::function<void()> at_rest = {};     // what else of memory can be given back once the command takes its time
  int input = 0;                          // the caller's streams
  int output = 1;
  int errors = 2;
};

// The command's exit code, or 128 plus the signal that ended it. SIGINT, SIGTERM, SIGHUP and SIGQUIT to the launcher are passed
// on and end the box: at once when the command does not handle them, else after `stop`, or with a second one. 71 when the
// privileges could not be dropped.
int attend(RunningBox box, AttendOptions options);

// The check of a /proc/PID/status text: does the process have a handler for the signal?
bool handles(std::string_view status, int signal);

}  // namespace launcher
