// What fpmbox itself exits with; `run` passes on the workload's own code. The numbers follow sysexits.h.
#pragma once

namespace cli {

enum ExitCode : int {
  kDone = 0,
  kDifferent = 1,      // `diff`: the two are not the same
  kUsage = 64,         // the command line
  kBadProfile = 65,    // a profile
  kLayerMissing = 69,  // this host cannot give a required layer
  kBug = 70,           // ours
  kSetupFailed = 71,   // a step of the set-up, which is named
  kNotYet = 75,        // `stop`: something is left after the time that was given
};

// The same for people who read the manual.
struct ExitMeaning {
  const char* code;
  const char* meaning;
};
inline constexpr ExitMeaning kExitMeanings[] = {
    {"0", "Done; of `run`: the box was stopped, and its requests were finished."},
    {"1", "Of `diff`: the two differ. Of `test`: something that is expected does not hold; it was named. Of `health`: the pool does not answer."},
    {"64", "The command line is wrong."},
    {"65", "A profile is wrong; each mistake was printed with its place."},
    {"69", "This host cannot give a layer that the profile requires; `fpmbox plan` says which and why."},
    {"70", "A bug in fpmbox."},
    {"71", "A step of the set-up failed; it was named."},
    {"other", "Of `run`: what php-fpm ended with, 128 plus the signal that ended it, or 137 when a stop had to kill it."},
};

}  // namespace cli
