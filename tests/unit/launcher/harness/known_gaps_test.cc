#include "launcher/harness/known_gaps.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "launcher/harness/layers.h"
#include "launcher/plan/container_gaps.h"
#include "profiles/base/text.h"

using namespace harness;

namespace {

Act act(const std::string& id, std::vector<std::string> layers) {
  Act out;
  out.id = id;
  out.layers = std::move(layers);
  return out;
}

}  // namespace

TEST_CASE("an act may succeed by a gap that was said, and by no other") {
  struct Row {
    Act act;
    std::vector<std::string> said;
    const char* gap;
  };
  const Row rows[] = {
      {act("exec/map-tmp", {"noexec"}), {"namespaces", "writable"}, "writable"},
      {act("exec/map-tmp", {"noexec"}), {"namespaces"}, ""},
      {act("host/suid-in-tmp", {"nosuid"}), {"writable"}, "writable"},
      {act("resources/tmp-files", {"tmp_limits"}), {"tmp"}, "tmp"},
      {act("neighbours/master-killed", {"pid_namespace"}), {"namespaces"}, "namespaces"},
      {act("neighbours/other-killed", {"pid_namespace"}), {"namespaces"}, ""},
      {act("host/secret", {"view", "landlock"}), {"namespaces", "root", "code", "writable", "tmp"}, ""},
      {act("exec/memfd", {"seccomp", "noexec"}), {"writable"}, ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.act.id);
    const KnownGap* const gap = gap_behind(row.act, row.said);
    CHECK_EQ(std::string(gap == nullptr ? "" : gap->gap), row.gap);
  }
}

TEST_CASE("the table names gaps that a container can have, and layers that there are") {
  const auto layers = layer_names();
  for (const KnownGap& one : known_gaps()) {
    CAPTURE(one.gap);
    CHECK(launcher::is_container_gap(one.gap));
    CHECK(one.layers.empty() != one.acts.empty());
    for (const std::string& layer : one.layers) CHECK(std::find(layers.begin(), layers.end(), layer) != layers.end());
  }
}

TEST_CASE("gaps are read from what a launcher prints") {
  const std::string log = "shop: gap: namespaces: this container allows no box: EPERM\nshop: ready\nshop: gap: tmp: /tmp is no tmpfs\nshop: missing layer root: x\n";
  CHECK_EQ(base::join(gaps_said(log), " "), "namespaces tmp");
  CHECK(gaps_said("").empty());
}
