#include "launcher/facts/box_trial.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "launcher/facts/kernel.h"

using namespace launcher;

namespace {

ino_t inode_of(int fd) {
  struct stat info = {};
  REQUIRE(::fstat(fd, &info) == 0);
  return info.st_ino;
}

ino_t own_namespace(const std::string& name) {
  const sys::Fd own(::open(("/proc/self/ns/" + name).c_str(), O_RDONLY | O_CLOEXEC));
  REQUIRE(own);
  return inode_of(own.get());
}

}  // namespace

TEST_CASE("the trial for a box leaves namespaces that are not ours, and no process; another trial leaves none") {
  if (!has_needed_capabilities() || ::geteuid() != 0) {
    MESSAGE("skipped: needs root");
    return;
  }
  BoxTrial answer;
  CHECK(answer.can_make_boxes());
  CHECK(answer.take_namespaces().empty());
  BoxTrial trial(BoxTrial::For::a_box);
  CHECK_GT(trial.process(), 0);
  REQUIRE(trial.can_make_boxes());
  const auto namespaces = trial.take_namespaces();
  REQUIRE_EQ(namespaces.size(), 3);
  int types = 0;
  for (const FreshNamespace& one : namespaces) {
    CAPTURE(one.name);
    CHECK_NE(inode_of(one.fd.get()), own_namespace(one.name));
    types |= one.type;
  }
  CHECK_EQ(types, CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS);
  CHECK(trial.can_make_boxes());  // the answer stays
  CHECK(trial.take_namespaces().empty());
  BoxTrial unasked(BoxTrial::For::a_box);
  CHECK_EQ(unasked.take_namespaces().size(), 3);
}

TEST_CASE("two trials of one process end, whichever is asked first, and share nothing") {
  if (!has_needed_capabilities() || ::geteuid() != 0) {
    MESSAGE("skipped: needs root");
    return;
  }
  BoxTrial first(BoxTrial::For::a_box);
  BoxTrial second(BoxTrial::For::a_box);  // its process has a copy of our end of the first
  CHECK(first.can_make_boxes());
  CHECK(second.can_make_boxes());
  const auto some = first.take_namespaces(), others = second.take_namespaces();
  REQUIRE_EQ(some.size(), 3);
  REQUIRE_EQ(others.size(), 3);
  for (std::size_t i = 0; i < 3; ++i) CHECK_NE(inode_of(some[i].fd.get()), inode_of(others[i].fd.get()));
}

TEST_CASE("a namespace of our own is not fresh, whoever hands it over") {
  std::vector<FreshNamespace> namespaces;
  CHECK(are_fresh(namespaces));
  namespaces.push_back({CLONE_NEWUTS, "uts", sys::Fd(::open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC))});
  REQUIRE(namespaces.front().fd);
  CHECK_FALSE(are_fresh(namespaces));
}
