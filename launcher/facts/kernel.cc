#include "launcher/facts/kernel.h"

#include <cap-ng.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <string>

#include "launcher/sys/missing.h"

namespace launcher {
namespace {

struct Needed {
  int capability;
  const char* name;
};
constexpr Needed kNeeded[] = {{CAP_SYS_ADMIN, "SYS_ADMIN"}, {CAP_SETUID, "SETUID"}, {CAP_SETGID, "SETGID"}, {CAP_MKNOD, "MKNOD"},
                              {CAP_CHOWN, "CHOWN"},         {CAP_KILL, "KILL"},     {CAP_SETPCAP, "SETPCAP"}};

// capget(2) says the same as CapEff in /proc/self/status and needs neither a mounted /proc nor a parser.
std::uint64_t effective_capabilities() {
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};
  if (::syscall(SYS_capget, &header, data) != 0) return 0;
  return data[0].effective | static_cast<std::uint64_t>(data[1].effective) << 32;
}

}  // namespace

std::vector<std::string> missing_capabilities() {
  std::vector<std::string> out;
  const std::uint64_t effective = effective_capabilities();
  for (const Needed& one : kNeeded)
    if ((effective >> one.capability & 1) == 0) out.emplace_back(one.name);
  return out;
}

bool has_capability(const std::string& name) {
  const int number = ::capng_name_to_capability(name.c_str());
  return number >= 0 && (effective_capabilities() >> number & 1) != 0;
}

bool has_needed_capabilities() { return missing_capabilities().empty(); }

bool knows_filter_flags(unsigned long flags) {
  return ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, nullptr) != 0 && errno == EFAULT;  // else EINVAL
}

bool has_exec_notification() {
  const std::uint32_t action = SECCOMP_RET_USER_NOTIF;
  return ::syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0 &&
         knows_filter_flags(SECCOMP_FILTER_FLAG_NEW_LISTENER);
}

bool has_user_notification() {
  return has_exec_notification() &&
         knows_filter_flags(SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV);
}

}  // namespace launcher
