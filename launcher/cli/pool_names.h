// Names of pools on the command lines of ps, logs and stop.
#pragma once

#include <string>
#include <vector>

#include "launcher/cli/commands.h"
#include "profiles/base/result.h"

namespace cli {

inline constexpr const char* kWhoseBoxes = "for root: those of that ordinary user, in XDG_RUNTIME_DIR /run/user/UID";

// Where the caller's boxes are: root's in /run/fpmbox, an ordinary user's below its own XDG_RUNTIME_DIR. Records and logs of
// others are not shown to anybody but them.
base::Result<std::string> run_folder();
// The same of that user, who we are from then on; root's alone to ask. "" is the caller.
base::Result<std::string> run_folder_of(const std::string& user);

// The names of pools that words mean: names, or what `run` takes, files whose `name:` may be another than their own. A word is
// known when the pool runs, has run since the boot (both by `run`), or has a file where the caller's pool files are; the
// error for another one names the nearest.
base::Result<std::vector<std::string>> known_pools(const std::vector<std::string>& words, const std::string& run, const Globals& globals);

// The pure part.
base::Result<std::string> known_pool(const std::string& word, const std::vector<std::string>& known);

}  // namespace cli
