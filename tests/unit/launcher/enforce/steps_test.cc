// The order of the set-up is the design. These rows are its constraints, said once more.
#include "launcher/enforce/child/steps.h"

#include <doctest/doctest.h>

#include <set>
#include <string>

namespace {

std::size_t at(const std::string& name) {
  for (std::size_t i = 0; i < child::kStepCount; ++i)
    if (name == child::kSteps[i].name) return i;
  FAIL("no step ", name);
  return 0;
}

}  // namespace

TEST_CASE("every step has a name of its own and a reason") {
  std::set<std::string> names;
  for (std::size_t i = 0; i < child::kStepCount; ++i) {
    CHECK(names.insert(child::kSteps[i].name).second);
    CHECK_GT(std::string(child::kSteps[i].reason).size(), 10);
  }
}

TEST_CASE("what must come before what") {
  struct Row {
    const char* first;
    const char* then;
  };
  const Row rows[] = {
      {"namespaces", "hostname"},       {"namespaces", "mounts"},
      {"cgroups", "cgroup namespace"},  {"cgroups", "mounts"},          {"go", "identity"},  {"private", "root"},          {"root", "mounts"},       {"mounts", "pivot"},
      {"fds", "limits"},                {"program path", "bounding set"},                {"limits", "seccomp"},        {"bounding set", "identity"}, {"securebits", "identity"},
      {"identity", "capabilities"},     {"capabilities", "read back"}, {"no_new_privs", "landlock"},
      {"identity", "die with launcher"}, {"capabilities", "die with launcher"}, {"pivot", "directory"}, {"read back", "directory"}, {"read back", "seccomp"},
      {"landlock", "seccomp"}, {"memory", "seccomp"},         {"seccomp", "exec"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.first);
    CAPTURE(row.then);
    CHECK_LT(at(row.first), at(row.then));
  }
  CHECK_EQ(at("leave launcher"), 0);
  CHECK_EQ(at("exec"), child::kStepCount - 1);
}

TEST_CASE("inside a container only mounts and namespaces are passed over") {
  const std::set<std::string> box_only = {"namespaces", "private", "root", "mounts", "pivot", "hostname", "cgroup namespace"};
  for (std::size_t i = 0; i < child::kStepCount; ++i) {
    CAPTURE(child::kSteps[i].name);
    CHECK_EQ(child::kSteps[i].where == child::Where::box_only, box_only.count(child::kSteps[i].name) == 1);
  }
}
