#include "launcher/facts/kernel_calls.h"

#include <doctest/doctest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstddef>
#include <string>

#include "launcher/facts/kernel.h"
#include "tests/unit/launcher/supervise/in_child.h"

using namespace launcher;

namespace {

// From now on `number` fails with `code`, as an older kernel or a container's filter has it.
bool take_away(long number, unsigned code) {
  sock_filter rows[] = {{BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(seccomp_data, nr)},
                        {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, static_cast<unsigned>(number)},
                        {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | code},
                        {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW}};
  const sock_fprog program = {4, rows};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

}  // namespace

TEST_CASE("a call that is not there is named, with the kernel that has it") {
  const bool has_privileges = has_needed_capabilities();
  const struct {
    long number;
    unsigned code;
    const char* name;
    bool is_missed;
    bool is_missed_enclosed;
  } rows[] = {
      {SYS_mount_setattr, ENOSYS, "mount_setattr", true, false},
      {SYS_mount_setattr, EPERM, "mount_setattr", has_privileges, false},
      {SYS_openat2, ENOSYS, "openat2", true, false},
      {SYS_pidfd_send_signal, EPERM, "pidfd_send_signal", has_privileges, true},
      {SYS_close_range, ENOSYS, "close_range", true, true},
      {SYS_close_range, EINVAL, "close_range", true, true},
      {SYS_clone3, ENOSYS, "clone3", false, false},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    for (const bool enclosed : {false, true}) {
      const int missed = in_child([&] {
        if (!take_away(row.number, row.code)) return 2;
        for (const MissingCall& call : missing_calls(enclosed))
          if (call.name == row.name && !call.since.empty()) return 1;
        return 0;
      });
      CHECK_EQ(missed, enclosed ? row.is_missed_enclosed : row.is_missed);
    }
  }
}
