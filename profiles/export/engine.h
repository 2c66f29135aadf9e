// What other programs that make boxes are told of a pool: engines of containers, and systemd. One table says for each
// protection, by the name that `fpmbox plan` has for it, what each of them is asked for, or why it has no word for it.
//
//   const EngineValues values = engine_values(policy, {.image = "localhost/fpmbox/shop:latest"});
//   options_of(Engine::docker, values)  -> {"root", "--read-only"}, {"limits.pids.max", "--pids-limit 72"}, ...
//   gaps_of(Engine::docker, values)     -> {"dev", "the engine's /dev has terminals and queues beside ..."}, ...
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "profiles/model/policy.h"

namespace profiles {

enum class Engine { docker, compose, quadlet, kubernetes, systemd };
inline constexpr std::size_t kEngineCount = 5;

// What one engine has for one protection. <names> are filled from the policy; where the policy says nothing, neither does
// the row. Several options of one engine are lines of their own.
struct Cell {
  enum class Kind {
    option,  // `text` in the engine's language
    inside,  // fpmbox, which is the container's entrypoint, gives it: no option is needed
    given,   // the engine gives it unasked, or by the option of another row
    gap,     // `text` says what is missing, and what it means
  };
  Kind kind = Kind::gap;
  const char* text = "";
};

struct Protection {
  const char* name;
  std::array<Cell, kEngineCount> cells;  // in the order of Engine
};
std::span<const Protection> protections();

// Capabilities without which a launcher that is started as root cannot make another user of itself and of the pool.
std::span<const char* const> entrypoint_capabilities();

// Beside the pool in its container: launcher, janitor, and who asks for its health, whom the engine brings in by a program
// of several threads. A full pool must not look like a dead one.
inline constexpr std::uint64_t kProcessesBeside = 8;

// Which user the engine starts the launcher as.
enum class Start {
  as_root,  // with a few capabilities: launcher and pool are then two users
  as_user,  // the pool's own from the start, with none
};
// Of Engine::docker: most words both engines take, and each has some of its own.
enum class Dialect { both, docker, podman };

// Of the image, which no policy says.
struct EngineChoice {
  std::string image;       // "localhost/fpmbox/NAME:latest"
  std::string web_image;   // of the web server beside it
  std::uint32_t uid = 10000;
  std::uint32_t gid = 10000;
  Start start = Start::as_root;
  Dialect dialect = Dialect::both;
  std::optional<std::vector<std::string>> folders = {};  // of the writable paths, where somebody looked; else their names tell
};

// What the table's names stand for. <path> and <volume> have a row for each writable path, <socket_folder> for each server.
struct EngineValues {
  std::map<std::string, std::string> names;
  std::vector<std::map<std::string, std::string>> repeated;
};
EngineValues engine_values(const Policy& policy, const EngineChoice& choice, Engine engine);

// A word as a shell reads it back. Paths in the values of Engine::docker are so already.
std::string shell_quoted(const std::string& word);

struct EngineLine {
  std::string protection;
  std::string text;
  friend bool operator==(const EngineLine&, const EngineLine&) = default;
};
std::vector<EngineLine> options_of(Engine engine, const EngineValues& values);
std::vector<EngineLine> gaps_of(Engine engine, const EngineValues& values);

// For an engine that wants more than one file.
struct ExportedFile {
  std::string path;
  std::string text;
  std::uint32_t mode = 0644;
  std::uint32_t gid = 0;
  friend bool operator==(const ExportedFile&, const ExportedFile&) = default;
};

// A file for an engine, and what it cannot say; the text has that as comments already, where its language has comments.
struct Exported {
  std::string text;
  std::vector<EngineLine> gaps;
  std::vector<ExportedFile> files = {};  // in place of `text`
};

}  // namespace profiles
