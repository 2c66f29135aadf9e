#include "launcher/enforce/verify.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sched.h>
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

TEST_CASE("a process is held against the namespaces that were made for it") {
  std::vector<launcher::FreshNamespace> made;
  CHECK(launcher::verify_joined(::getpid(), made).ok());
  made.push_back({CLONE_NEWUTS, "uts", sys::Fd(::open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC))});
  REQUIRE(made.back().fd);
  CHECK(launcher::verify_joined(::getpid(), made).ok());
  made.push_back({CLONE_NEWNET, "net", sys::Fd(::open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC))});  // any that it is not in
  const auto other = launcher::verify_joined(::getpid(), made);
  REQUIRE_FALSE(other.ok());
  CHECK_NE(other.error().text().find("its net namespace is not the one that was made for it"), std::string::npos);
}
