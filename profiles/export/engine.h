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

// Of the image, which no policy says.
struct EngineChoice {
  std::string image;       // "localhost/fpmbox/NAME:latest"
  std::string web_image;   // of the web server beside it
  std::uint32_t uid = 10000;
  std::uint32_t gid = 10000;
};

// What the table's names stand for. <path> and <volume> have a row for each writable path, <socket_folder> for each server.
struct EngineValues {
  std::map<std::string, std::string> names;
  std::vector<std::map<std::string, std::string>> repeated;
};
EngineValues engine_values(const Policy& policy, const EngineChoice& choice, Engine engine);

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
