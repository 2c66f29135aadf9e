#include "profiles/load/reader.h"

#include <doctest/doctest.h>

#include "tests/unit/profiles/load/files.h"

using namespace profiles;

namespace {

struct Row {
  std::string text, expected;
};

void check_rows(std::initializer_list<Row> rows) {
  for (const Row& row : rows) {
    CAPTURE(row.text);
    base::Diagnostics diagnostics;
    test::compose_text(row.text, diagnostics);
    CHECK_EQ(test::report(diagnostics), row.expected);
  }
}

Policy policy_of(const std::string& text) {
  base::Diagnostics diagnostics;
  CAPTURE(text);
  Policy policy = test::compose_text(text, diagnostics).policy;
  CHECK_EQ(test::report(diagnostics), "");
  return policy;
}

// Two layers: `below` is extended by `above`.
Composed two(const std::string& below, const std::string& above, const std::string& expected = {}) {
  base::Diagnostics diagnostics;
  const test::Files files{{{"below.yaml", below}, {"pool.yaml", "extends: ./below.yaml\n" + above}}, true};
  Composed composed = compose(test::kCatalog, files, "pool.yaml", diagnostics);
  CAPTURE(above);
  CHECK_EQ(test::report(diagnostics), expected);
  return composed;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("values of each type") {
  const Policy policy = policy_of(R"(
name: shop
identity: {user: www-shop}
limits: {memory.max: 768MiB, pids.max: 64, cpu.max: 200%, stop_timeout: 1500ms}
filesystem: {code: /srv/shop, umask: "0027", writable: [data, {path: cache, optional: true}]}
php: {version: "8.10", open_basedir: true, extensions: [gd], pm: {max_children: 7}}
connect: [{unix: /run/db/s.sock}, {tcp: "a.org:443", why: updates}]
jobs: {tick: {every: 1h, run: [php, x, x]}}
environment: {A: 1, B: "", C: yes}
)");
  CHECK_EQ(policy.name, "shop");
  CHECK(policy.limits.memory_max == base::Bytes{768ull << 20});
  CHECK(policy.limits.pids_max == 64u);
  CHECK(policy.limits.cpu_max == base::Percent{200});
  CHECK(policy.limits.stop_timeout == base::Duration{1500});
  CHECK_EQ(policy.filesystem.umask.bits, 027u);
  CHECK(policy.filesystem.writable == std::vector<Writable>{{{"data"}, false}, {{"cache"}, true}});
  CHECK_EQ(policy.php.version.text, "8.10");
  CHECK(policy.php.open_basedir);
  CHECK(policy.php.pm.max_children == 7u);
  CHECK_EQ(policy.connect.size(), 2);
  CHECK_EQ(policy.connect[1].tcp, "a.org:443");
  CHECK(policy.jobs.at("tick").run == Texts{"php", "x", "x"});
  CHECK(policy.environment == Environment{{"A", "1"}, {"B", ""}, {"C", "yes"}});
}

TEST_CASE("yaml-cpp trap: yes and on were true") {
  for (const std::string word : {"yes", "on", "True", "TRUE", "y", "1"})
    check_rows({{"php: {open_basedir: " + word + "}\n",
                 "pool.yaml:1:21: php.open_basedir: `" + word + "` is neither true nor false; write true or false"}});
  check_rows({{"php: {open_basedir: \"true\"}\n",
               "pool.yaml:1:21: php.open_basedir: a text in quotes; write true without quotes"}});
  CHECK_EQ(policy_of("environment: {A: yes}\n").environment.at("A"), "yes");
}

TEST_CASE("yaml-cpp trap: 0755 was octal") {
  check_rows({{"limits: {nofile: 0755}\n",
               "pool.yaml:1:18: limits.nofile: `0755` is not a whole number; write decimal digits, such as 64"}});
  CHECK_EQ(policy_of("filesystem: {umask: 0027}\n").filesystem.umask.bits, 027u);
  for (const std::string mode : {"027", "0o27", "27", "00027", "0028", "1777", "\"22\""})
    check_rows({{"filesystem: {umask: " + mode + "}\n",
                 "pool.yaml:1:21: filesystem.umask: `" + std::string(mode == "\"22\"" ? "22" : mode) +
                     "` is not a mode; write four octal digits that begin with 0, such as \"0022\""}});
}

TEST_CASE("yaml-cpp trap: a failed conversion overwrote the target") {
  const std::string below =
      "limits: {memory.max: 1GiB, nofile: 2048}\nphp: {extensions: [gd], pm: {max_children: 7}}\n";
  const Policy policy =
      two(below, "limits: {memory.max: much, nofile: many}\nphp: {pm: {max_children: -1}}\n",
          "pool.yaml:2:22: limits.memory.max: `much` is not a size; write 16MiB (or B, KiB, GiB, TiB)\n"
          "pool.yaml:2:36: limits.nofile: `many` is not a whole number; write decimal digits, such as 64\n"
          "pool.yaml:3:26: php.pm.max_children: `-1` is not a whole number; write decimal digits, such as 64")
          .policy;
  CHECK(policy.limits.memory_max == base::Bytes{1ull << 30});
  CHECK_EQ(policy.limits.nofile, 2048u);
  CHECK(policy.php.pm.max_children == 7u);
}

TEST_CASE("yaml-cpp trap: an unquoted 8.10") {
  check_rows({{"php: {version: 8.10}\n",
               "pool.yaml:1:16: php.version: `8.10` is not in quotes; write version: \"8.10\" in quotes, an unquoted "
               "8.10 is the "
               "number 8.1 to other tools"}});
}

TEST_CASE("a wrong value says what to write") {
  const std::string path_fix = "; write it from / on, without `.`, `..`, `//` or a slash at the end";
  const std::string tree_fix = "; write it relative to the code, without `.`, `..`, `//` or a slash at the end";
  check_rows({
      {"limits: {memory.max: 12}\n",
       "pool.yaml:1:22: limits.memory.max: `12` is not a size; write 12MiB (or B, KiB, GiB, TiB)"},
      {"limits: {cpu.max: 2}\n",
       "pool.yaml:1:19: limits.cpu.max: `2` is not a share of processor time; write 100% for one core"},
      {"limits:\n  stop_timeout: 30\n",
       "pool.yaml:2:17: limits.stop_timeout: `30` is not a duration; write 30s (or ms, m, h, d)"},
      {"limits: {pids.max: 4294967296}\n",
       "pool.yaml:1:20: limits.pids.max: `4294967296` is too large; write at most 4294967295"},
      {"limits: {pids.max: \"64\"}\n", "pool.yaml:1:20: limits.pids.max: a text in quotes; write 64 without quotes"},
      {"filesystem: {code: srv/x}\n",
       "pool.yaml:1:20: filesystem.code: `srv/x` is not an absolute path in its plain form" + path_fix},
      {"filesystem: {code: /srv/../etc}\n",
       "pool.yaml:1:20: filesystem.code: `/srv/../etc` is not an absolute path in its plain form" + path_fix},
      {"filesystem: {code: /srv/}\n",
       "pool.yaml:1:20: filesystem.code: `/srv/` is not an absolute path in its plain form" + path_fix},
      {"filesystem: {code: \"/srv\\nx\"}\n",
       "pool.yaml:1:20: filesystem.code: `/srv\\x0ax` holds a control character; write a path without one"},
      {"filesystem:\n  writable:\n    - ../etc\n",
       "pool.yaml:3:7: filesystem.writable[].path: `../etc` is not a path below the code in its plain form" + tree_fix},
      {"limits: [1]\n", "pool.yaml:1:9: limits: is a list, a mapping belongs here; write {KEY: VALUE}"},
      {"limits:\n", "pool.yaml:1:1: limits: has no value, a mapping belongs here; write it, or remove the key"},
      {"limits: {nofile: ~}\n",
       "pool.yaml:1:18: limits.nofile: ~ (null) means nothing here, a single value belongs here; write it, or remove "
       "the key"},
      {"limits: {nofile: }\n",
       "pool.yaml:1:10: limits.nofile: has no value, a single value belongs here; write it, or remove the key"},
      {"limits: {memory.max: }\n",
       "pool.yaml:1:10: limits.memory.max: has no value, a single value belongs here; write it, or remove the key"},
      {"php: {extensions: gd}\n",
       "pool.yaml:1:19: php.extensions: is a single value, a list belongs here; write [FIRST, SECOND]"},
      {"php: {extensions: ~}\n",
       "pool.yaml:1:19: php.extensions: has no value, a list belongs here; write {set: []} to empty it, or remove the "
       "key"},
      {"php: {extensions: {plus: [gd]}}\n",
       "pool.yaml:1:20: php.extensions.plus: there is no such key; known here: add, remove, set"},
      {"connect: [/run/x.sock]\n",
       "pool.yaml:1:11: connect[]: is a single value, a mapping belongs here; write {KEY: VALUE}"},
      {"filesystem: {writable: [{optional: true}]}\n",
       "pool.yaml:1:25: filesystem.writable: an item without `path`; add path:"},
      {"syscalls: {allow: [\"\"]}\n",
       "pool.yaml:1:20: syscalls.allow[].name: an empty name; write one, or remove the item"},
      {"jobs: {a: {run: php x}}\n",
       "pool.yaml:1:17: jobs[a].run: is a single value, a list belongs here; write [FIRST, SECOND]"},
      {"environment: {A: }\n",
       "pool.yaml:1:15: environment[A]: has no value, a single value belongs here; write it, or remove the key"},
      {"environment: {A: [x]}\n",
       "pool.yaml:1:18: environment[A]: is a list, a single value belongs here; write KEY: VALUE"},
  });
}

TEST_CASE("an unknown key names the nearest") {
  check_rows({
      {"limit: {}\n", "pool.yaml:1:1: limit: there is no such key; did you mean `limits`?"},
      {"limits:\n  memroy.max: 1GiB\n",
       "pool.yaml:2:3: limits.memroy.max: there is no such key; did you mean `memory.max`?"},
      {"limits: {memory: {max: 1GiB}}\n",
       "pool.yaml:1:10: limits.memory: there is no such key; did you mean `memory.max`?"},
      {"memory.max: 1GiB\n", "pool.yaml:1:1: memory.max: there is no such key; did you mean `limits.memory.max`?"},
      {"extend: base\n", "pool.yaml:1:1: extend: there is no such key; did you mean `extends`?"},
      {"php: {memory_limit: 1G}\n",
       "pool.yaml:1:7: php.memory_limit: there is no such key; a setting of php.ini is written php: {admin_values: {memory_limit: VALUE}}; known here: version, binary, "
       "timezone, extensions, admin_values, disable_functions, limit_extensions, open_basedir, pm, opcache"},
      {"identity: {passwd: x}\n", "pool.yaml:1:12: identity.passwd: there is no such key; known here: user, group"},
      {"filesystem: {writable: [{path: a, optionl: true}]}\n",
       "pool.yaml:1:35: filesystem.writable[a].optionl: there is no such key; did you mean `optional`?"},
      {"jobs: {a: {evry: 1h}}\n", "pool.yaml:1:12: jobs[a].evry: there is no such key; did you mean `every`?"},
  });
}

TEST_CASE("lists add, remove and set") {
  const std::string below = "php: {extensions: [gd, intl, zip]}\n";
  struct Case {
    std::string above;
    Texts expected;
  };
  for (const Case& row : {Case{"php: {extensions: [curl]}\n", {"gd", "intl", "zip", "curl"}},
                          {"php: {extensions: {add: [curl]}}\n", {"gd", "intl", "zip", "curl"}},
                          {"php: {extensions: [zip, curl]}\n", {"gd", "intl", "zip", "curl"}},
                          {"php: {extensions: {remove: [intl]}}\n", {"gd", "zip"}},
                          {"php: {extensions: {remove: [intl], add: [curl]}}\n", {"gd", "zip", "curl"}},
                          {"php: {extensions: {add: [intl], remove: [intl]}}\n", {"gd", "zip", "intl"}},
                          {"php: {extensions: {set: [curl]}}\n", {"curl"}},
                          {"php: {extensions: {set: []}}\n", {}},
                          {"php: {extensions: [[curl, [dom]], xml]}\n", {"gd", "intl", "zip", "curl", "dom", "xml"}},
                          {"php: {extensions: []}\n", {"gd", "intl", "zip"}}}) {
    CAPTURE(row.above);
    CHECK(two(below, row.above).policy.php.extensions == row.expected);
  }
  two(below, "php: {extensions: {remove: [intll]}}\n",
      "pool.yaml:2:29: php.extensions: `intll` cannot be removed, no layer below has it; did you mean `intl`?");
  two(below, "php: {extensions: {remove: [sockets]}}\n",
      "pool.yaml:2:29: php.extensions: `sockets` cannot be removed, no layer below has it; remove this line");
  two(below, "php: {extensions: [a, [a]]}\n",
      "pool.yaml:2:24: php.extensions[a]: listed twice; keep one; the first is at pool.yaml:2:20");
}

TEST_CASE("an item with a name replaces the one below") {
  const Composed composed = two("filesystem: {writable: [a, {path: b, optional: true}]}\n",
                                "filesystem: {writable: [{path: a, optional: true}, b]}\n");
  CHECK(composed.policy.filesystem.writable == std::vector<Writable>{{{"a"}, true}, {{"b"}, false}});
  CHECK_EQ(composed.origins.find("filesystem.writable[a].optional").where.text(), "pool.yaml:2:45");
  CHECK_EQ(composed.origins.find("filesystem.writable[b]").where.text(), "pool.yaml:2:52");
  CHECK_FALSE(composed.origins.all().contains("filesystem.writable[b].optional"));
  const Composed removed =
      two("filesystem: {writable: [a, {path: b, optional: true}]}\n", "filesystem: {writable: {remove: [b]}}\n");
  CHECK(removed.policy.filesystem.writable == std::vector<Writable>{{{"a"}, false}});
  CHECK_FALSE(removed.origins.all().contains("filesystem.writable[b].path"));
  two("syscalls: {arguments: [{name: clone, index: 0, none_of: [CLONE_NEWNS]}]}\n",
      "syscalls: {arguments: {remove: [\"clone:0\"]}}\n");
}

TEST_CASE("maps overwrite, ~ removes, structs in maps are changed field by field") {
  const std::string below =
      "environment: {A: x, B: y}\njobs: {tick: {every: 1h, run: [php, a, a]}}\nlimits: {pids.max: 3}\n";
  const Composed composed =
      two(below, "environment: {A: z, B: ~, C: null-ish}\njobs: {tick: {every: 2h}}\nlimits: {pids.max: ~}\n");
  CHECK(composed.policy.environment == Environment{{"A", "z"}, {"C", "null-ish"}});
  CHECK(composed.policy.jobs.at("tick") == Job{base::Duration{7200000}, {"php", "a", "a"}});
  CHECK_FALSE(composed.policy.limits.pids_max.has_value());
  CHECK_FALSE(composed.origins.all().contains("environment[B]"));
  CHECK(two(below, "jobs: {tick: {run: [php, b]}}\n").policy.jobs.at("tick").run == Texts{"php", "b"});
  CHECK(two(below, "jobs: {tick: ~}\n").policy.jobs.empty());
  two(below, "environment: {BCD: ~}\n",
      "pool.yaml:2:20: environment: `BCD` cannot be removed, no layer below has it; remove this line");
}

TEST_CASE("origins name the line of each value") {
  const Composed composed =
      two("limits: {memory.max: 1GiB, nofile: 99}\nphp: {admin_values: {a.b: x}}\n",
          "limits:\n  memory.max: 2GiB\nphp: {extensions: [gd]}\njobs: {tick: {every: 1h, run: [a]}}\n");
  struct Case {
    std::string key, where;
  };
  for (const Case& row : {Case{"limits.memory.max", "pool.yaml:3:15"},
                          {"limits.nofile", "below.yaml:1:36"},
                          {"limits.pids.max", "pool.yaml:2:1"},
                          {"limits", "pool.yaml:2:1"},
                          {"php.admin_values[a.b]", "below.yaml:2:27"},
                          {"php.extensions[gd]", "pool.yaml:4:20"},
                          {"php.extensions[zip]", "pool.yaml:4:7"},
                          {"jobs[tick].every", "pool.yaml:5:22"},
                          {"jobs[tick]", "pool.yaml:5:8"},
                          {"jobs[tick].run", "pool.yaml:5:31"},
                          {"identity.user", ""}}) {
    CAPTURE(row.key);
    CHECK_EQ(composed.origins.find(row.key).where.text(), row.where);
  }
}
