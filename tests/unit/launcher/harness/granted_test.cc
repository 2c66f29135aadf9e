#include "launcher/harness/granted.h"

#include <doctest/doctest.h>

#include "tests/support/invented.h"

using namespace harness;

namespace {

Act act_of(const std::string& call, std::vector<std::string> layers = {"seccomp"}) {
  Act act;
  act.id = "x/y";
  act.layers = std::move(layers);
  act.native = Native{.call = call, .args = {}, .probe = {}};
  return act;
}

Act probe_of(const std::string& call) {
  Act act = act_of("");
  act.native->probe = "some_probe";
  act.calls = {call};
  return act;
}

profiles::Composed pool(const std::string& more) {
  base::Diagnostics diagnostics;
  auto out = test::pool("extends: php-fpm\nidentity: {user: www-shop}\n" + more, diagnostics);
  CHECK_EQ(test::text_of(diagnostics), "");
  return out;
}

constexpr const char* kGrant = "syscalls: {allow: [{name: setpriority, why: renders}]}\n";

}  // namespace

TEST_CASE("a call that the profile's author grants is granted by that line") {
  const struct {
    const char* more;
    Act act;
    const char* line;
  } rows[] = {
      {"", act_of("setpriority"), ""},
      {kGrant, act_of("setpriority"), "syscalls.allow[setpriority] (/pools/shop.yaml:3:20): renders"},
      {kGrant, probe_of("setpriority"), "syscalls.allow[setpriority] (/pools/shop.yaml:3:20): renders"},
      {kGrant, act_of("ptrace"), ""},
      {kGrant, act_of("setpriority", {"seccomp", "capabilities"}), ""},  // another layer should have stopped it
      {kGrant, act_of("setpriority", {"view"}), ""},
      {"", act_of("openat"), ""},  // the catalog's own lines give no reason, and excuse nothing
      {"syscalls: {allow: [{name: \"@debug\", why: traces}]}\n", act_of("ptrace"), "syscalls.allow[ptrace] (/pools/shop.yaml:3:20 through @debug): traces"},
      {"syscalls: {arguments: [{name: fchmod, index: 1, none_of: [S_ISUID], why: mail}]}\n", probe_of("fchmod"),
       "syscalls.arguments[fchmod:1] (/pools/shop.yaml:3:24): mail"},
      {"syscalls: {arguments: [{name: fchmod, index: 1, none_of: [S_ISUID], why: mail}]}\n", probe_of("chmod"), ""},
  };
  for (const auto& row : rows) {
    CAPTURE(row.more);
    CHECK_EQ(granted_by(row.act, pool(row.more)), row.line);
  }
}

TEST_CASE("what leaks by such a line is granted, and nothing else changes") {
  const auto granting = pool(kGrant), other = pool("");
  const Act act = act_of("setpriority");
  const struct {
    const profiles::Composed& pool;
    Verdict before, after;
  } rows[] = {
      {granting, Verdict::leaked, Verdict::granted},
      {other, Verdict::leaked, Verdict::leaked},
      {granting, Verdict::stopped, Verdict::stopped},
      {granting, Verdict::otherwise, Verdict::otherwise},
      {granting, Verdict::broken_control, Verdict::broken_control},
  };
  for (const auto& row : rows) {
    ActResult result{&act, row.before, "ok", "ok", {}};
    settle_grant(result, row.pool);
    CHECK_EQ(word_of(result.verdict), word_of(row.after));
    CHECK_EQ(result.reason.empty(), row.after != Verdict::granted);
  }
}
