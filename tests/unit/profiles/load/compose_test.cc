#include "profiles/load/compose.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/unit/profiles/load/files.h"

using namespace profiles;

namespace {

const std::string kGroups =
    "groups:\n"
    "  \"@clock\": {help: x, names: [settimeofday, adjtimex]}\n"
    "  \"@odd\": {help: x, names: [adjtimex, ptrace]}\n";

Composed compose_files(std::map<std::string, std::string> content, const std::string& file,
                       const std::string& expected = {}) {
  base::Diagnostics diagnostics;
  content.emplace("cat/syscalls.yaml", kGroups);
  Composed composed = compose("cat", test::Files{std::move(content)}, file, diagnostics);
  CHECK_EQ(test::report(diagnostics), expected);
  return composed;
}

std::vector<std::string> allowed(const Policy& policy) {
  std::vector<std::string> names;
  for (const SyscallGrant& grant : policy.syscalls.allow) names.push_back(grant.name);
  return names;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("layers are read base first") {
  const Composed composed = compose_files({{"cat/base.yaml", "name: base\nlimits: {nofile: 1, pids.max: 1}\n"},
                                           {"cat/app.yaml", "extends: base\nlimits: {nofile: 2}\n"},
                                           {"/etc/pools/shop.yaml", "extends: app\nidentity: {user: www-shop}\n"}},
                                          "/etc/pools/shop.yaml");
  CHECK(composed.layers == Texts{"cat/base.yaml", "cat/app.yaml", "/etc/pools/shop.yaml"});
  CHECK_EQ(composed.policy.limits.nofile, 2u);
  CHECK(composed.policy.limits.pids_max == 1u);
  CHECK_EQ(composed.policy.name, "shop");  // the file's, not that of what it extends
}

TEST_CASE("a value with a slash is relative to the extending file") {
  compose_files({{"/etc/common/b.yaml", "limits: {nofile: 1}\n"}, {"/etc/pools/a.yaml", "extends: ../common/b.yaml\n"}},
                "/etc/pools/a.yaml");
  compose_files(
      {{"/etc/common/b.yaml", "limits: {nofile: 1}\n"}, {"/etc/pools/a.yaml", "extends: /etc/common/b.yaml\n"}},
      "/etc/pools/a.yaml");
}

TEST_CASE("what cannot be followed is said at the extends") {
  compose_files({}, "none.yaml", "none.yaml: cannot be read: open(none.yaml): No such file or directory");
  compose_files({{"a.yaml", "extends: b\n"}, {"cat/b.yaml", "extends: ./c.yaml\n"}, {"cat/c.yaml", "extends: b\n"}},
                "a.yaml",
                "cat/c.yaml:1:10: extends: `b` leads back to cat/b.yaml; a profile cannot extend itself: a.yaml -> "
                "cat/b.yaml -> cat/c.yaml -> "
                "cat/b.yaml");
  compose_files(
      {{"a.yaml", "extends: ./a.yaml\n"}}, "a.yaml",
      "a.yaml:1:10: extends: `./a.yaml` leads back to a.yaml; a profile cannot extend itself: a.yaml -> a.yaml");
  compose_files({{"a.yaml", "extends: [b]\n"}}, "a.yaml",
                "a.yaml:1:10: extends: is a list, the name of one profile belongs here; write `extends: php-fpm`");
  compose_files({{"a.yaml", "extends:\nlimits: {nofile: 3}\n"}}, "a.yaml",
                "a.yaml:1:1: extends: is nothing, the name of one profile belongs here; write `extends: php-fpm`");
  base::Diagnostics diagnostics;
  const Composed composed =
      compose(test::kCatalog, test::Files{{{"a.yaml", "extends: php-fmp\nlimits: {nofile: 3}\n"}}, true}, "a.yaml",
              diagnostics);
  CHECK_EQ(test::report(diagnostics), "a.yaml:1:10: extends: `php-fmp` cannot be read: open(" + test::kCatalog +
                                          "/php-fmp.yaml): No such file or directory; did you mean `php-fpm`?");
  CHECK_EQ(composed.policy.limits.nofile, 3u);  // the rest is read all the same
  base::Diagnostics listing;
  compose(test::kCatalog, test::Files{{{"a.yaml", "extends: unheard-of\n"}}, true}, "a.yaml", listing);
  CHECK_NE(test::report(listing).find("the catalog has: base, "), std::string::npos);
}

TEST_CASE("at most sixteen layers") {
  std::map<std::string, std::string> chain;
  for (int i = 1; i < 20; ++i)
    chain["cat/l" + std::to_string(i) + ".yaml"] = "extends: l" + std::to_string(i + 1) + "\n";
  compose_files(chain, "cat/l1.yaml",
                "cat/l16.yaml:1:10: extends: more than 16 profiles upon each other; merge some of them");
  chain["cat/l16.yaml"] = "limits: {nofile: 3}\n";
  CHECK_EQ(compose_files(chain, "cat/l1.yaml").layers.size(), 16);
}

TEST_CASE("names of pools") {
  const std::string rule = " 1 to 32 of a-z, 0-9 and -, not beginning with -";
  CHECK_EQ(compose_files({{"/x/my-shop2.yaml", "limits: {}\n"}}, "/x/my-shop2.yaml").policy.name, "my-shop2");
  CHECK_EQ(compose_files({{"a.yaml", "name: b\n"}}, "a.yaml").policy.name, "b");
  compose_files(
      {{"My.yaml", "limits: {}\n"}}, "My.yaml",
      "My.yaml: name: `My` is not a name (it comes from the file's); rename the file, or add name: with" + rule);
  for (const std::string& name : Texts{"-a", "a_b", "a/b", "a.b", "Abc", "a23456789012345678901234567890123"})
    compose_files({{"a.yaml", "name: " + name + "\n"}}, "a.yaml",
                  "a.yaml:1:7: name: `" + name + "` is not a name; write" + rule);
}

TEST_CASE("groups become names, and origins remember the group") {
  const Composed composed = compose_files(
      {{"a.yaml", "syscalls:\n  report:\n    - \"@clock\"\n    - ptrace\n  absent: [clone3]\n"}}, "a.yaml");
  CHECK(composed.policy.syscalls.report == Texts{"settimeofday", "adjtimex", "ptrace"});
  CHECK_EQ(composed.origins.find("syscalls.report[adjtimex]").where.text(), "a.yaml:3:7");
  CHECK_EQ(composed.origins.find("syscalls.report[adjtimex]").through, "@clock");
  CHECK_EQ(composed.origins.find("syscalls.report[ptrace]").where.text(), "a.yaml:4:7");
  CHECK_EQ(composed.origins.find("syscalls.report[ptrace]").through, "");
}

TEST_CASE("groups in the other spellings") {
  const std::string below = "syscalls: {report: [\"@clock\", ptrace], allow: [read]}\n";
  const auto above = [&](const std::string& text) {
    return compose_files({{"cat/b.yaml", below}, {"a.yaml", "extends: b\n" + text}}, "a.yaml");
  };
  CHECK(above("syscalls: {report: {remove: [\"@clock\"]}}\n").policy.syscalls.report == Texts{"ptrace"});
  CHECK(above("syscalls: {report: {remove: [adjtimex]}}\n").policy.syscalls.report == Texts{"settimeofday", "ptrace"});
  CHECK(above("syscalls: {report: [\"@odd\"]}\n").policy.syscalls.report ==
        Texts{"settimeofday", "adjtimex", "ptrace"});  // groups overlap
  CHECK(above("syscalls: {report: [\"@odd\", ptrace]}\n").policy.syscalls.report ==
        Texts{"settimeofday", "adjtimex", "ptrace"});
  const Composed granted =
      above("syscalls: {allow: [{name: \"@clock\", why: sets the clock}, {name: adjtimex, why: slews}]}\n");
  CHECK(granted.policy.syscalls.allow ==
        std::vector<SyscallGrant>{{"read", ""}, {"settimeofday", "sets the clock"}, {"adjtimex", "slews"}});
}

TEST_CASE("the highest layer decides about a call") {
  const std::string below = "syscalls:\n  allow: [read, kill]\n  report: [\"@clock\", ptrace]\n  absent: [clone3]\n";
  const auto above = [&](const std::string& text, const std::string& expected = {}) {
    return compose_files({{"cat/b.yaml", below}, {"a.yaml", "extends: b\n" + text}}, "a.yaml", expected);
  };
  const Composed allow = above("syscalls: {allow: [ptrace, clone3]}\n");
  CHECK(allowed(allow.policy) == Texts{"read", "kill", "ptrace", "clone3"});
  CHECK(allow.policy.syscalls.report == Texts{"settimeofday", "adjtimex"});
  CHECK(allow.policy.syscalls.absent == Texts{});
  CHECK_EQ(allow.overridden_reports.size(), 1);
  CHECK_EQ(allow.overridden_reports.at("ptrace").where.text(), "cat/b.yaml:3:22");

  const Composed report = above("syscalls: {report: [kill], absent: [ptrace]}\n");
  CHECK(allowed(report.policy) == Texts{"read"});
  CHECK(report.policy.syscalls.absent == Texts{"clone3", "ptrace"});
  CHECK(report.overridden_reports.empty());

  // Emptying the list first does not hide what is granted.
  CHECK(above("syscalls: {report: {set: []}, allow: [ptrace]}\n").overridden_reports.contains("ptrace"));
  CHECK(above("syscalls: {report: {remove: [ptrace]}, allow: [ptrace]}\n").overridden_reports.contains("ptrace"));
}

TEST_CASE("a layer in the middle may override, and be overridden") {
  const auto three = [&](const std::string& middle, const std::string& top) {
    return compose_files({{"cat/b.yaml", "syscalls: {report: [ptrace]}\n"},
                          {"cat/m.yaml", "extends: b\n" + middle},
                          {"a.yaml", "extends: m\n" + top}},
                         "a.yaml");
  };
  CHECK(three("syscalls: {allow: [ptrace]}\n", "").overridden_reports.contains("ptrace"));
  CHECK(three("syscalls: {report: {remove: [ptrace]}}\n", "syscalls: {allow: [ptrace]}\n")
            .overridden_reports.contains("ptrace"));
  const Composed again = three("syscalls: {allow: [ptrace]}\n", "syscalls: {report: [ptrace]}\n");
  CHECK(again.overridden_reports.empty());
  CHECK(again.policy.syscalls.allow.empty());
}

TEST_CASE("mistakes in lists of calls") {
  struct Row {
    std::string text, expected;
  };
  for (const Row& row :
       {Row{"syscalls: {allow: [raed]}\n",
            "a.yaml:1:20: syscalls: `raed` is no system call of any architecture; did you mean `read`?"},
        {"syscalls:\n  allow:\n    - [read, {name: frobnicate, why: x}]\n",
         "a.yaml:3:21: syscalls: `frobnicate` is no system call of any architecture; `man 2 syscalls` lists them"},
        {"syscalls: {report: [\"@clok\"]}\n",
         "a.yaml:1:21: syscalls: there is no group `@clok`; did you mean `@clock`?"},
        {"syscalls: {report: [\"@everything\"]}\n",
         "a.yaml:1:21: syscalls: there is no group `@everything`; known: @clock, @odd"},
        {"syscalls: {allow: [setuid32]}\n", ""},
        {"syscalls: {allow: [read], report: [read]}\n",
         "a.yaml:1:36: syscalls.report: `read` is also in syscalls.allow at a.yaml:1:20; keep it in one of them; "
         "instead of a group, list "
         "those of its names that are meant"},
        {"syscalls: {report: [ptrace], absent: [ptrace]}\n",
         "a.yaml:1:21: syscalls.report: `ptrace` is also in syscalls.absent at a.yaml:1:39; keep it in one of them; "
         "instead of a group, "
         "list those of its names that are meant"},
        {"syscalls: {allow: [ptrace], report: [\"@odd\"]}\n",
         "a.yaml:1:38: syscalls.report: `ptrace` (of @odd) is also in syscalls.allow at a.yaml:1:20; keep it in one of "
         "them; instead of a "
         "group, list those of its names that are meant"},
        {"syscalls: {report: [ptrace, ptrace]}\n",
         "a.yaml:1:29: syscalls.report[ptrace]: listed twice; keep one; the first is at a.yaml:1:21"},
        {"syscalls: {allow: 7}\n",
         "a.yaml:1:19: syscalls.allow: is a single value, a list belongs here; write [FIRST, SECOND]"},
        {"syscalls: [read]\n", "a.yaml:1:11: syscalls: is a list, a mapping belongs here; write {KEY: VALUE}"}}) {
    CAPTURE(row.text);
    compose_files({{"a.yaml", row.text}}, "a.yaml", row.expected);
  }
}

TEST_CASE("the groups' file is read only when a group is used, and checked") {
  base::Diagnostics diagnostics;
  compose("nowhere", test::Files{{{"a.yaml", "syscalls: {allow: [read]}\n"}}}, "a.yaml", diagnostics);
  CHECK_EQ(test::report(diagnostics), "");
  compose("nowhere", test::Files{{{"a.yaml", "syscalls: {allow: [\"@x\"]}\n"}}}, "a.yaml", diagnostics);
  CHECK_EQ(test::report(diagnostics),
           "nowhere/syscalls.yaml: cannot be read: open(nowhere/syscalls.yaml): No such file or directory");
  compose_files(
      {{"cat/syscalls.yaml", "groups: {\"@x\": {names: [raed]}}\n"}, {"a.yaml", "syscalls: {absent: [\"@x\"]}\n"}},
      "a.yaml", "cat/syscalls.yaml:1:25: groups[@x].names: `raed` is no system call; did you mean `read`?");
}

TEST_CASE("keys") {
  const Texts keys = all_keys();
  CHECK(std::is_sorted(keys.begin(), keys.end()));
  for (const std::string key : {"extends", "name", "limits.memory.max", "php.pm.max_children", "jobs", "syscalls.allow",
                                "filesystem.tmp.size", "connect"})
    CHECK(std::find(keys.begin(), keys.end(), key) != keys.end());
  CHECK(std::find(keys.begin(), keys.end(), "limits") == keys.end());
}
