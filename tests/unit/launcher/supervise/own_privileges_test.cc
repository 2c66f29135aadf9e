#include "launcher/supervise/own_privileges.h"

#include <doctest/doctest.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>
#include <string>

#include "launcher/sys/landlock.h"
#include "tests/unit/launcher/supervise/in_child.h"

using namespace launcher;

namespace {

const std::string kGood =
    "Name:\tfpmbox\nUmask:\t0022\nUid:\t995\t995\t995\t995\nGid:\t994\t994\t994\t994\nGroups:\t \n"
    "CapInh:\t0000000000000000\nCapPrm:\t0000000000000020\nCapEff:\t0000000000000020\n"
    "CapBnd:\t0000000000000000\nCapAmb:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t0\n";

std::string with(const std::string& from, const std::string& to) {
  std::string text = kGood;
  return text.replace(text.find(from), from.size(), to);
}

bool refused(long result) { return result == -1 && errno == EPERM; }

// What is left to a supervisor, from the inside: 0 when all is as promised.
int look_around(int own_pidfd, int stranger) {
  if (::syscall(SYS_pidfd_send_signal, own_pidfd, 0, nullptr, 0) != 0) return 10;
  if (!refused(::kill(stranger, 0))) return 11;
  if (!refused(::syscall(SYS_pidfd_open, stranger, 0))) return 12;
  if (!refused(::open("/etc/hostname", O_RDONLY))) return 13;
  if (!refused(::socket(AF_INET, SOCK_STREAM, 0))) return 14;
  if (::close(::socket(AF_UNIX, SOCK_DGRAM, 0)) != 0) return 15;
  if (!refused(::fork())) return 16;
  if (!refused(::execl("/bin/true", "true", nullptr))) return 17;
  if (::mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED) return 18;
  void* page = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return 19;
  if (!refused(::mprotect(page, 4096, PROT_READ | PROT_EXEC))) return 20;
  if (!refused(::setuid(0))) return 21;
  if (!refused(::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0))) return 22;
  delete[] new char[1 << 20];
  std::string grows;
  for (int i = 0; i < 1 << 18; ++i) grows += "0123456789";
  return 0;
}

}  // namespace

TEST_CASE("what /proc says after the drop is compared field by field") {
  CHECK(toString(check_status(kGood, 995, 994, 0x20)) == "success");
  const struct {
    const char* from;
    const char* to;
  } rows[] = {
      {"995\t995\t995\t995", "995\t0\t995\t995"},
      {"994\t994\t994\t994", "994\t994\t0\t994"},
      {"Groups:\t ", "Groups:\t27 "},
      {"CapInh:\t0000000000000000", "CapInh:\t0000000000000020"},
      {"CapPrm:\t0000000000000020", "CapPrm:\t0000000000000021"},
      {"CapEff:\t0000000000000020", "CapEff:\t0000000000000000"},
      {"CapBnd:\t0000000000000000", "CapBnd:\t0000000000000020"},
      {"CapAmb:\t0000000000000000", "CapAmb:\t0000000000000020"},
      {"NoNewPrivs:\t1", "NoNewPrivs:\t0"},
      {"NoNewPrivs:\t1\n", ""},
  };
  for (const auto& row : rows) {
    CAPTURE(row.to);
    CHECK_FALSE(check_status(with(row.from, row.to), 995, 994, 0x20).ok());
  }
  CHECK_FALSE(check_status("", 995, 994, 0x20).ok());
}

TEST_CASE("root is no supervisor") {
  CHECK_FALSE(drop_supervisor_privileges(0, 994).ok());
  CHECK_FALSE(drop_supervisor_privileges(995, 0).ok());
}

TEST_CASE("a supervisor can signal what it holds, and nothing else") {
  if (::geteuid() != 0 || kSanitized) {
    MESSAGE("skipped: needs root, and no sanitizer");
    return;
  }
  const pid_t held = start_child([] { return ::pause(); });
  const int pidfd = static_cast<int>(::syscall(SYS_pidfd_open, held, 0));
  const pid_t stranger = ::getpid();
  CHECK(in_child([&] {
          const auto dropped = drop_supervisor_privileges(65533, 65534);
          if (!dropped) return std::fprintf(stderr, "%s\n", dropped.error().text().c_str()), 1;
          if (::getuid() != 65533 || ::getgid() != 65534) return 2;
          if (::setuid(0) == 0) return 3;
          const auto loaded = load_supervisor_filter();
          if (!loaded) return std::fprintf(stderr, "%s\n", loaded.error().text().c_str()), 4;
          return look_around(pidfd, stranger);
        }) == 0);
  ::kill(held, SIGKILL);
  wait_for(held);
  ::close(pidfd);
}

TEST_CASE("an empty bounding set is handed on, and leaves what is held") {
  if (::geteuid() != 0) {
    MESSAGE("skipped: needs root");
    return;
  }
  const auto is_bounded = [] { return ::prctl(PR_CAPBSET_READ, 0, 0, 0, 0) == 0 && ::prctl(PR_CAPBSET_READ, 21, 0, 0, 0) == 0; };
  CHECK_FALSE(is_bounded());
  CHECK(in_child([&] {
          if (!empty_bounding_set() || !empty_bounding_set()) return 1;
          if (!is_bounded() || ::chroot("/") != 0) return 2;  // CAP_SYS_CHROOT, effective still
          return in_child([&] { return is_bounded() ? 0 : 3; });
        }) == 0);
  CHECK(in_child([&] {
          if (!keep_capabilities(0)) return 1;
          return empty_bounding_set() ? 0 : 2;  // there is nothing to do it with, nor anything left to do
        }) == 0);
}

TEST_CASE("where there is nothing to drop, nothing can be gained") {
  CHECK(in_child([] {
          if (!drop_nothing_but_growth()) return 1;
          if (::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1) return 2;
          return ::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0 ? 0 : 3;
        }) == 0);
}

namespace {

int listen_on_loopback(sockaddr_in& address) {
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  socklen_t size = sizeof address;
  if (::bind(listener, reinterpret_cast<const sockaddr*>(&address), size) != 0 || ::listen(listener, 1) != 0) return -1;
  return ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) == 0 ? listener : -1;
}

// connect(2) with AF_UNSPEC ends its listening; 0 when it then connects to `there`, else errno.
int turn_round(int listener, const sockaddr_in& there) {
  const sockaddr nowhere = {.sa_family = AF_UNSPEC};
  if (::connect(listener, &nowhere, sizeof nowhere) != 0) return errno;
  return ::connect(listener, reinterpret_cast<const sockaddr*>(&there), sizeof there) == 0 ? 0 : errno;
}

}  // namespace

TEST_CASE("the listening socket of a pool by TCP cannot be made to connect by a supervisor that was taken over") {
  if (sys::landlock_abi() < 4 || kSanitized) {
    MESSAGE("skipped: needs a Landlock that knows TCP, and no sanitizer");
    return;
  }
  sockaddr_in there = {}, own = {};
  const int target = listen_on_loopback(there), other = listen_on_loopback(own);
  REQUIRE_GE(target, 0);
  CHECK(in_child([&] { return turn_round(other, there); }) == 0);  // control
  sockaddr_in live_address = {};
  const int live = listen_on_loopback(live_address);
  CHECK(in_child([&] {
          if (!drop_nothing_but_growth() || !load_supervisor_filter()) return 1;
          return turn_round(live, there);
        }) == EACCES);
  for (const int fd : {target, other, live}) ::close(fd);
}
