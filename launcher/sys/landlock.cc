#include "launcher/sys/landlock.h"

#include <sys/syscall.h>

#include "launcher/sys/file.h"

namespace sys {

int landlock_abi() {
  long abi = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  return abi < 0 ? 0 : static_cast<int>(abi);
}

base::Result<Fd> landlock_ruleset(const LandlockRulesetAttributes& attributes) {
  Fd ruleset(static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0)));
  if (!ruleset) return failure("landlock_create_ruleset", {});
  return ruleset;
}

base::Status landlock_allow(int ruleset, int path, std::uint64_t rights) {
  struct landlock_path_beneath_attr rule {};
  rule.allowed_access = rights;
  rule.parent_fd = path;
  if (::syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0)
    return failure("landlock_add_rule", {});
  return base::success();
}

base::Status landlock_allow_port(int ruleset, std::uint16_t port, std::uint64_t rights) {
  struct {
    std::uint64_t allowed_access;
    std::uint64_t port;
  } rule{rights, port};
  constexpr int kRuleNetPort = 2;  // LANDLOCK_RULE_NET_PORT, 6.7
  if (::syscall(SYS_landlock_add_rule, ruleset, kRuleNetPort, &rule, 0) != 0)
    return failure("landlock_add_rule", "port " + std::to_string(port));
  return base::success();
}

base::Status landlock_restrict(int ruleset) {
  if (::syscall(SYS_landlock_restrict_self, ruleset, 0) != 0) return failure("landlock_restrict_self", {});
  return base::success();
}

}  // namespace sys
