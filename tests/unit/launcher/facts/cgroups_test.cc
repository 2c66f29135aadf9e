#include "launcher/facts/cgroups.h"

#include <doctest/doctest.h>

#include "launcher/facts/cgroup_text.h"
#include "launcher/sys/file.h"

using namespace launcher;

TEST_CASE("our own group is known where it cannot be used, too") {
  const auto text = [](const char* path) { return sys::read_file(path, 8 << 20).value(); };
  const auto memberships = parse_memberships(text("/proc/self/cgroup"));
  const auto mounts = parse_cgroup_mounts(text("/proc/self/mountinfo"));
  for (const auto& row : find_cgroups()) {
    const auto& name = row.first;
    const auto& found = row.second;
    CAPTURE(name);
    CHECK(found.path == locate_cgroup(name == "kill" ? "" : name, memberships, mounts).path);
    CHECK((found.version == 0) == !found.reason.empty());
  }
}
