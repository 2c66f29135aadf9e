#include "launcher/facts/cgroup_text.h"

#include <doctest/doctest.h>

using namespace launcher;

namespace {

const char* kHybrid = "9:name=systemd:/\n8:pids:/\n4:memory:/a b/c:d\n1:cpu,cpuacct:/x\n0::/user.slice\n";
const char* kHybridMounts =
    "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n"
    "32 31 0:29 / /sys/fs/cgroup/cpu\\054cpuacct rw,relatime shared:1 master:2 - cgroup cgroup rw,cpu,cpuacct\n"
    "35 31 0:32 / /sys/fs/cgroup/my\\040memory rw - cgroup cgroup rw,memory\n"
    "39 31 0:36 / /sys/fs/cgroup/pids ro,nosuid - cgroup cgroup rw,pids\n"
    "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw,nsdelegate\n";

struct Row {
  std::string name;
  const char* memberships;
  const char* mounts;
  const char* controller;
  int version;
  const char* path;    // when version is not 0
  const char* reason;  // part of it, when version is 0
};

constexpr const char* kPure = "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n";

const Row kRows[] = {
    {"v1, named in a list", kHybrid, kHybridMounts, "cpu", 1, "/sys/fs/cgroup/cpu,cpuacct/x", ""},
    {"v1, space in mount point, space and colon in group", kHybrid, kHybridMounts, "memory", 1,
     "/sys/fs/cgroup/my memory/a b/c:d", ""},
    {"v1, mounted read-only", kHybrid, kHybridMounts, "pids", 0, "", "mounted read-only"},
    {"the v2 tree of a hybrid host", kHybrid, kHybridMounts, "", 2, "/sys/fs/cgroup/unified/user.slice", ""},
    {"a controller that v1 does not have is of v2", kHybrid, kHybridMounts, "io", 2,
     "/sys/fs/cgroup/unified/user.slice", ""},
    {"pure v2", "0::/system.slice/a.service\n", kPure, "memory", 2, "/sys/fs/cgroup/system.slice/a.service", ""},
    {"pure v2, root", "0::/\n", kPure, "memory", 2, "/sys/fs/cgroup", ""},
    {"pure v1 has no v2 tree", "4:memory:/\n", kHybridMounts, "", 0, "", "no cgroup v2"},
    {"host's group mounted in a container", "0::/docker/abc\n",
     "30 23 0:26 /docker/abc /sys/fs/cgroup rw - cgroup2 cgroup rw\n", "memory", 2, "/sys/fs/cgroup", ""},
    {"below what is mounted", "0::/docker/abc/d\n", "30 23 0:26 /docker/abc /sys/fs/cgroup rw - cgroup2 cgroup rw\n",
     "memory", 2, "/sys/fs/cgroup/d", ""},
    {"a name that only begins alike", "0::/docker/abcd\n",
     "30 23 0:26 /docker/abc /sys/fs/cgroup rw - cgroup2 cgroup rw\n", "memory", 0, "", "without the group"},
    {"outside of the namespace", "0::/../x\n", kPure, "memory", 0, "", "outside of its cgroup namespace"},
    {"outside, deeper", "0::/a/../../x\n", kPure, "memory", 0, "", "outside of its cgroup namespace"},
    {"mount from outside of the namespace", "0::/\n", "30 23 0:26 /../.. /sys/fs/cgroup rw - cgroup2 cgroup rw\n",
     "memory", 0, "", "without the group"},
    {"removed group", "0::/x (deleted)\n", kPure, "memory", 0, "", "was removed"},
    {"nothing mounted", "0::/x\n", "31 23 0:28 / /sys rw - sysfs sysfs rw\n", "memory", 0, "", "not mounted here"},
    {"writable mount is preferred", "0::/\n",
     "30 23 0:26 / /ro ro - cgroup2 cgroup2 rw\n31 23 0:26 / /rw rw - cgroup2 cgroup2 rw\n", "memory", 2, "/rw", ""},
    {"read-only file system", "0::/\n", "30 23 0:26 / /ro rw - cgroup2 cgroup2 ro\n", "memory", 0, "",
     "mounted read-only"},
    {"nothing at all", "", "", "memory", 0, "", "no memory controller"},
};

}  // namespace

TEST_CASE("our own group in each hierarchy") {
  for (const Row& row : kRows) {
    CAPTURE(row.name);
    const auto found =
        locate_cgroup(row.controller, parse_memberships(row.memberships), parse_cgroup_mounts(row.mounts));
    CHECK(found.version == row.version);
    CHECK(found.path == row.path);
    CHECK((found.version == 0) == !found.reason.empty());
    if (found.version == 0) CHECK_MESSAGE(found.reason.find(row.reason) != std::string::npos, found.reason);
  }
}

TEST_CASE("lines that are not understood are passed over") {
  CHECK(parse_memberships("\n:\n::\n0:\nx:memory:/\n-1:memory:/\n4:memory:relative\n99999999999999999999:memory:/\n")
            .empty());
  CHECK(parse_memberships("4:memory:/").size() == 1);  // no line end
  for (const char* line :
       {" - cgroup2", "30 23 0:26 / - cgroup2 cgroup2 rw", "30 23 0:26 / /p rw - cgroup2 cgroup2",
        "30 23 0:26 / /p rw - cgroup3 c rw", "30 23 0:26 / relative rw - cgroup2 c rw",
        "30 23 0:26 / /a/../b rw - cgroup2 c rw", "30 23 0:26 root /p rw - cgroup2 c rw",
        "30 23 0:26 / /p rw cgroup2 c rw x", "- - - - - - - cgroup2", "30 23 0:26 / /\\0 rw - cgroup c"}) {
    CAPTURE(line);
    CHECK(parse_cgroup_mounts(line).empty());
  }
}

TEST_CASE("escapes of mountinfo") {
  const auto one = [](const std::string& point) {
    const auto mounts = parse_cgroup_mounts("1 2 0:1 / " + point + " rw - cgroup2 c rw");
    return mounts.empty() ? "" : mounts[0].point;
  };
  CHECK(one("/a\\040b") == "/a b");
  CHECK(one("/a\\134b") == "/a\\b");
  CHECK(one("/a\\011\\012b") == "/a\t\nb");
  CHECK(one("/a\\04") == "/a\\04");
  CHECK(one("/a\\089") == "/a\\089");
  CHECK(one("/a\\") == "/a\\");
  CHECK(one("/a\\134040") == "/a\\040");  // once only
}

TEST_CASE("what a version 2 group can pass on") {
  struct ObstacleRow {
    std::string name;
    GroupState state;
    const char* expected;  // part of it; "" for none
  };
  const ObstacleRow rows[] = {
      {"root", {true, false, "cpu memory pids\n", "", "1\n2\n"}, ""},
      {"root without it", {true, false, "cpu pids\n", "", "1\n"}, "memory controller is not passed down to /g"},
      {"a longer name", {true, false, "memory2 xmemory\n", "", "1\n"}, "not passed down"},
      {"ours alone", {false, false, "memory\n", "", "42\n"}, ""},
      {"nobody in it", {false, false, "memory\n", "", ""}, ""},
      {"a child beside us that will be gone", {false, false, "memory\n", "", "42\n43\n"}, ""},
      {"a shell beside us",
       {false, false, "memory\n", "", "7\n42\n"},
       "other processes share the group /g; start it as a unit"},
      {"an id that begins alike", {false, false, "memory\n", "", "420\n"}, "other processes share"},
      {"a process of another namespace", {false, false, "memory\n", "", "0\n42\n"}, "other processes share"},
      {"passed on already", {false, false, "memory\n", "cpu memory\n", "7\n"}, ""},
      {"systemd's, not delegated", {false, true, "memory\n", "", "42\n"}, "belongs to systemd"},
      {"systemd's root", {true, true, "memory\n", "", "42\n"}, ""},
  };
  for (const ObstacleRow& row : rows) {
    CAPTURE(row.name);
    const std::string found = obstacle(row.state, "memory", "/g", {42, 43});
    CHECK(found.empty() == (*row.expected == '\0'));
    CHECK_MESSAGE(found.find(row.expected) != std::string::npos, found);
  }
}
