#include "profiles/compare/compare.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>

#include "profiles/compare/widening.h"
#include "profiles/load/compose.h"
#include "profiles/load/kinds.h"
#include "tests/support/golden.h"
#include "tests/support/invented.h"

using profiles::Difference;
using profiles::Policy;

namespace {

Policy policy_of(const std::string& yaml) {
  base::Diagnostics diagnostics;
  const auto composed = test::pool(yaml, diagnostics);
  REQUIRE_EQ(test::text_of(diagnostics), "");
  return composed.policy;
}

std::string differences(const std::string& before, const std::string& after) {
  std::string text;
  for (const Difference& one : profiles::compare(policy_of(before), policy_of(after))) text += profiles::text_of(one) + "\n";
  return text;
}

// Every key of the language, also of items: "connect[].tcp".
struct AllKeys {
  std::string path;
  std::vector<std::string>& keys;
  template <class T>
  void below(const std::string& key, T& value) {
    AllKeys deeper{key, keys};
    describe(deeper, value);
  }
  template <class T>
  void field(std::string_view name, T& value, std::string_view) {
    const std::string key = profiles::key_below(path, name);
    if constexpr (profiles::DescribedStruct<T>) {
      below(key, value);
    } else {
      keys.push_back(key);
      items(key, value);
    }
  }
  template <class T>
  void title(std::string_view, T&, std::string_view) {}
  template <class T>
  void words(std::string_view name, T&, std::string_view) {
    keys.push_back(profiles::key_below(path, name));
  }
  template <class T>
  void items(const std::string&, T&) {}
  template <class T>
  void items(const std::string& key, std::vector<T>&) {
    T item{};
    if constexpr (profiles::DescribedStruct<T>) below(key + "[]", item);
  }
  template <class T>
  void items(const std::string& key, std::map<std::string, T>&) {
    T item{};
    if constexpr (profiles::DescribedStruct<T>) below(key + "[]", item);
  }
};

}  // namespace

TEST_CASE("golden: two pools") {
  const std::string text = differences(test::kShop, R"(extends: dokuwiki
identity: {user: www-wiki}
listen: {group: www-data}
filesystem: {code: /srv/shop/www, umask: "0002"}
connect: [unix: /run/mysqld/mysqld.sock]
network: {mode: host, why: a test}
syscalls:
  allow: {add: [{name: ptrace, why: a test}], remove: [sched_yield]}
  arguments: {add: [{name: ioctl, index: 1, one_of: [TCGETS, TIOCSTI], why: a test}], remove: ["mkdir:1"]}
limits: {memory.max: 1GiB, pids.max: ~, cpu.max: 100%, start_timeout: 60s}
php: {extensions: [gd], disable_functions: {remove: [exec]}, admin_values: {memory_limit: 256M, phar.readonly: ~}}
jobs: {clean: {every: 1h, run: [php, clean.php]}}
)");
  test::check_golden("compare/pools.txt", text);
}

TEST_CASE("what widens, and what does not") {
  struct Row {
    const char* before;
    const char* after;
    const char* wanted;
  };
  const Row rows[] = {
      {"limits: {memory.max: 1GiB}", "limits: {memory.max: 512MiB}", "~ limits.memory.max 1GiB -> 512MiB\n"},
      {"limits: {pids.max: 8}", "limits: {pids.max: ~}", "~ limits.pids.max 8 -> none  (widens)\n"},
      {"limits: {pids.max: ~}", "limits: {pids.max: 8}", "~ limits.pids.max none -> 8\n"},
      {"filesystem: {writable: [data]}", "{}", "- filesystem.writable data\n"},
      {"filesystem: {writable: [data]}", "filesystem: {writable: [{path: data, optional: true}]}",
       "~ filesystem.writable[data].optional false -> true\n"},
      {"filesystem: {umask: \"0077\"}", "filesystem: {umask: \"0027\"}", "~ filesystem.umask 0077 -> 0027  (widens)\n"},
      {"web: {front_controllers: [index.php]}", "{}", "- web.front_controllers index.php  (widens)\n"},
      {"{}", "web: {front_controllers: [index.php]}", "+ web.front_controllers index.php\n"},
      {"web: {front_controllers: [a.php]}", "web: {front_controllers: [a.php, b.php]}", "+ web.front_controllers b.php  (widens)\n"},
      {"web: {deny: [data]}", "{}", "- web.deny data  (widens)\n"},
      {"php: {open_basedir: true}", "{}", "~ php.open_basedir true -> false  (widens)\n"},
      {"connect: [{tcp: \"a:1\", why: x}]", "connect: [{tcp: \"a:1\", why: y}]", ""},
      {"name: one", "name: two", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.before);
    CAPTURE(row.after);
    CHECK_EQ(differences(row.before, row.after), row.wanted);
  }
}

TEST_CASE("a policy is the same as itself, whatever is written in it") {
  for (const char* profile : {"dokuwiki", "matomo", "wordpress"})
    CHECK_EQ(differences(std::string("extends: ") + profile, std::string("extends: ") + profile), "");
}

TEST_CASE("somebody decided about every key whether it widens") {
  std::vector<std::string> keys;
  AllKeys collector{{}, keys};
  Policy policy;
  describe(collector, policy);
  CHECK_GT(keys.size(), 60);
  for (const std::string& key : keys) {
    if (key == "name" || key.ends_with("why")) continue;
    CAPTURE(key);
    CHECK(profiles::widening_of(key) != nullptr);
  }
  for (const auto& rule : profiles::widening_rules()) {
    CAPTURE(rule.key);
    CHECK(std::find(keys.begin(), keys.end(), rule.key) != keys.end());
  }
}
