#include "launcher/harness/side.h"

#include <unistd.h>

#include <algorithm>

#include "launcher/harness/bare_arena.h"
#include "launcher/harness/bwrap_arena.h"
#include "profiles/base/text.h"

namespace harness {
namespace {

// Not PATH: these programs are started as root.
constexpr const char* kFolders[] = {"/usr/bin/", "/usr/local/bin/", "/bin/"};

std::unique_ptr<Arena> make_bare(const SideInput& input) { return std::make_unique<BareArena>(input.pool, input.targets, std::vector<int>()); }
std::unique_ptr<Arena> make_bwrap(const SideInput& input) { return std::make_unique<BwrapArena>(input); }

}  // namespace

const std::vector<Side>& sides() {
  static const std::vector<Side> kSides = {
      {"bare", "plain php-fpm as Debian ships it: a root master, workers of the pool's user", {}, "", make_bare},
      {"bwrap", "php-fpm in bubblewrap with the usual flags, as the pool's user", {"bwrap"}, "bubblewrap", make_bwrap},
  };
  return kSides;
}

std::vector<std::string> side_names() {
  std::vector<std::string> out;
  for (const Side& side : sides()) out.emplace_back(side.name);
  return out;
}

const Side* find_side(const std::string& name) {
  const auto found = std::find_if(sides().begin(), sides().end(), [&](const Side& side) { return side.name == name; });
  return found == sides().end() ? nullptr : &*found;
}

base::Result<std::string> program_of(const Side& side) {
  if (side.programs.empty()) return std::string();
  for (const std::string& name : side.programs)
    for (const char* folder : kFolders)
      if (::access((folder + name).c_str(), X_OK) == 0) return folder + name;
  const std::string names = base::join(side.programs, " or ");
  return base::Error{"--against " + std::string(side.name) + " needs " + names +
                         ", which is not in /usr/bin, /usr/local/bin or /bin: install it (" + side.package + " in Debian), or leave the side out", {}, 0, {}};
}

}  // namespace harness
