// Can an ordinary user have a box's namespaces here? Security modules, sysctls and the filters of containers all have a say,
// so it is tried, in a child: about two milliseconds.
#pragma once

#include <string>

namespace launcher {

struct NamespaceTrial {
  std::string step;  // that fails: "user namespace", "mounts", "namespaces" or "proc"; "" when all worked
  int code = 0;      // errno
};
NamespaceTrial try_user_namespace();

// What an operator can do where making the namespaces fails with this errno.
std::string remedy_for_namespaces(int code);

}  // namespace launcher
