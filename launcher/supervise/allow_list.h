// A small seccomp allow-list for fpmbox's own processes. Native architecture only; any other call fails with EPERM.
// EPERM and not a kill: a call that a new C library makes is then an error message and not a dead supervisor with a
// pool that nobody watches.
#pragma once

#include <seccomp.h>

#include <span>

#include "profiles/base/result.h"

namespace launcher {

struct AllowedCall {
  int number;
  bool only_when = false;
  scmp_arg_cmp when = {};  // libseccomp's; for int arguments use masked(): their upper half is undefined
};

constexpr scmp_arg_cmp masked(unsigned argument, scmp_datum_t mask, scmp_datum_t value) {
  return {argument, SCMP_CMP_MASKED_EQ, mask, value};
}
inline constexpr scmp_datum_t kInt = 0xffffffff;

// Sets no_new_privs too.
base::Status load_allow_list(std::span<const AllowedCall> calls);

}  // namespace launcher
