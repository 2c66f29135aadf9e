#include "launcher/denials/call_arguments.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <vector>

#include "profiles/kernel/syscall_names.h"

TEST_CASE("arguments in the kernel's own words, pointers left out") {
  constexpr std::uint64_t kPointer = 0x7ffc12345678;
  constexpr std::uint64_t kHigh = 0xdead'beef'0000'0000;
  struct Row {
    const char* name;
    std::vector<std::uint64_t> arguments;
    const char* text;
  };
  const Row rows[] = {
      {"socket", {AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0}, "socket(AF_NETLINK, SOCK_RAW|SOCK_CLOEXEC, 0)"},
      {"socket", {AF_INET | kHigh, SOCK_STREAM, 6}, "socket(AF_INET, SOCK_STREAM, 6)"},
      {"socket", {77, 99, 0}, "socket(77, SOCK_RAW|0x60, 0)"},
      {"clone", {CLONE_NEWUSER | CLONE_NEWNS | SIGCHLD, kPointer}, "clone(CLONE_NEWNS|CLONE_NEWUSER)"},
      {"unshare", {CLONE_NEWNET}, "unshare(CLONE_NEWNET)"},
      {"prctl", {PR_SET_DUMPABLE, 1}, "prctl(PR_SET_DUMPABLE, 0x1)"},
      {"prctl", {0x12345, kPointer}, "prctl(0x12345, 0x12345678)"},
      {"ioctl", {1, TIOCSTI, kPointer}, "ioctl(1, TIOCSTI)"},
      {"ioctl", {1, 0xabcd, kPointer}, "ioctl(1, 0xabcd)"},
      {"openat", {static_cast<std::uint32_t>(AT_FDCWD), kPointer, O_WRONLY | O_CREAT}, "openat(-100, O_WRONLY|O_CREAT)"},
      {"open", {kPointer, O_RDONLY}, "open(O_RDONLY)"},
      {"mmap", {0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, ~std::uint64_t{0}}, "mmap(4096, PROT_READ|PROT_EXEC, MAP_PRIVATE|MAP_ANONYMOUS, -1)"},
      {"mprotect", {kPointer, 4096, 0}, "mprotect(4096, PROT_NONE)"},
      {"ptrace", {PTRACE_ATTACH, 12, kPointer}, "ptrace(PTRACE_ATTACH, 12)"},
      {"chmod", {kPointer, 02755}, "chmod(02755)"},
      {"prlimit64", {0, RLIMIT_NOFILE, kPointer}, "prlimit64(0, RLIMIT_NOFILE)"},
      {"execve", {kPointer, kPointer, kPointer}, "execve(...)"},
      {"memfd_create", {kPointer, 1}, "memfd_create(0x1)"},
      {"add_key", {kPointer, kPointer, kPointer, 12}, "add_key(...)"},
  };
  for (const Row& row : rows) {
    seccomp_data call = {};
    call.nr = profiles::syscall_number(row.name).value();
    std::copy(row.arguments.begin(), row.arguments.end(), call.args);
    CHECK_EQ(launcher::call_text(call), row.text);
  }
}

TEST_CASE("a number that is no call is said as a number") {
  seccomp_data call = {};
  call.nr = 100000;
  CHECK_EQ(launcher::call_text(call), "system call 100000(...)");
}
