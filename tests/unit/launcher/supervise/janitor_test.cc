#include "launcher/supervise/janitor.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "launcher/sys/file.h"
#include "tests/unit/launcher/supervise/fake_fpm.h"
#include "tests/unit/launcher/supervise/in_child.h"

using namespace launcher;

namespace {

// A run directory with a bound socket in a directory of its own, as prepare() makes them.
struct Place {
  std::string root;
  std::string run;
  std::string socket;
  sys::Fd bound{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  Place() {
    char name[] = "/tmp/fpmbox-test-XXXXXX";
    root = ::mkdtemp(name);
    run = root + "/www";
    socket = run + "/live.sock";
    REQUIRE(::mkdir(run.c_str(), 0750) == 0);
    rebind();
  }
  ~Place() {
    ::unlink(socket.c_str());
    ::rmdir(run.c_str());
    ::rmdir(root.c_str());
  }
  void rebind() {
    bound = sys::Fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ::unlink(socket.c_str());
    sockaddr_un where = {};
    where.sun_family = AF_UNIX;
    socket.copy(where.sun_path, socket.size());
    REQUIRE(::bind(bound.get(), reinterpret_cast<sockaddr*>(&where), sizeof where) == 0);
  }
  JanitorPlan plan() const {
    JanitorPlan plan;
    struct stat info = {};
    REQUIRE(::stat(socket.c_str(), &info) == 0);
    plan.live_socket = JanitorPlan::Socket{directory(run), "live.sock", info.st_dev, info.st_ino};
    plan.run_directory = JanitorPlan::Directory{directory(root), "www"};
    return plan;
  }
  static sys::Fd directory(const std::string& path) {
    return sys::Fd(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  }
  bool exists(const std::string& path) const { return ::access(path.c_str(), F_OK) == 0; }
};

sys::Fd pidfd_of(pid_t pid) { return sys::Fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))); }

bool ends_within(const sys::Fd& pidfd, int ms) {
  pollfd wait = {pidfd.get(), POLLIN, 0};
  return ::poll(&wait, 1, ms) == 1;
}

// A fresh cgroup below one that can be written, "" when there is none.
std::string make_cgroup(const std::string& hierarchy, const std::string& name) {
  const std::string path = hierarchy + "/" + name;
  return ::geteuid() == 0 && ::mkdir(path.c_str(), 0755) == 0 ? path : "";
}
bool move_into(const std::string& group, pid_t pid) {
  std::ofstream file(group + "/cgroup.procs");
  file << pid << std::flush;
  return file.good();
}

// A sanitizer's runtime in the janitor would run into its filter.
bool can_run() {
  if (!kSanitized) return true;
  MESSAGE("skipped: a filter under a sanitizer");
  return false;
}

base::Result<Janitor> ready_janitor(JanitorPlan plan) {
  Janitor janitor = TRY(start_janitor(std::move(plan)));
  TRY(await_janitor(janitor));
  return janitor;
}

}  // namespace

TEST_CASE("the work itself") {
  Place place;
  const JanitorPlan plan = place.plan();
  const pid_t box = start_child([] { return ::pause(); });
  const sys::Fd pidfd = pidfd_of(box);
  CHECK(toString(left_behind(remove_remains(plan, pidfd.get()))) == "success");
  CHECK(wait_for(box) == 128 + SIGKILL);
  CHECK_FALSE(place.exists(place.run));
  CHECK(toString(left_behind(remove_remains(plan, -1))) == "success");
}

TEST_CASE("what cannot be removed is named") {
  Place place;
  JanitorPlan plan = place.plan();
  plan.cgroups.push_back({Place::directory(place.root), "www", {}});  // not empty, and no group
  plan.live_socket.reset();
  CHECK(toString(left_behind(remove_remains(plan, -1))) == "left behind: cgroups; `fpmbox stop --remains` removes what nobody uses any more");
  CHECK(place.exists(place.socket));
}

TEST_CASE("the launcher's files go under whichever name they have, and nobody else's do") {
  Place place;
  const sys::Fd folder(::open(place.run.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const auto make = [&](const char* name) { return sys::Fd(::openat(folder.get(), name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600)); };
  JanitorPlan plan;
  plan.files.push_back({Place::directory(place.run), {"draft", "record"}, make("draft")});
  plan.files.push_back({Place::directory(place.run), {"state"}, make("state")});
  plan.files.push_back({Place::directory(place.run), {"gone"}, make("gone")});
  ::unlinkat(folder.get(), "gone", 0);
  REQUIRE(::renameat(folder.get(), "draft", folder.get(), "record") == 0);
  ::unlinkat(folder.get(), "state", 0);
  const sys::Fd newer = make("state");  // of the next launcher
  CHECK(toString(left_behind(remove_remains(plan, -1))) == "success");
  CHECK_FALSE(place.exists(place.run + "/record"));
  CHECK(place.exists(place.run + "/state"));
  ::unlinkat(folder.get(), "state", 0);
}

TEST_CASE("a copy of a program goes once its source was replaced and nobody uses it") {
  const struct {
    bool is_replaced;
    bool is_used;
    bool is_another;  // ours was removed, and its name is that of another by now
    bool stays;
  } rows[] = {{false, false, false, true}, {true, true, false, true}, {true, false, false, false}, {true, false, true, true}};
  for (const auto& row : rows) {
    Place place;
    const sys::Fd folder(::open(place.run.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    const auto open = [&](const char* name) { return sys::Fd(::openat(folder.get(), name, O_RDWR | O_CREAT | O_CLOEXEC, 0600)); };
    const sys::Fd other = open("copy");
    REQUIRE(::flock(other.get(), row.is_used ? LOCK_SH : LOCK_UN) == 0);
    JanitorPlan plan;
    plan.program = JanitorPlan::Program{Place::directory(place.run), "copy", open("copy"), open("source")};
    REQUIRE(::flock(plan.program->lock.get(), LOCK_SH) == 0);
    if (row.is_replaced) ::unlinkat(folder.get(), "source", 0);
    if (row.is_another) ::unlinkat(folder.get(), "copy", 0);
    const sys::Fd another = row.is_another ? open("copy") : sys::Fd();
    CHECK(toString(left_behind(remove_remains(plan, -1))) == "success");
    CHECK(place.exists(place.run + "/copy") == row.stays);
    for (const char* name : {"copy", "source"}) ::unlinkat(folder.get(), name, 0);
  }
}

TEST_CASE("at the end the janitor kills and removes") {
  if (!can_run()) return;
  Place place;
  auto janitor = ready_janitor(place.plan());
  REQUIRE(toString(janitor) == "success");
  const pid_t box = start_child([] { return ::pause(); });
  const sys::Fd pidfd = pidfd_of(box);
  REQUIRE(toString(hand_box_to_janitor(janitor.value().socket.get(), pidfd.get())) == "success");
  CHECK_FALSE(ends_within(pidfd, 50));
  CHECK(place.exists(place.socket));
  CHECK(toString(finish_janitor(std::move(janitor).value())) == "success");
  CHECK(wait_for(box) == 128 + SIGKILL);
  CHECK_FALSE(place.exists(place.run));
}

TEST_CASE("a launcher that dies before it has heard of its janitor leaves nothing either") {
  if (!can_run()) return;
  for (int times = 0; times < 10; ++times) {
    Place place;
    auto janitor = start_janitor(place.plan());
    REQUIRE(toString(janitor) == "success");
    janitor.value().socket.reset();
    CHECK_EQ(wait_for(janitor.value().pid) & 64, 64);  // it has worked
    CHECK_FALSE(place.exists(place.run));
  }
}

TEST_CASE("without a box there is less to do") {
  if (!can_run()) return;
  Place place;
  auto janitor = ready_janitor(place.plan());
  REQUIRE(toString(janitor) == "success");
  CHECK(toString(finish_janitor(std::move(janitor).value())) == "success");
  CHECK_FALSE(place.exists(place.run));
}

TEST_CASE("another generation's socket stays, and so does its directory") {
  if (!can_run()) return;
  Place place;
  auto janitor = ready_janitor(place.plan());
  REQUIRE(toString(janitor) == "success");
  place.rebind();
  CHECK(toString(finish_janitor(std::move(janitor).value())) == "success");
  CHECK(place.exists(place.socket));
}

TEST_CASE("a launcher that is killed takes the box with it") {
  if (!can_run()) return;
  Place place;
  int ends[2] = {};
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  sys::Fd reader(ends[0]), writer(ends[1]);
  const pid_t box = start_child([] { return ::pause(); });
  const sys::Fd box_pidfd = pidfd_of(box);
  const pid_t launcher = start_child([&] {
    auto janitor = ready_janitor(place.plan());
    if (!janitor || !hand_box_to_janitor(janitor.value().socket.get(), box_pidfd.get())) return 1;
    const pid_t pid = janitor.value().pid;
    if (::write(writer.get(), &pid, sizeof pid) != sizeof pid) return 2;
    return ::pause();
  });
  pid_t janitor_pid = 0;
  REQUIRE(::read(reader.get(), &janitor_pid, sizeof janitor_pid) == sizeof janitor_pid);
  const sys::Fd janitor = pidfd_of(janitor_pid);
  for (int number : {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGPIPE}) ::kill(janitor_pid, number);
  CHECK(::getsid(janitor_pid) == janitor_pid);
  CHECK_FALSE(ends_within(janitor, 50));
  ::kill(launcher, SIGKILL);
  CHECK(wait_for(launcher) == 128 + SIGKILL);
  CHECK(ends_within(janitor, 30000));
  CHECK(wait_for(box) == 128 + SIGKILL);
  CHECK_FALSE(place.exists(place.run));
}

TEST_CASE("the janitor holds its plan's descriptors and nothing else") {
  if (!can_run()) return;
  if (::geteuid() != 0) {
    MESSAGE("skipped: needs root to look at a process that is not dumpable");
    return;
  }
  Place place;
  auto janitor = ready_janitor(place.plan());
  REQUIRE(toString(janitor) == "success");
  const std::string fds = "/proc/" + std::to_string(janitor.value().pid) + "/fd/";
  int open = 0;
  int null = 0;
  for (int fd = 0; fd < 1024; ++fd) {
    char target[256] = {};
    if (::readlink((fds + std::to_string(fd)).c_str(), target, sizeof target - 1) < 0) continue;
    ++open;
    null += std::string(target) == "/dev/null";
  }
  CHECK(open == 7);  // its socket, two directories, the live socket's inode, and three times nothing
  CHECK(null == 3);
  std::ifstream status("/proc/" + std::to_string(janitor.value().pid) + "/status");
  const std::string text((std::istreambuf_iterator<char>(status)), {});
  CHECK(text.find("Name:\tfpmbox-janitor\n") != std::string::npos);
  CHECK(text.find("CapBnd:\t0000000000000000\n") != std::string::npos);
  CHECK(text.find("CapPrm:\t0000000000000020\n") != std::string::npos);
  CHECK(text.find("Seccomp:\t2\n") != std::string::npos);
  CHECK(toString(finish_janitor(std::move(janitor).value())) == "success");
}

TEST_CASE("groups are emptied and removed") {
  if (!can_run()) return;
  const struct {
    const char* hierarchy;
    bool has_kill_file;
  } rows[] = {{"/sys/fs/cgroup/unified", true}, {"/sys/fs/cgroup", true}, {"/sys/fs/cgroup/pids", false}};
  for (const auto& row : rows) {
    CAPTURE(std::string(row.hierarchy));
    const std::string name = "fpmbox-test-" + std::to_string(::getpid());
    const std::string group = make_cgroup(row.hierarchy, name);
    struct statfs file_system = {};
    if (group.empty() || ::statfs(group.c_str(), &file_system) != 0 || file_system.f_type == 0x01021994) {
      if (!group.empty()) ::rmdir(group.c_str());
      MESSAGE("skipped: no cgroup can be made in " << std::string(row.hierarchy));
      continue;
    }
    JanitorPlan plan;
    plan.cgroups.push_back({Place::directory(row.hierarchy), name, {}});
    if (row.has_kill_file)
      plan.cgroups[0].kill_file = sys::Fd(::open((group + "/cgroup.kill").c_str(), O_WRONLY | O_CLOEXEC));
    auto janitor = ready_janitor(std::move(plan));
    REQUIRE(toString(janitor) == "success");
    const pid_t box = start_child([] { return ::pause(); });
    REQUIRE(move_into(group, box));
    const sys::Fd pidfd = pidfd_of(box);
    if (!row.has_kill_file)
      REQUIRE(toString(hand_box_to_janitor(janitor.value().socket.get(), pidfd.get())) == "success");
    CHECK(toString(finish_janitor(std::move(janitor).value())) == "success");
    CHECK(::access(group.c_str(), F_OK) != 0);
    CHECK(wait_for(box) == 128 + SIGKILL);
  }
}

TEST_CASE("a directory of another user needs one capability more") {
  if (!can_run()) return;
  if (::geteuid() != 0) {
    MESSAGE("skipped: needs root");
    return;
  }
  Place place;
  REQUIRE(::chown(place.run.c_str(), 65533, 65533) == 0);
  REQUIRE(::chmod(place.run.c_str(), 01755) == 0);
  REQUIRE(::chown(place.socket.c_str(), 65532, 65532) == 0);
  auto janitor = ready_janitor(place.plan());
  REQUIRE(toString(janitor) == "success");
  CHECK(toString(finish_janitor(std::move(janitor).value())) == "success");
  CHECK_FALSE(place.exists(place.run));
}

TEST_CASE("a janitor that somebody stopped is let go on") {
  if (!can_run()) return;
  Place place;
  auto janitor = ready_janitor(place.plan());
  REQUIRE(toString(janitor) == "success");
  const pid_t pid = janitor.value().pid;
  REQUIRE(::kill(pid, SIGSTOP) == 0);
  siginfo_t stopped = {};
  REQUIRE(::waitid(P_PID, static_cast<id_t>(pid), &stopped, WSTOPPED) == 0);
  CHECK(toString(finish_janitor(std::move(janitor).value())) == "success");
  CHECK_FALSE(place.exists(place.run));
}

TEST_CASE("a janitor that was killed is not passed over") {
  if (!can_run()) return;
  auto janitor = ready_janitor({});
  REQUIRE(toString(janitor) == "success");
  ::kill(janitor.value().pid, SIGKILL);
  CHECK_FALSE(finish_janitor(std::move(janitor).value()).ok());
}
