// What Docker or podman should be asked for a pool, of the table of profiles/export, which `fpmbox export` writes from, too:
// the corrected command that the entrypoint prints.
//
//   const EngineNeeds needs = needs_of(policy, {.uid = 10000, .gid = 10000, .start = profiles::Start::as_user});
//   option_for(needs, "root")               -> --read-only
//   command_line(needs, "localhost/shop")   -> docker run --user 10000:10000 --read-only --tmpfs /tmp:... localhost/shop
#pragma once

#include <string>
#include <vector>

#include "profiles/export/engine.h"
#include "profiles/model/policy.h"

namespace launcher {

struct EngineNeeds {
  profiles::Dialect dialect = profiles::Dialect::docker;
  std::vector<profiles::EngineLine> options;
  std::vector<std::string> environment = {};  // NAME=value, as they were given
};
EngineNeeds needs_of(const profiles::Policy& policy, const profiles::EngineChoice& choice);

// All words of one protection (launcher/plan/plan_container.cc); "" where the engine has none.
std::string option_for(const EngineNeeds& needs, const std::string& protection);

// All rows: `docker run ... IMAGE`, ready to be pasted into a shell.
std::string command_line(const EngineNeeds& needs, const std::string& image);

}  // namespace launcher
