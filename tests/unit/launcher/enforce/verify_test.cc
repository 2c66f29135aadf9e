#include "launcher/enforce/verify.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <vector>

namespace {

const std::string kGood =
    "Name:\tphp-fpm\nUid:\t1007\t1007\t1007\t1007\nGid:\t1007\t1007\t1007\t1007\nGroups:\t \nCapInh:\t0000000000000000\n"
    "CapPrm:\t0000000000000000\nCapEff:\t0000000000000000\nCapBnd:\t0000000000000000\nCapAmb:\t0000000000000000\n"
    "NoNewPrivs:\t1\nSeccomp:\t2\n";

launcher::Plan plan() {
  launcher::Plan out;
  out.uid = out.gid = 1007;
  out.supervisor_uid = 990;
  return out;
}

std::string with(const std::string& from, const std::string& to) {
  std::string text = kGood;
  text.replace(text.find(from), from.size(), to);
  return text;
}

}  // namespace

TEST_CASE("a box as planned passes, each deviation is named") {
  CHECK(launcher::verify_status(kGood, plan()).ok());
  struct Row {
    const char* from;
    const char* to;
    const char* names;
  };
  const Row rows[] = {
      {"Uid:\t1007\t1007\t1007\t1007", "Uid:\t1007\t1007\t0\t1007", "Uid"},
      {"Gid:\t1007", "Gid:\t33", "Gid"},
      {"Groups:\t ", "Groups:\t33 ", "Groups"},
      {"CapEff:\t0000000000000000", "CapEff:\t0000000000000020", "CapEff"},
      {"CapBnd:\t0000000000000000", "CapBnd:\t000001ffffffffff", "CapBnd"},
      {"CapAmb:\t0000000000000000", "CapAmb:\t0000000000000001", "CapAmb"},
      {"NoNewPrivs:\t1", "NoNewPrivs:\t0", "NoNewPrivs"},
      {"Seccomp:\t2", "Seccomp:\t0", "Seccomp"},
      {"Seccomp:\t2\n", "", "Seccomp"},
  };
  launcher::Plan own = plan();
  own.user_namespace = true;  // nobody can take the groups away there; all else is as before
  CHECK(launcher::verify_status(with("Groups:\t ", "Groups:\t33 "), own).ok());
  CHECK_FALSE(launcher::verify_status(with("CapEff:\t0000000000000000", "CapEff:\t0000000000000020"), own).ok());
  for (const Row& row : rows) {
    CAPTURE(row.to);
    const auto result = launcher::verify_status(with(row.from, row.to), plan());
    REQUIRE_FALSE(result.ok());
    CHECK_NE(result.error().text().find(row.names), std::string::npos);
  }
}

namespace {

launcher::FreshNamespace opened(int type, const char* name, const char* path) {
  launcher::FreshNamespace out{type, name, sys::Fd(::open(path, O_RDONLY | O_CLOEXEC))};
  REQUIRE(out.fd);
  return out;
}

// In one of its own by then, if it may; -1: it may not.
pid_t child_in_other_uts() {
  int told[2] = {};
  REQUIRE(::pipe2(told, O_CLOEXEC) == 0);
  const sys::Fd read(told[0]), write(told[1]);
  const pid_t pid = ::fork();
  if (pid == 0) {
    const char is_apart = ::unshare(CLONE_NEWUTS) == 0;
    [[maybe_unused]] const ssize_t count = ::write(write.get(), &is_apart, 1);
    for (;;) ::pause();
  }
  char is_apart = 0;
  REQUIRE_EQ(::read(read.get(), &is_apart, 1), 1);
  if (is_apart) return pid;
  ::kill(pid, SIGKILL);
  ::waitpid(pid, nullptr, 0);
  return -1;
}

}  // namespace

TEST_CASE("a process is held against ours and against the namespaces that were made for it") {
  launcher::Plan plan;
  std::vector<launcher::FreshNamespace> joined;
  CHECK(launcher::verify_namespaces(::getpid(), plan, joined).ok());  // none is wanted
  plan.namespaces = CLONE_NEWUTS;
  const auto ours = launcher::verify_namespaces(::getpid(), plan, joined);
  REQUIRE_FALSE(ours.ok());
  CHECK_EQ(ours.error().text(), "its uts namespace is the launcher's");
  CHECK_EQ(ours.error().code, 0);

  const pid_t child = child_in_other_uts();
  if (child < 0) {
    MESSAGE("skipped: needs root");
    return;
  }
  CHECK(launcher::verify_namespaces(child, plan, joined).ok());
  joined.push_back(opened(CLONE_NEWUTS, "uts", ("/proc/" + std::to_string(child) + "/ns/uts").c_str()));
  CHECK(launcher::verify_namespaces(child, plan, joined).ok());
  joined.front() = opened(CLONE_NEWUTS, "uts", "/proc/self/ns/uts");
  const auto another = launcher::verify_namespaces(child, plan, joined);
  REQUIRE_FALSE(another.ok());
  CHECK_EQ(another.error().text(), "its uts namespace is not the one that was made for it");
  CHECK_EQ(another.error().code, 0);

  ::kill(child, SIGKILL);
  siginfo_t info = {};
  REQUIRE(::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT) == 0);
  const auto dead = launcher::verify_namespaces(child, plan, joined);  // not reaped yet
  REQUIRE_FALSE(dead.ok());
  CHECK_NE(dead.error().code, 0);
  ::waitpid(child, nullptr, 0);
}
