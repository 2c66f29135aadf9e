// Kernel constants and structures newer than the C library's headers, each with the release that brought it.
#pragma once

#include <linux/landlock.h>
#include <linux/mount.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>

#ifndef LANDLOCK_ACCESS_FS_REFER  // 5.19, ABI 2
#define LANDLOCK_ACCESS_FS_REFER (1ULL << 13)
#endif
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE  // 6.2, ABI 3
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif
#ifndef LANDLOCK_ACCESS_FS_IOCTL_DEV  // 6.10, ABI 5
#define LANDLOCK_ACCESS_FS_IOCTL_DEV (1ULL << 15)
#endif
#ifndef LANDLOCK_ACCESS_NET_BIND_TCP  // 6.7, ABI 4
#define LANDLOCK_ACCESS_NET_BIND_TCP (1ULL << 0)
#define LANDLOCK_ACCESS_NET_CONNECT_TCP (1ULL << 1)
#endif
#ifndef LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET  // 6.12, ABI 6
#define LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET (1ULL << 0)
#define LANDLOCK_SCOPE_SIGNAL (1ULL << 1)
#endif
#ifndef MFD_EXEC  // 6.3
#define MFD_EXEC 0x0010U
#endif
#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV  // 5.19
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif
#ifndef PR_GET_MDWE  // 6.3
#define PR_SET_MDWE 65
#define PR_MDWE_REFUSE_EXEC_GAIN (1UL << 0)
#define PR_GET_MDWE 66
#endif

namespace sys {

// struct landlock_ruleset_attr as of ABI 6; older kernels take a shorter one when the rest is zero (landlock(7)).
struct LandlockRulesetAttributes {
  unsigned long long handled_access_fs = 0;
  unsigned long long handled_access_net = 0;
  unsigned long long scoped = 0;
};

}  // namespace sys
