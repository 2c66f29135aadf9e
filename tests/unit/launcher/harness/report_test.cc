// Every form of the report, of one invented test in which everything happens, as golden text.
#include "launcher/harness/report.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <list>

#include "launcher/sys/file.h"
#include "tests/support/golden.h"

using namespace harness;

namespace {

const Act& act(const std::string& id, const std::string& why) {
  static std::list<Act> kept;
  Act& out = kept.emplace_back();
  out.id = id;
  out.why = why;
  out.layers = {"view", "landlock"};
  out.php = "return 'ok';";
  out.inside = {"ENOENT"};
  out.outside = {"ok"};
  return out;
}

Findings invented() {
  using State = CheckResult::State;
  Findings out;
  out.pool = "shop";
  out.acts = {
      {&act("files/neighbour", "passwords of other sites"), Verdict::stopped, "ENOENT", "ok", {}},
      {&act("files/host", "a file & <others>"), Verdict::leaked, "ok", "ok", {}},
      {&act("kernel/bpf", "programs in the kernel"), Verdict::otherwise, "no answer\n\x1b[2J", "ok", {}},
      {&act("kernel/kexec", "another kernel"), Verdict::not_shown, "EPERM", "ENOSYS", "this kernel has no kexec"},
      {&act("kernel/swap", "swap"), Verdict::broken_control, "EPERM", "EIO", {}},
      {&act("network/tcp", "the network"), Verdict::does_not_apply, {}, {}, "the box is in the host's network"},
      {&act("network/udp", "the network"), Verdict::accepted, "ok", "ok", "expect.allowed: it is a resolver"},
      {&act("resources/priority", "first among all"), Verdict::granted, "ok", "ok", "syscalls.allow[setpriority] (shop.yaml:3:19): renders"},
  };
  out.acts[0].walls_known = true;
  out.acts[0].walls = {"view"};
  out.acts[0].only_wall = {"view"};
  out.posture = {{"posture/identity", "its user", State::held, {}}, {"posture/mount/tmp", "mounted", State::failed, "it is not noexec"}};
  out.expectations = {{"expect/request/GET /", "status 200", State::skipped, "it needs a server"}};
  out.against = {{"bwrap", "php-fpm in bubblewrap", {"with no network, for by default it does not start here: <no>"},
                  {{out.acts[0].act, Verdict::leaked, "ok", "ok", {}}, {out.acts[1].act, Verdict::stopped, "ENOENT", "ok", {}},
                   {out.acts[2].act, Verdict::otherwise, "EIO\x1b", "ok", {}}, {out.acts[3].act, Verdict::not_shown, "EPERM", "ENOSYS", "this kernel has no kexec"}}}};
  out.not_made = {{"docker", "docker starts no container here: \x1b[2J"}};
  out.notes = {"the copies lack 1 file"};
  out.core_seconds = 1.25;
  out.seconds = 2.5;
  return out;
}

Findings good() {
  Findings out = invented();
  out.acts.resize(1);
  out.posture.resize(1);
  out.expectations.clear();
  return out;
}

}  // namespace

TEST_CASE("golden: a report in every form") {
  const Findings findings = invented();
  test::check_golden("harness/report.txt", report(Format::text, findings, {}));
  test::check_golden("harness/report-colours.txt", report(Format::text, findings, {.colours = true}));
  test::check_golden("harness/report.tap", report(Format::tap, findings, {}));
  test::check_golden("harness/report.xml", report(Format::junit, findings, {}));
  test::check_golden("harness/report.json", report(Format::json, findings, {}));
}

TEST_CASE("no form lets a hostile outcome drive a terminal") {
  for (const Format format : {Format::text, Format::tap, Format::junit, Format::json}) CHECK(report(format, invented(), {}).find('\x1b') == std::string::npos);
}

TEST_CASE("a test passes when nothing is wrong and something was tried") {
  CHECK(passes(good()));
  CHECK_FALSE(passes(Findings()));
  CHECK_FALSE(passes(invented()));
  for (const Verdict verdict : {Verdict::leaked, Verdict::otherwise, Verdict::broken_control}) {
    Findings bad = good();
    bad.acts.push_back(bad.acts[0]);
    bad.acts[1].verdict = verdict;
    CHECK_FALSE(passes(bad));
  }
  Findings bad = good();
  bad.expectations.push_back({"x", "y", CheckResult::State::failed, "z"});
  CHECK_FALSE(passes(bad));
  Findings nothing_shown = good();
  nothing_shown.acts[0].verdict = Verdict::not_shown;
  nothing_shown.posture.clear();
  CHECK_FALSE(passes(nothing_shown));
}
