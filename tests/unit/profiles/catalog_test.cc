// Every profile that is shipped composes without a word, grants no more than it is known to need, and its parts agree.
#include <doctest/doctest.h>

#include <filesystem>

#include "profiles/base/text.h"
#include "profiles/checks/checks.h"
#include "tests/unit/profiles/load/files.h"

using namespace profiles;

namespace {

std::vector<std::string> applications() {
  std::vector<std::string> out;
  for (const auto& entry : std::filesystem::directory_iterator(test::kCatalog))
    if (entry.path().extension() == ".yaml" && entry.path().stem() != "syscalls") out.push_back(entry.path().stem());
  return out;
}

Composed composed_of(const std::string& name, base::Diagnostics& diagnostics) {
  return compose(test::kCatalog, test::from_disk, test::kCatalog + "/" + name + ".yaml", diagnostics);
}

bool is_below_any(const std::string& path, const std::vector<std::string>& folders) {
  for (const std::string& folder : folders)
    if (path == folder || path.starts_with(folder + "/")) return true;
  return false;
}

std::vector<std::string> writable_of(const Policy& policy) {
  std::vector<std::string> out;
  for (const Writable& one : policy.filesystem.writable) out.push_back(one.path.text);
  return out;
}

}  // namespace

TEST_CASE("every profile of the catalog composes and passes the checks") {
  for (const std::string& name : applications()) {
    CAPTURE(name);
    base::Diagnostics diagnostics;
    const Composed composed = composed_of(name, diagnostics);
    check_policy({composed, diagnostics, false});
    CHECK_EQ(test::report(diagnostics), "");
    CHECK_EQ(composed.policy.name, name);
    CHECK_EQ(composed.overridden_reports.size(), 0);
  }
}

TEST_CASE("what each application writes, and nothing else") {
  struct Row {
    const char* name;
    const char* writable;
  };
  for (const Row& row : {Row{"php-fpm", ""}, Row{"dokuwiki", "data conf/users.auth.php conf/acl.auth.php"},
                         Row{"wordpress", "wp-content/uploads"}, Row{"mediawiki", "images cache"},
                         Row{"matomo", "tmp config/config.ini.php"}, Row{"phpmyadmin", ""}, Row{"roundcube", "temp logs"}}) {
    CAPTURE(row.name);
    base::Diagnostics diagnostics;
    CHECK_EQ(base::join(writable_of(composed_of(row.name, diagnostics).policy), " "), row.writable);
  }
}

TEST_CASE("no script that requests may name can be written, or is denied") {
  for (const std::string& name : applications()) {
    base::Diagnostics diagnostics;
    const Policy policy = composed_of(name, diagnostics).policy;
    for (const std::string& script : policy.web.front_controllers) {
      CAPTURE(name + ": " + script);
      CHECK(script.ends_with(".php"));
      CHECK_FALSE(is_below_any(script, writable_of(policy)));
      CHECK_FALSE(is_below_any(script, policy.web.deny));
    }
    if (!policy.web.fallback.empty()) CHECK(is_below_any(policy.web.fallback, policy.web.front_controllers));
  }
}

TEST_CASE("every application says how one sees that it works") {
  for (const std::string& name : applications()) {
    if (name == "base" || name == "php-fpm") continue;
    CAPTURE(name);
    base::Diagnostics diagnostics;
    const Policy policy = composed_of(name, diagnostics).policy;
    CHECK_FALSE(policy.expect.requests.empty());
    for (const ExpectedRequest& request : policy.expect.requests) CHECK_FALSE(request.body.empty());
  }
}
