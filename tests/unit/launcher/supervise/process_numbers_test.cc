#include "launcher/supervise/process_numbers.h"

#include <doctest/doctest.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launcher/supervise/own_privileges.h"
#include "launcher/sys/file.h"
#include "tests/unit/launcher/supervise/in_child.h"

using namespace launcher;

namespace {

// The first process of a pid namespace with a procfs of its own and three children; the middle one ends.
int master_of_three(int ready) {
  if (::unshare(CLONE_NEWNS) != 0 || ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return 1;
  if (::mount("proc", "/proc", "proc", 0, nullptr) != 0) return 2;
  const pid_t first = start_child([] { return ::pause(); });
  const pid_t middle = start_child([] { return ::pause(); });
  const pid_t last = start_child([] { return ::pause(); });
  ::kill(middle, SIGKILL);
  wait_for(middle);
  const pid_t inside[] = {first, last};
  if (::write(ready, inside, sizeof inside) != sizeof inside) return 3;
  return ::pause();
}

std::vector<pid_t> children_of(pid_t pid) {
  return parse_children(sys::read_file("/proc/" + std::to_string(pid) + "/task/" + std::to_string(pid) + "/children", 4096).value());
}

}  // namespace

TEST_CASE("a list of children as the kernel writes it") {
  CHECK(parse_children("22332 22526 ") == std::vector<pid_t>{22332, 22526});
  for (const char* text : {"", "1", "1 x ", "-1 ", " 1 ", "99999999999 "}) {
    CAPTURE(text);
    CHECK(parse_children(text).empty());
  }
}

TEST_CASE("without a namespace there is one numbering, and without files none") {
  CHECK(ProcessNumbers::of(1, false).inside(77) == 77);
  CHECK_FALSE(ProcessNumbers().inside(77));
}

TEST_CASE("the number in the box of a process out here, also for an unprivileged launcher under its filter") {
  if (::geteuid() != 0 || kSanitized) {
    MESSAGE("skipped: needs root, and no sanitizer");
    return;
  }
  int ends[2] = {};
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  const pid_t master = static_cast<pid_t>(::syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, 0, nullptr, nullptr, 0));
  if (master == 0) ::_exit(master_of_three(ends[1]));
  REQUIRE(master > 0);
  pid_t inside[2] = {};
  REQUIRE(::read(ends[0], inside, sizeof inside) == sizeof inside);
  const auto outside = children_of(master);
  REQUIRE_EQ(outside.size(), 2u);
  CHECK(inside[1] == inside[0] + 2);  // the middle one is gone
  const auto numbers = ProcessNumbers::of(master, true);
  CHECK(numbers.inside(outside[0]) == inside[0]);
  CHECK(numbers.inside(outside[1]) == inside[1]);
  CHECK_FALSE(numbers.inside(master));
  CHECK_FALSE(numbers.inside(::getpid()));
  CHECK(in_child([&] {
          if (!drop_supervisor_privileges(65533, 65534) || !load_supervisor_filter()) return 1;
          if (sys::open("/proc/self/status", O_RDONLY)) return 2;
          return numbers.inside(outside[1]) == inside[1] ? 0 : 3;
        }) == 0);
  ::kill(master, SIGKILL);
  wait_for(master);
  CHECK_FALSE(numbers.inside(outside[0]));
  ::close(ends[0]);
  ::close(ends[1]);
}
