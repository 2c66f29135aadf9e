// What a container engine can give to a pool, protection by protection, and how it is asked for. One table: from it come the
// corrected command that the entrypoint prints, and what exporters write.
//
//   command_line(Engine::docker, needs_of(policy, Start::as_user, {10000, 10000}), "localhost/shop")
//     -> docker run --read-only --tmpfs /tmp:... --cap-drop ALL --user 10000:10000 ... localhost/shop
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "profiles/model/policy.h"

namespace launcher {

enum class Engine { docker, podman };

// Which user the engine starts the launcher as.
enum class Start {
  as_root,  // with a few capabilities: launcher and pool are then two users
  as_user,  // the pool's own from the start, with none
};

// Processes in a container beside the pool's: PID 1, launcher, janitor, and one that asks for its health.
inline constexpr std::uint64_t kProcessesOfOurs = 4;

struct EngineOption {
  const char* protection;  // the gap that is there without it (launcher/plan/plan_container.cc), or what the pool needs
  const char* docker;      // words of `docker run`, {NAMES} filled from the needs; "" where the engine has nothing for it
  const char* podman;
  const char* why;
};
std::span<const EngineOption> engine_options();

// Capabilities without which a launcher that is started as root cannot make another user of itself and of the pool.
std::span<const char* const> entrypoint_capabilities();

// What fills the table's names. A name without a value takes its rows away; {path} has a row for each path.
struct EngineNeeds {
  std::map<std::string, std::string> values;
  std::vector<std::string> paths;        // that the application writes, volumes
  std::vector<std::string> environment = {};  // NAME=value, as they were given
};
struct PoolNumbers {
  uid_t uid = 0;
  gid_t gid = 0;
};
EngineNeeds needs_of(const profiles::Policy& policy, Start start, PoolNumbers pool);

// The words of one row, none where the engine has none or a name has no value.
std::vector<std::string> words_of(const EngineOption& option, Engine engine, const EngineNeeds& needs);

// All rows: `docker run ... IMAGE`, ready to be pasted into a shell.
std::string command_line(Engine engine, const EngineNeeds& needs, const std::string& image);

}  // namespace launcher
