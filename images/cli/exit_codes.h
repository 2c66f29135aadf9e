// As those of fpmbox, which passes them on; the numbers follow sysexits.h.
#pragma once

namespace images {

enum ExitCode : int {
  kDone = 0,
  kDiffers = 1,     // of `image verify`, `diff` and `outdated`, and of `image test` when something does not hold
  kUsage = 64,      // the command line
  kBadRecipe = 65,  // a recipe or a profile
  kBug = 70,        // ours
  kFailed = 71,     // a step, which is named
};

}  // namespace images
