#include "profiles/kernel/syscall_names.h"

#include <seccomp.h>
#include <stdlib.h>

#include <algorithm>

namespace profiles {

namespace {

// libseccomp has no iterator. Its tables end far below this bound; the kernel adds about ten calls a year.
constexpr int kNumbersTried = 1024;

struct Newer {
  std::string_view name;
  int number;
};
constexpr Newer kNewer[] = {
    {"cachestat", 451}, {"fchmodat2", 452}, {"map_shadow_stack", 453}, {"futex_wake", 454}, {"futex_wait", 455}, {"futex_requeue", 456},
    {"statmount", 457}, {"listmount", 458}, {"lsm_get_self_attr", 459}, {"lsm_set_self_attr", 460}, {"lsm_list_modules", 461},
    {"mseal", 462}, {"setxattrat", 463}, {"getxattrat", 464}, {"listxattrat", 465}, {"removexattrat", 466}, {"open_tree_attr", 467},
};

}  // namespace

std::optional<int> syscall_number(std::string_view name) {
  const int number = seccomp_syscall_resolve_name(std::string(name).c_str());
  // A negative number stands for a call of other architectures (or for none).
  return number < 0 ? std::nullopt : std::optional(number);
}

std::string syscall_name(int number) {
  char* const found = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number);
  std::string name = found == nullptr ? "" : found;
  ::free(found);
  return name;
}

bool is_syscall_anywhere(std::string_view name) {
  return seccomp_syscall_resolve_name(std::string(name).c_str()) != __NR_SCMP_ERROR;
}

const std::vector<std::string>& native_syscall_names() {
  static const std::vector<std::string> kNames = [] {
    std::vector<std::string> names;
    for (int number = 0; number < kNumbersTried; ++number)
      if (std::string name = syscall_name(number); !name.empty()) names.push_back(std::move(name));
    std::sort(names.begin(), names.end());
    return names;
  }();
  return kNames;
}

std::optional<int> newer_syscall_number(std::string_view name) {
  for (const Newer& newer : kNewer)
    if (newer.name == name) return newer.number;
  return std::nullopt;
}

int highest_known_syscall() {
  static const int highest = [] {  // each look-up walks libseccomp's whole table
    int number = kNumbersTried;
    while (number > 0 && syscall_name(number).empty()) --number;
    return number;
  }();
  return highest;
}

}  // namespace profiles
