#include "launcher/harness/side.h"

#include <unistd.h>

#include "launcher/harness/bare_arena.h"
#include "launcher/harness/bwrap_arena.h"
#include "launcher/harness/container_arena.h"
#include "launcher/harness/entrypoint_arena.h"
#include "launcher/harness/entrypoint_checks.h"
#include "launcher/harness/named.h"
#include "launcher/harness/unit_arena.h"
#include "profiles/base/text.h"

namespace harness {
namespace {

constexpr std::string_view kIn = "in-";
// Not PATH: these programs are started as root.
constexpr const char* kFolders[] = {"/usr/bin/", "/usr/local/bin/", "/bin/"};

std::unique_ptr<Arena> make_bare(const SideInput& input) { return std::make_unique<BareArena>(input.pool, input.targets, std::vector<int>()); }
std::unique_ptr<Arena> make_bwrap(const SideInput& input) { return std::make_unique<BwrapArena>(input); }
std::unique_ptr<Arena> make_container(const SideInput& input) { return std::make_unique<ContainerArena>(input); }
template <Wishes kWishes>
std::unique_ptr<Arena> make_entrypoint(const SideInput& input) {
  return std::make_unique<EntrypointArena>(input, kWishes);
}
template <Wishes kWishes>
std::vector<CheckResult> inspect_entrypoint(const SideInput& input) {
  return check_entrypoint(input, kWishes);
}
std::unique_ptr<Arena> make_upstream_unit(const SideInput& input) { return std::make_unique<UnitArena>(input, upstream_unit()); }
std::unique_ptr<Arena> make_nixos_unit(const SideInput& input) { return std::make_unique<UnitArena>(input, nixos_unit()); }

std::string option_of(const Side& side) { return side.is_ours ? "--inside " + std::string(side.name).substr(kIn.size()) : "--against " + std::string(side.name); }

base::Status is_root() {
  if (::geteuid() == 0) return base::success();
  return base::Error{"needs root: what it shows are the defaults of root's containers; run it as root, or leave the side out", {}, 0, {}};
}

}  // namespace

const std::vector<Side>& sides() {
  static const std::vector<Side> kSides = {
      {"bare", "plain php-fpm as Debian ships it: a root master, workers of the pool's user", {}, "", make_bare},
      {"systemd", "php-fpm as a service with the hardening of its own unit, as its authors publish it", {"systemd-run"}, "systemd", make_upstream_unit, has_systemd, nullptr, clean_up_units},
      {"nixos", "php-fpm as a service with the hardening of NixOS's units, one a pool", {"systemd-run"}, "systemd", make_nixos_unit, has_systemd, nullptr, clean_up_units},
      {"bwrap", "php-fpm in bubblewrap with the usual flags, as the pool's user", {"bwrap"}, "bubblewrap", make_bwrap},
      {"container", "php-fpm in a container with the defaults of podman, or else of docker", {"podman", "docker"}, "podman", make_container, is_root, let_clients_end, clean_up_containers},
      {"podman", "php-fpm in a container with podman's defaults, its site a volume", {"podman"}, "podman", make_container, is_root, let_clients_end, clean_up_containers},
      {"docker", "php-fpm in a container with docker's defaults, its site a volume", {"docker"}, "docker.io", make_container, is_root, let_clients_end, clean_up_containers},
  };
  return kSides;
}

const std::vector<Side>& entrypoints() {
  static const std::vector<Side> kEntrypoints = {
      {"in-podman", "fpmbox as the entrypoint of a container, started by a plain `podman run`", {"podman"}, "podman", make_entrypoint<Wishes::none>, is_root, let_clients_end, clean_up_containers, true, inspect_entrypoint<Wishes::none>},
      {"in-podman-asked", "fpmbox as the entrypoint of a container, started by the whole command that it prints for podman", {"podman"}, "podman", make_entrypoint<Wishes::all>, is_root, let_clients_end, clean_up_containers, true, inspect_entrypoint<Wishes::all>},
      {"in-docker", "fpmbox as the entrypoint of a container, started by a plain `docker run`", {"docker"}, "docker.io", make_entrypoint<Wishes::none>, is_root, let_clients_end, clean_up_containers, true, inspect_entrypoint<Wishes::none>},
      {"in-docker-asked", "fpmbox as the entrypoint of a container, started by the whole command that it prints for docker", {"docker"}, "docker.io", make_entrypoint<Wishes::all>, is_root, let_clients_end, clean_up_containers, true, inspect_entrypoint<Wishes::all>},
  };
  return kEntrypoints;
}

std::vector<std::string> entrypoint_names() {
  std::vector<std::string> out;
  for (const Side& side : entrypoints()) out.push_back(std::string(side.name).substr(kIn.size()));
  return out;
}
const Side* find_entrypoint(const std::string& name) { return find_named(entrypoints(), std::string(kIn) + name); }

std::vector<std::string> side_names() { return names_of(sides()); }
const Side* find_side(const std::string& name) { return find_named(sides(), name); }

base::Result<std::string> program_of(const Side& side) {
  if (side.check != nullptr)
    if (const auto checked = side.check(); !checked) return base::Error{option_of(side) + " " + checked.error().text(), {}, 0, {}};
  if (side.programs.empty()) return std::string();
  for (const std::string& name : side.programs)
    for (const char* folder : kFolders)
      if (::access((folder + name).c_str(), X_OK) == 0) return folder + name;
  const std::string names = base::join(side.programs, " or ");
  return base::Error{option_of(side) + " needs " + names +
                         ", which is not in /usr/bin, /usr/local/bin or /bin: install it (" + side.package + " in Debian), or leave the side out", {}, 0, {}};
}

}  // namespace harness
