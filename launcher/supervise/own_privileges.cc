#include "launcher/supervise/own_privileges.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <linux/securebits.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>
#include <string>

#include "launcher/supervise/allow_list.h"
#include "launcher/sys/file.h"
#include "launcher/sys/landlock.h"

namespace launcher {
namespace {

constexpr unsigned long kSecurebits = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP |
                                      SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED |
                                      SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;

base::Status control(int option, unsigned long value, const char* name) {
  if (::prctl(option, value, 0, 0, 0) != 0) return sys::failure("prctl", name);
  return base::success();
}

base::Status empty_set() {
  for (unsigned long capability = 0;; ++capability) {
    const int present = ::prctl(PR_CAPBSET_READ, capability, 0, 0, 0);
    if (present < 0 && errno == EINVAL && capability > CAP_LAST_CAP) return base::success();  // past the last that this kernel knows
    if (present == 1 && ::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0) return sys::failure("prctl", "PR_CAPBSET_DROP");
    if (present < 0) return sys::failure("prctl", "PR_CAPBSET_READ");
  }
}

base::Status set_capabilities(std::uint64_t permitted) {
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2] = {};
  data[0].permitted = data[0].effective = static_cast<std::uint32_t>(permitted);
  data[1].permitted = data[1].effective = static_cast<std::uint32_t>(permitted >> 32);
  if (::syscall(SYS_capset, &header, data) != 0) return sys::failure("capset", {});
  return base::success();
}

struct CapabilitySets {
  std::uint64_t permitted = 0;
  std::uint64_t effective = 0;
  std::uint64_t inheritable = 0;
};

base::Result<CapabilitySets> capability_sets() {
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2] = {};
  if (::syscall(SYS_capget, &header, data) != 0) return sys::failure("capget", {});
  const auto whole = [](std::uint32_t low, std::uint32_t high) { return std::uint64_t{high} << 32 | low; };
  return CapabilitySets{whole(data[0].permitted, data[1].permitted), whole(data[0].effective, data[1].effective),
                        whole(data[0].inheritable, data[1].inheritable)};
}

bool bounding_set_is_empty() {
  for (unsigned long capability = 0;; ++capability) {
    const int present = ::prctl(PR_CAPBSET_READ, capability, 0, 0, 0);
    if (present < 0) return errno == EINVAL;  // past the last that this kernel knows
    if (present != 0) return false;
  }
}

base::Status read_back_capabilities(std::uint64_t permitted, bool bounded) {
  const CapabilitySets sets = TRY(capability_sets());
  if (sets.permitted != permitted || sets.effective != permitted || sets.inheritable != 0)
    return base::Error{"the capabilities are not what was set", {}, 0, {}};
  if (!bounded) return base::success();
  if (!bounding_set_is_empty()) return base::Error{"the bounding set is not empty", {}, 0, {}};
  if (::prctl(PR_GET_SECUREBITS, 0, 0, 0, 0) != static_cast<int>(kSecurebits))
    return base::Error{"securebits are not what was set", {}, 0, {}};
  return base::success();
}

// "Uid" -> what stands behind "Uid:\t"; "?" when there is no such line.
std::string_view field(std::string_view status, std::string_view name) {
  const std::string key = "\n" + std::string(name) + ":\t";
  const std::size_t at = status.find(key);
  if (at == std::string_view::npos) return "?";
  status.remove_prefix(at + key.size());
  status = status.substr(0, status.find('\n'));
  while (status.ends_with(' ')) status.remove_suffix(1);
  return status;
}

std::string four_times(unsigned id) {
  const std::string text = std::to_string(id);
  return text + "\t" + text + "\t" + text + "\t" + text;
}

std::string hexadecimal(std::uint64_t set) {
  char text[20];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(set));
  return text;
}

base::Status become(uid_t uid, gid_t gid) {
  if (::setgroups(0, nullptr) != 0) return sys::failure("setgroups", {});
  if (::setresgid(gid, gid, gid) != 0) return sys::failure("setresgid", std::to_string(gid));
  if (::setresuid(uid, uid, uid) != 0) return sys::failure("setresuid", std::to_string(uid));
  return base::success();
}

base::Status read_back(uid_t uid, gid_t gid, std::uint64_t permitted) {
  const std::string status = TRY(sys::read_file("/proc/self/status", 64 * 1024));
  return check_status(status, uid, gid, permitted);
}

base::Status read_back_securebits() {
  if (::prctl(PR_GET_SECUREBITS, 0, 0, 0, 0) != static_cast<int>(kSecurebits)) {
    return base::Error{"securebits are not what was set", {}, 0, {}};
  }
  return base::success();
}

constexpr scmp_arg_cmp exactly(unsigned argument, scmp_datum_t value) { return masked(argument, kInt, value); }
constexpr scmp_arg_cmp kNotExecutable = masked(2, PROT_EXEC, 0);

// clang-format off
constexpr AllowedCall kCalls[] = {
    // the loop
    {SCMP_SYS(ppoll)}, {SCMP_SYS(poll)}, {SCMP_SYS(read)}, {SCMP_SYS(pread64)}, {SCMP_SYS(readv)}, {SCMP_SYS(write)}, {SCMP_SYS(writev)},
    {SCMP_SYS(close)}, {SCMP_SYS(clock_gettime)}, {SCMP_SYS(clock_nanosleep)}, {SCMP_SYS(nanosleep)},
    {SCMP_SYS(restart_syscall)},
    {SCMP_SYS(fcntl), true, exactly(1, F_GETFL)}, {SCMP_SYS(fcntl), true, exactly(1, F_SETFL)},
    // the kept log and the state
    {SCMP_SYS(pwrite64)}, {SCMP_SYS(ftruncate)},
    // the box and the janitor
    {SCMP_SYS(pidfd_send_signal)}, {SCMP_SYS(waitid)}, {SCMP_SYS(wait4)},
    // pings, the service manager, a socket as stderr
    {SCMP_SYS(socket), true, exactly(0, AF_UNIX)}, {SCMP_SYS(connect)}, {SCMP_SYS(sendto)}, {SCMP_SYS(recvfrom)},
    {SCMP_SYS(shutdown)},
    // who asks for the pool's health
    {SCMP_SYS(accept4)},
    // denials
    {SCMP_SYS(ioctl), true, exactly(1, SECCOMP_IOCTL_NOTIF_RECV)},
    {SCMP_SYS(ioctl), true, exactly(1, SECCOMP_IOCTL_NOTIF_SEND)},
    {SCMP_SYS(ioctl), true, exactly(1, SECCOMP_IOCTL_NOTIF_ID_VALID)},
    // the C library's memory, locks and signals
    {SCMP_SYS(brk)}, {SCMP_SYS(munmap)}, {SCMP_SYS(mremap)}, {SCMP_SYS(madvise)}, {SCMP_SYS(futex)}, {SCMP_SYS(getrandom)},
    {SCMP_SYS(mmap), true, kNotExecutable}, {SCMP_SYS(mprotect), true, kNotExecutable},
    {SCMP_SYS(rt_sigprocmask)}, {SCMP_SYS(rt_sigaction)}, {SCMP_SYS(rt_sigreturn)}, {SCMP_SYS(getpid)}, {SCMP_SYS(gettid)},
    {SCMP_SYS(exit)}, {SCMP_SYS(exit_group)},
};
// clang-format on

// The live socket of `listen: tcp`: connect(2) with AF_UNSPEC ends its listening, and it connects from there, to addresses that no
// filter sees. Where Landlock does not know TCP, the box has the gap landlock.network for the same reason.
base::Status deny_tcp() {
  constexpr int kKnowsTcp = 4;
  if (sys::landlock_abi() < kKnowsTcp) return base::success();
  sys::LandlockRulesetAttributes attributes;
  attributes.handled_access_net = LANDLOCK_ACCESS_NET_BIND_TCP | LANDLOCK_ACCESS_NET_CONNECT_TCP;
  const sys::Fd ruleset = TRY(sys::landlock_ruleset(attributes));
  return sys::landlock_restrict(ruleset.get());
}

}  // namespace

base::Status empty_bounding_set() {
  const CapabilitySets sets = TRY(capability_sets());
  return (sets.effective & capability_bit(CAP_SETPCAP)) != 0 ? empty_set() : base::success();
}

// The order is forced: dropping the bounding set and setting securebits need CAP_SETPCAP, which capset then takes away.
base::Status keep_capabilities(std::uint64_t permitted) {
  const CapabilitySets sets = TRY(capability_sets());
  const std::uint64_t held = sets.permitted & sets.effective;
  const bool bounded = (held & capability_bit(CAP_SETPCAP)) != 0;
  if (bounded) {
    TRY(empty_set());
    TRY(control(PR_SET_SECUREBITS, kSecurebits, "PR_SET_SECUREBITS"));
  }
  if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0)
    return sys::failure("prctl", "PR_CAP_AMBIENT_CLEAR_ALL");
  TRY(set_capabilities(permitted & held));
  return read_back_capabilities(permitted & held, bounded);
}

base::Status drop_supervisor_privileges(uid_t uid, gid_t gid) {
  if (uid == 0 || gid == 0) return base::Error{"the supervisor's user and group must not be root's", {}, 0, {}};
  constexpr std::uint64_t kKept = capability_bit(CAP_KILL);
  // NO_SETUID_FIXUP keeps the sets through the uid change, which itself still needs CAP_SETUID and CAP_SETGID
  TRY(keep_capabilities(kKept | capability_bit(CAP_SETUID) | capability_bit(CAP_SETGID)));
  TRY(become(uid, gid));
  TRY(set_capabilities(kKept));
  TRY(drop_nothing_but_growth());
  TRY(read_back(uid, gid, kKept));
  return read_back_securebits();
}

base::Status become_ordinary(uid_t uid, gid_t gid) {
  if (uid == 0) return base::Error{"that is root", {}, 0, {}};
  TRY(empty_bounding_set());
  TRY(become(uid, gid));  // takes the capabilities along
  TRY(drop_nothing_but_growth());
  return read_back(uid, gid, 0);
}

base::Status drop_namespace_privileges() {
  TRY(keep_capabilities(0));
  return drop_nothing_but_growth();
}

base::Status drop_nothing_but_growth() {
  TRY(control(PR_SET_NO_NEW_PRIVS, 1, "PR_SET_NO_NEW_PRIVS"));
  TRY(control(PR_SET_DUMPABLE, 0, "PR_SET_DUMPABLE"));
  if (::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1) return base::Error{"no_new_privs is not set", {}, 0, {}};
  if (::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0) return base::Error{"still dumpable", {}, 0, {}};
  return base::success();
}

base::Status drop_privileges(const std::optional<Ids>& become) {
  if (become) return drop_supervisor_privileges(become->uid, become->gid);
  return ::geteuid() != 0 ? drop_namespace_privileges() : drop_nothing_but_growth();
}

base::Status load_supervisor_filter() {
  TRY(deny_tcp());  // ahead of the filter, which lets no call of Landlock's through
  return load_allow_list(kCalls);
}

base::Status check_status(std::string_view status, uid_t uid, gid_t gid, std::uint64_t permitted) {
  const struct {
    const char* name;
    std::string expected;
  } rows[] = {
      {"Uid", four_times(uid)},   {"Gid", four_times(gid)},           {"Groups", ""},
      {"CapInh", hexadecimal(0)}, {"CapPrm", hexadecimal(permitted)}, {"CapEff", hexadecimal(permitted)},
      {"CapBnd", hexadecimal(0)}, {"CapAmb", hexadecimal(0)},         {"NoNewPrivs", "1"},
  };
  for (const auto& row : rows) {
    const std::string_view found = field(status, row.name);
    if (found != row.expected) {
      return base::Error{std::string("after the drop ") + row.name + " is \"" + std::string(found) + "\" and not \"" +
                             row.expected + "\"",
                         {},
                         0,
                         {}};
    }
  }
  return base::success();
}

}  // namespace launcher
