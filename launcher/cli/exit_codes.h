// What fpmbox itself exits with; `run` passes on the workload's own code. The numbers follow sysexits.h.
#pragma once

namespace cli {

enum ExitCode : int {
  kDone = 0,
  kUsage = 64,         // the command line
  kBadProfile = 65,    // a profile
  kLayerMissing = 69,  // this host cannot give a required layer
  kBug = 70,           // ours
  kSetupFailed = 71,   // a step of the set-up, which is named
};

}  // namespace cli
