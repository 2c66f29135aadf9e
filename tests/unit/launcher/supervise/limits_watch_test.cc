#include "launcher/supervise/limits_watch.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <fstream>

#include "launcher/sys/file.h"
#include "tests/support/scratch.h"

using launcher::Instant;
using launcher::LimitsWatch;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

const std::string kKilled =
    "[26-Nov-2026 10:00:00] WARNING: [pool shop] child 12 exited on signal 9 (SIGKILL) after 3.000000 seconds from start";
const std::string kMemory = "shop: the box ran into limits.memory.max of 512MiB (shop.yaml:6:10): ";
const std::string kPids = "shop: the box ran into limits.pids.max of 64 (shop.yaml:6:30): ";

// The kernel's two files, as far as reading goes.
struct Kernel {
  Scratch scratch;
  LimitsWatch watch;
  Instant start = Instant{} + seconds(1000);

  explicit Kernel(bool notifies = true) : watch(make(notifies)) {}

  void count(const std::string& name, const std::string& text) { std::ofstream(scratch.path(name)) << text; }
  void ended(int times) { count("memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill " + std::to_string(times) + "\n"); }
  void refused(int times) { count("pids.events", "max " + std::to_string(times) + "\n"); }
  // As poll(2) leaves the rows when a counter has changed.
  std::vector<std::string> changed(Instant now) {
    std::array<pollfd, LimitsWatch::kMost> polled{};
    watch.wait_for(polled, now);
    for (pollfd& one : polled) one.revents = one.fd >= 0 ? POLLPRI : 0;
    return watch.handle(polled, now);
  }
  bool waits(Instant now) {
    std::array<pollfd, LimitsWatch::kMost> polled{};
    watch.wait_for(polled, now);
    return polled[0].fd >= 0 || polled[1].fd >= 0;
  }

 private:
  LimitsWatch make(bool notifies) {
    ended(0);
    refused(0);
    std::vector<launcher::LimitCounter> counters;
    counters.push_back({"limits.memory.max", "oom_kill", sys::open(scratch.path("memory.oom_control"), O_RDONLY).value(), notifies});
    counters.push_back({"limits.pids.max", "max", sys::open(scratch.path("pids.events"), O_RDONLY).value(), notifies});
    return LimitsWatch("shop", std::move(counters),
                       {{"limits.memory.max", "limits.memory.max of 512MiB (shop.yaml:6:10)"},
                        {"limits.pids.max", "limits.pids.max of 64 (shop.yaml:6:30)"}});
  }
};

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("a limit that was run into is said with its line, nothing is said without") {
  Kernel kernel;
  CHECK(kernel.changed(kernel.start).empty());
  kernel.ended(1);
  CHECK(kernel.changed(kernel.start + seconds(1)) == Lines{kMemory + "the kernel ended a process"});
  kernel.refused(7);
  CHECK(kernel.changed(kernel.start + seconds(2)) == Lines{kPids + "the kernel refused 7 new processes"});
  CHECK(kernel.changed(kernel.start + seconds(3)).empty());
  CHECK(kernel.watch.last_report().empty());
}

TEST_CASE("a worker's death by signal 9 in the log is a reason to look, another's is not") {
  Kernel kernel;
  kernel.ended(1);
  CHECK(kernel.watch.see("shop said signal 9 (SIGKILL)", kernel.start).empty());
  CHECK(kernel.watch.see("[26-Nov-2026 10:00:00] WARNING: [pool shop] child 12 exited with code 255 after 3.000000 seconds from start",
                         kernel.start).empty());
  CHECK(kernel.watch.see(kKilled, kernel.start) == Lines{kMemory + "the kernel ended a process"});
}

TEST_CASE("one line a minute and counter, the rest is counted") {
  Kernel kernel;
  kernel.refused(1);
  CHECK_EQ(kernel.changed(kernel.start).size(), 1);
  for (int i = 2; i <= 30; ++i) {
    kernel.refused(i);
    CHECK(kernel.changed(kernel.start + seconds(i)).empty());
  }
  CHECK(kernel.watch.report(kernel.start + seconds(59)).empty());
  REQUIRE(kernel.watch.due(kernel.start + seconds(31)).has_value());
  CHECK(*kernel.watch.due(kernel.start + seconds(31)) == kernel.start + seconds(60));
  CHECK(kernel.watch.report(kernel.start + seconds(60)) == Lines{kPids + "the kernel refused 29 new processes"});
  CHECK_FALSE(kernel.watch.due(kernel.start + seconds(61)).has_value());
  kernel.ended(3);
  CHECK(kernel.changed(kernel.start + seconds(62)) == Lines{kMemory + "the kernel ended 3 processes"});
}

TEST_CASE("after a look it rests, and wakes up by itself") {
  Kernel kernel;
  CHECK(kernel.waits(kernel.start));
  CHECK_FALSE(kernel.watch.due(kernel.start).has_value());
  kernel.changed(kernel.start);
  CHECK_FALSE(kernel.waits(kernel.start + milliseconds(249)));
  CHECK(*kernel.watch.due(kernel.start + milliseconds(1)) == kernel.start + milliseconds(250));
  CHECK(kernel.waits(kernel.start + milliseconds(250)));
  CHECK_FALSE(kernel.watch.due(kernel.start + milliseconds(250)).has_value());
}

TEST_CASE("where nothing tells, it looks every five seconds") {
  Kernel kernel(false);
  CHECK_FALSE(kernel.waits(kernel.start));
  CHECK(*kernel.watch.due(kernel.start) == kernel.start);
  CHECK(kernel.watch.report(kernel.start).empty());
  CHECK_FALSE(kernel.waits(kernel.start + seconds(1)));
  CHECK(*kernel.watch.due(kernel.start + seconds(1)) == kernel.start + seconds(5));
  kernel.refused(4);
  CHECK(kernel.watch.report(kernel.start + seconds(4)).empty());
  CHECK(kernel.watch.report(kernel.start + seconds(5)) == Lines{kPids + "the kernel refused 4 new processes"});
  kernel.ended(1);
  CHECK(kernel.watch.see(kKilled, kernel.start + seconds(6)) == Lines{kMemory + "the kernel ended a process"});
  kernel.count("memory.oom_control", "");
  kernel.count("pids.events", "");
  kernel.watch.report(kernel.start + seconds(20));
  CHECK_FALSE(kernel.watch.due(kernel.start + seconds(21)).has_value());
}

TEST_CASE("at the end all is told; what cannot be read any more is not waited for") {
  Kernel kernel;
  kernel.refused(1);
  kernel.changed(kernel.start);
  kernel.refused(3);
  kernel.count("memory.oom_control", "");
  CHECK(kernel.watch.last_report() == Lines{kPids + "the kernel refused 2 new processes"});
  kernel.count("pids.events", "");
  kernel.watch.last_report();
  CHECK_FALSE(kernel.waits(kernel.start + seconds(10)));
}
