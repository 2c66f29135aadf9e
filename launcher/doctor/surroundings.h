// What decides whether the kernel lets us: the reasons behind a refusal. A plain value, invented in tests.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace launcher {

struct Surroundings {
  bool root = false;
  std::vector<std::string> missing_capabilities;  // of those that root makes a box with: "SYS_ADMIN"
  bool root_of_namespace = false;     // and on the host an ordinary user: unshare -r, containers of an ordinary user's
  bool filtered = false;              // a seccomp filter was loaded into us
  bool systemd = false;               // runs this machine
  std::string release;                // "6.1.0-18-amd64"
  std::string container;              // "docker", "podman", "lxc", ...; "" outside of one, as far as can be seen
  std::string confined_by;            // AppArmor's profile; "" when it has none for us
  bool apparmor_restricts_namespaces = false;  // kernel.apparmor_restrict_unprivileged_userns
  bool namespaces_switched_off = false;        // kernel.unprivileged_userns_clone is 0 (Debian)
  bool no_namespaces_allowed = false;          // user.max_user_namespaces is 0
  std::vector<std::string> covered_proc;       // mount points below /proc
  friend bool operator==(const Surroundings&, const Surroundings&) = default;
};
Surroundings look_around();

// ---- the pure parts

// Is a kernel of `release` at least `since` ("5.12")?
bool is_kernel_since(std::string_view release, std::string_view since);
// Does /proc/self/uid_map name fewer users than the host has?
bool is_of_namespace(std::string_view uid_map);
// Mount points below /proc in a /proc/self/mountinfo text, without binfmt_misc, which hides nothing.
std::vector<std::string> covered_in(std::string_view mountinfo);

}  // namespace launcher
