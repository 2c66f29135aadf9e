// The constants that argument rules may name. From the kernel's own headers, because a few differ between architectures.
#include <asm/ioctls.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <charconv>

#include "profiles/kernel/syscall_names.h"

namespace profiles {

namespace {

struct Constant {
  std::string_view name;
  std::uint64_t value;
};

// clang-format off: a name per line would hide the table
#define NAMED(name) {#name, static_cast<std::uint64_t>(name)}
constexpr Constant kConstants[] = {
    {"NULL", 0},
    // clone, unshare
    NAMED(CLONE_NEWNS), NAMED(CLONE_NEWCGROUP), NAMED(CLONE_NEWUTS), NAMED(CLONE_NEWIPC), NAMED(CLONE_NEWUSER),
    NAMED(CLONE_NEWPID), NAMED(CLONE_NEWNET), NAMED(CLONE_NEWTIME), NAMED(CLONE_VM), NAMED(CLONE_FS),
    NAMED(CLONE_FILES), NAMED(CLONE_SIGHAND), NAMED(CLONE_PTRACE), NAMED(CLONE_VFORK), NAMED(CLONE_PARENT),
    NAMED(CLONE_THREAD), NAMED(CLONE_PIDFD), NAMED(CLONE_IO), NAMED(CLONE_UNTRACED),
    // ioctl
    NAMED(TCGETS), NAMED(TCSETS), NAMED(TCSETSW), NAMED(TCSETSF), NAMED(TCSBRK), NAMED(TCXONC), NAMED(TCFLSH),
    NAMED(TIOCGWINSZ), NAMED(TIOCSWINSZ), NAMED(TIOCGPGRP), NAMED(TIOCSPGRP), NAMED(TIOCSCTTY), NAMED(TIOCNOTTY),
    NAMED(TIOCOUTQ), NAMED(TIOCSTI), NAMED(TIOCLINUX), NAMED(TIOCCONS), NAMED(TIOCGPTN), NAMED(TIOCSPTLCK),
    NAMED(FIONREAD), NAMED(FIONBIO), NAMED(FIOASYNC), NAMED(FIOCLEX), NAMED(FIONCLEX),
    // prctl
    NAMED(PR_SET_PDEATHSIG), NAMED(PR_GET_PDEATHSIG), NAMED(PR_GET_DUMPABLE), NAMED(PR_SET_DUMPABLE),
    NAMED(PR_GET_KEEPCAPS), NAMED(PR_SET_KEEPCAPS), NAMED(PR_SET_NAME), NAMED(PR_GET_NAME), NAMED(PR_GET_SECCOMP),
    NAMED(PR_SET_SECCOMP), NAMED(PR_CAPBSET_READ), NAMED(PR_CAPBSET_DROP), NAMED(PR_GET_TSC), NAMED(PR_SET_TSC),
    NAMED(PR_GET_SECUREBITS), NAMED(PR_SET_SECUREBITS), NAMED(PR_SET_TIMERSLACK), NAMED(PR_GET_TIMERSLACK),
    NAMED(PR_SET_MM), NAMED(PR_SET_PTRACER), NAMED(PR_SET_CHILD_SUBREAPER), NAMED(PR_GET_CHILD_SUBREAPER),
    NAMED(PR_SET_NO_NEW_PRIVS), NAMED(PR_GET_NO_NEW_PRIVS), NAMED(PR_GET_TID_ADDRESS), NAMED(PR_SET_THP_DISABLE),
    NAMED(PR_GET_THP_DISABLE), NAMED(PR_CAP_AMBIENT), NAMED(PR_GET_SPECULATION_CTRL),
    NAMED(PR_SET_SPECULATION_CTRL), NAMED(PR_SET_VMA),
    // socket, socketpair
    NAMED(AF_UNSPEC), NAMED(AF_UNIX), NAMED(AF_INET), NAMED(AF_INET6), NAMED(AF_NETLINK), NAMED(AF_PACKET),
    NAMED(AF_ALG), NAMED(AF_VSOCK), NAMED(AF_KEY), NAMED(AF_BLUETOOTH), NAMED(AF_CAN), NAMED(AF_TIPC), NAMED(AF_XDP),
    NAMED(SOCK_STREAM), NAMED(SOCK_DGRAM), NAMED(SOCK_RAW), NAMED(SOCK_SEQPACKET), NAMED(SOCK_CLOEXEC),
    NAMED(SOCK_NONBLOCK),
    // sendto, sendmsg, sendmmsg
    NAMED(MSG_FASTOPEN),
    // mmap, mprotect, shmat
    NAMED(S_ISUID), NAMED(S_ISGID), NAMED(S_ISVTX),
    NAMED(PROT_NONE), NAMED(PROT_READ), NAMED(PROT_WRITE), NAMED(PROT_EXEC), NAMED(MAP_SHARED), NAMED(MAP_PRIVATE),
    NAMED(MAP_ANONYMOUS), NAMED(MAP_FIXED), NAMED(SHM_EXEC),
};
#undef NAMED
// clang-format on

std::optional<std::uint64_t> literal(std::string_view text) {
  const int base = text.starts_with("0x") ? 16 : 10;
  if (base == 16) text.remove_prefix(2);
  if (base == 10 && text.size() > 1 && text.front() == '0') return std::nullopt;  // octal to some, decimal to others
  std::uint64_t value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (failed != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::optional<std::uint64_t> kernel_constant(std::string_view name) {
  for (const Constant& constant : kConstants)
    if (constant.name == name) return constant.value;
  return literal(name);
}

const std::vector<std::string>& kernel_constant_names() {
  static const std::vector<std::string> kNames = [] {
    std::vector<std::string> names;
    for (const Constant& constant : kConstants) names.emplace_back(constant.name);
    return names;
  }();
  return kNames;
}

}  // namespace profiles
