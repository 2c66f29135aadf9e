// Can an ordinary user have a box's namespaces here? Security modules, sysctls and the filters of containers all have a say,
// so it is tried, in a child: about two milliseconds.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace launcher {

struct NamespaceTrial {
  std::string step;  // that fails: "user namespace", "mounts", "namespaces" or "proc"; "" when all worked
  int code = 0;      // errno
};
struct TrialIds {
  uid_t uid = 0;
  gid_t gid = 0;
};
// `as`: root tries it as that user, which it will be.
NamespaceTrial try_user_namespace(const std::optional<TrialIds>& as = std::nullopt);

// What an operator can do where making the namespaces fails with this errno.
std::string remedy_for_namespaces(int code);

}  // namespace launcher
