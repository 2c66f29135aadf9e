#include "launcher/harness/known_gaps.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "launcher/harness/layers.h"
#include "launcher/plan/container_gaps.h"
#include "profiles/base/text.h"

using namespace harness;

namespace {

Act act(const std::string& id, std::vector<std::string> layers, const std::string& target = {}) {
  Act out;
  out.id = id;
  out.layers = std::move(layers);
  if (!target.empty()) out.native = Native{{}, {{{NativeArgument::Kind::target, 0, target}}}, "map_uploaded"};
  return out;
}

const Targets kTargets = {{"tmp", "/tmp"}, {"data", "/srv/shop/data"}, {"sessions", "/var/lib/fpmbox/shop/sessions"}};

}  // namespace

TEST_CASE("an act may succeed by a gap that was said, and by no other") {
  const SaidGap namespaces = {"namespaces", "this container allows no box inside: EPERM"};
  const SaidGap tmp = {"writable", "/tmp: not mounted noexec, nosuid and nodev; in its place: the filter"};
  const SaidGap both = {"writable", "/tmp, /srv/shop/data: not mounted noexec, nosuid and nodev; in its place: the filter"};
  const SaidGap beside = {"writable", "/tmp/x, /srv/shop/data/cache, /srv/shop: not mounted noexec, nosuid and nodev"};
  struct Row {
    Act act;
    std::vector<SaidGap> said;
    const char* gap;
  };
  const Row rows[] = {
      {act("exec/map-tmp", {"noexec"}, "tmp"), {namespaces, tmp}, "writable"},
      {act("exec/map-tmp", {"noexec"}, "tmp"), {namespaces}, ""},
      {act("exec/map-tmp", {"noexec"}, "tmp"), {beside}, ""},
      {act("exec/map-data", {"noexec"}, "data"), {tmp}, ""},  // the gap is another folder's
      {act("exec/map-data", {"noexec"}, "data"), {both}, "writable"},
      {act("exec/map-data", {"noexec"}, "data"), {beside}, ""},
      {act("exec/map-sessions", {"noexec"}, "sessions"), {both}, ""},
      {act("exec/map-nothing", {"noexec"}), {both}, ""},
      {act("host/suid-in-tmp", {"nosuid"}, "tmp"), {tmp}, "writable"},
      {act("host/suid-in-data", {"nosuid"}, "data"), {tmp}, ""},
      {act("resources/tmp-files", {"tmp_limits"}), {{"tmp", "/tmp is no tmpfs with a size of its own"}}, "tmp"},
      {act("resources/other", {"tmp_limits"}), {{"tmp", "/tmp is no tmpfs with a size of its own"}}, ""},
      {act("neighbours/master-killed", {"pid_namespace"}), {namespaces}, "namespaces"},
      {act("neighbours/other-killed", {"pid_namespace"}), {namespaces}, ""},
      {act("host/secret", {"view", "landlock"}), {namespaces, both}, ""},
      {act("exec/memfd", {"seccomp", "noexec"}, "tmp"), {both}, ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.act.id);
    CAPTURE(row.said.front().reason);
    const KnownGap* const gap = gap_behind(row.act, kTargets, row.said);
    CHECK_EQ(std::string(gap == nullptr ? "" : gap->gap), row.gap);
  }
}

TEST_CASE("an act may end in other words only where less than a box stands before it") {
  const SaidGap namespaces = {"namespaces", "this container allows no box inside: EPERM"};
  const SaidGap proc = {"proc", "no process information of the box's own can be mounted: EPERM"};
  struct Row {
    Act act;
    const char* outcome;
    std::vector<SaidGap> said;
    bool is_known;
  };
  const Row rows[] = {
      {act("host/dots", {"view"}), "EACCES", {namespaces}, true},
      {act("host/dots", {"view"}), "EACCES", {proc}, false},  // in a whole box the name must not be there
      {act("host/dots", {"view"}), "500", {namespaces}, false},
      {act("host/dots", {"view"}), "no answer", {namespaces}, false},
      {act("host/deep", {"no_socket", "view"}), "EACCES", {namespaces}, false},
      {act("proc/own-pages", {"unreadable_program"}), "ENOENT", {proc}, true},
      {act("proc/own-pages", {"unreadable_program"}), "ENOENT", {namespaces}, false},
      {act("proc/keys", {"view"}), "covered", {}, true},
      {act("proc/version", {"view"}), "covered", {namespaces, proc}, false},
      {act("kernel/add-key", {"seccomp"}), "ENOSYS", {}, true},
      {act("kernel/add-key", {"seccomp"}), "EINVAL", {}, false},
      {act("fastcgi/value", {"no_socket", "view"}), "EPERM", {namespaces}, true},
      {act("fastcgi/value", {"no_socket", "view"}), "EPERM", {}, false},
      {act("fastcgi/value", {"no_socket", "view"}), "EACCES", {namespaces}, false},
      {act("fastcgi/value", {"no_socket", "view"}), "EACCES", {namespaces, {"connect", "the pool may connect"}}, true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.act.id);
    CAPTURE(row.outcome);
    CHECK_EQ(find_other_answer(row.act, row.outcome, row.said) != nullptr, row.is_known);
  }
}

TEST_CASE("other answers are of gaps that a container can have, and of layers that there are") {
  const auto layers = layer_names();
  for (const OtherAnswer& one : other_answers()) {
    CAPTURE(one.why);
    CHECK((*one.gap == '\0' || launcher::is_container_gap(one.gap)));
    CHECK(one.layers.empty() != one.acts.empty());
    CHECK_FALSE(one.outcomes.empty());
    for (const std::string& layer : one.layers) CHECK(std::find(layers.begin(), layers.end(), layer) != layers.end());
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
  std::string said;
  for (const SaidGap& one : gaps_said(log)) said += one.gap + " = " + one.reason + "\n";
  CHECK_EQ(said, "namespaces = this container allows no box: EPERM\ntmp = /tmp is no tmpfs\n");
  CHECK(gaps_said("").empty());
}
