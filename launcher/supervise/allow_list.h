// A small seccomp allow-list for fpmbox's own processes. Native architecture only; any other call fails with EPERM.
// EPERM and not a kill: a call that a new C library makes is then an error message and not a dead supervisor with a
// pool that nobody watches. Written out here and not by libseccomp, which the boxes' filters take: that needs a heap, a
// dozen questions to the kernel and, in a forked janitor, a copy of each page of its memory.
//
//   constexpr AllowedCall kCalls[] = {{SCMP_SYS(read)}, {SCMP_SYS(ioctl), true, masked(1, kInt, FIONREAD)}};
//   TRY(load_allow_list(kCalls));
#pragma once

#include <linux/filter.h>
#include <seccomp.h>

#include <array>
#include <span>

#include "profiles/base/result.h"

namespace launcher {

struct AllowedCall {
  int number;
  bool only_when = false;
  scmp_arg_cmp when = {};  // of libseccomp's kinds masked() alone, in the lower half: the upper one of an int argument is undefined
};

constexpr scmp_arg_cmp masked(unsigned argument, scmp_datum_t mask, scmp_datum_t value) {
  return {argument, SCMP_CMP_MASKED_EQ, mask, value};
}
inline constexpr scmp_datum_t kInt = 0xffffffff;

struct AllowList {
  std::array<sock_filter, 256> code = {};
  unsigned short length = 0;
};
// A call may stand in several rows, and is allowed by each.
base::Result<AllowList> compile_allow_list(std::span<const AllowedCall> calls);

// Sets no_new_privs too.
base::Status load_allow_list(std::span<const AllowedCall> calls);

}  // namespace launcher
