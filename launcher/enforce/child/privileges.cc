// From root to the pool's user, with nothing left, and asked back. Raw calls: the C library's setresuid would signal
// threads that do not exist.
#include <errno.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launcher/enforce/child/steps.h"

namespace child {

static constexpr unsigned long kLockedBits =
    SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP | SECBIT_NO_SETUID_FIXUP_LOCKED |
    SECBIT_KEEP_CAPS_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;

// Past the newest capability PR_CAPBSET_READ says EINVAL.
static constexpr int kCapabilityLimit = 64;

int empty_bounding_set(const Orders& orders, int& subject) {
  if (!orders.has_capabilities) return 0;
  for (int capability = 0; capability < kCapabilityLimit; ++capability) {
    const int present = prctl(PR_CAPBSET_READ, capability, 0, 0, 0);
    if (present < 0) return errno == EINVAL ? 0 : errno;
    subject = capability;
    if (present == 1 && prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0) return errno;
  }
  return 0;
}

int lock_securebits(const Orders& orders, int&) {
  if (!orders.has_capabilities) return 0;
  return prctl(PR_SET_SECUREBITS, kLockedBits, 0, 0, 0) == 0 ? 0 : errno;
}

int drop_identity(const Orders& orders, int&) {
  if (!orders.has_capabilities) return 0;
  if (!orders.keeps_groups && syscall(SYS_setgroups, 0, nullptr) != 0) return errno;
  if (syscall(SYS_setresgid, orders.gid, orders.gid, orders.gid) != 0) return errno;
  if (syscall(SYS_setresuid, orders.uid, orders.uid, orders.uid) != 0) return errno;
  return 0;
}

int clear_capabilities(const Orders&, int&) {
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  const __user_cap_data_struct none[2] = {};
  if (syscall(SYS_capset, &header, none) != 0) return errno;
  return prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) == 0 ? 0 : errno;
}

int set_no_new_privs(const Orders&, int&) { return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 ? 0 : errno; }

static bool ids_are(const Orders& orders) {
  uid_t uid[3] = {};
  gid_t gid[3] = {};
  if (syscall(SYS_getresuid, &uid[0], &uid[1], &uid[2]) != 0 || syscall(SYS_getresgid, &gid[0], &gid[1], &gid[2]) != 0)
    return false;
  for (int i = 0; i < 3; ++i)
    if (uid[i] != orders.uid || gid[i] != orders.gid || uid[i] == 0 || (gid[i] == 0 && !orders.root_group)) return false;
  return true;
}

static bool has_no_groups(const Orders& orders) {
  if (orders.keeps_groups) return true;
  gid_t groups[2] = {};
  const long count = syscall(SYS_getgroups, 2, groups);
  return count == 0 || (!orders.has_capabilities && count == 1 && groups[0] == orders.gid);
}

static bool has_no_capability() {
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2] = {};
  if (syscall(SYS_capget, &header, data) != 0) return false;
  for (const auto& half : data)
    if (half.effective != 0 || half.permitted != 0 || half.inheritable != 0) return false;
  return true;
}

static bool bounding_set_is_empty() {
  for (int capability = 0; capability < kCapabilityLimit; ++capability) {
    const int present = prctl(PR_CAPBSET_READ, capability, 0, 0, 0);
    if (present < 0) return errno == EINVAL;
    if (present != 0) return false;
  }
  return true;
}

// `subject` names the row that is not as it was asked for.
int read_back(const Orders& orders, int& subject) {
  const bool rows[] = {
      ids_are(orders),
      has_no_groups(orders),
      has_no_capability(),
      !orders.has_capabilities || bounding_set_is_empty(),
      !orders.has_capabilities || prctl(PR_GET_SECUREBITS, 0, 0, 0, 0) == static_cast<int>(kLockedBits),
      prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1,
  };
  for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; ++i) {
    subject = static_cast<int>(i);
    if (!rows[i]) return EPERM;
  }
  return 0;
}

}  // namespace child
