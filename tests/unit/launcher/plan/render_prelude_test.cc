// The text of the prelude; what it does is proved by tests/sandbox in a real pool.
#include "launcher/plan/render_prelude.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <regex>
#include <set>

#include "profiles/checks/checks.h"
#include "tests/support/golden.h"
#include "tests/support/invented.h"

namespace {

profiles::Composed shop(const std::string& more = {}) {
  base::Diagnostics diagnostics;
  auto composed = test::pool(test::kShop + more, diagnostics);
  REQUIRE_EQ(test::text_of(diagnostics), "");
  return composed;
}

std::string prelude(const profiles::Composed& pool, const char* named = "/srv/shop/www") {
  return launcher::render_prelude({pool.policy, pool.origins, named, "/srv/shop/www-1.4", 1007});
}

constexpr const char* kFronts = "web: {front_controllers: [index.php, admin/index.php, \"lib/exe/*.php\"]}\n";

std::set<std::string> functions_of(const std::string& php) {
  std::set<std::string> out;
  const std::regex call("\\b([a-z_]+)\\(");
  for (std::sregex_iterator at(php.begin(), php.end(), call), end; at != end; ++at) out.insert((*at)[1]);
  for (const char* word : {"isset", "exit"}) out.erase(word);  // the language's own
  return out;
}

}  // namespace

TEST_CASE("golden: the guard") {
  const std::string text = prelude(shop(kFronts));
  test::check_golden("plan/shop-prelude.php.txt", text);
}

TEST_CASE("requests are marked in a recording box alone, ahead of the guard") {
  const auto pool = shop(kFronts);
  const std::string recording = launcher::render_prelude({pool.policy, pool.origins, "/srv/shop/www", "/srv/shop/www-1.4", 1007, {}, true});
  const auto mark = recording.find("/.fpmbox-request");
  REQUIRE_NE(mark, std::string::npos);
  CHECK_LT(mark, recording.find("Which script may start"));
  CHECK_EQ(prelude(pool).find("/.fpmbox-request"), std::string::npos);
  CHECK_EQ(prelude(pool).find("extensions.php"), std::string::npos);
}

TEST_CASE("without front controllers any script of the read-only code may start") {
  const std::string text = prelude(shop());
  CHECK_EQ(text.find("front controller"), std::string::npos);
  CHECK_NE(text.find("'data/'"), std::string::npos);
  CHECK_NE(text.find("'config.php/'"), std::string::npos);
}

TEST_CASE("code that the pool's user owns by agreement is not refused for its owner") {
  CHECK_NE(prelude(shop()).find("getmyuid() === 1007"), std::string::npos);
  auto accepted = shop();
  accepted.policy.filesystem.owned_by_pool = "accepted";
  CHECK_EQ(prelude(accepted).find("getmyuid"), std::string::npos);
}

TEST_CASE("an operator's own auto_prepend_file runs behind the guard") {
  struct Row {
    const char* value;
    const char* line;
  };
  const Row rows[] = {{"/srv/shop/waf.php", "require '/srv/shop/waf.php';\n"},
                      {"/srv/it's/waf.php", "require '/srv/it\\'s/waf.php';\n"},
                      {"none", ""},
                      {"", ""}};
  for (const Row& row : rows) {
    CAPTURE(row.value);
    auto pool = shop();
    pool.policy.php.admin_values["auto_prepend_file"] = row.value;
    const std::string text = prelude(pool);
    CHECK(text.ends_with("getenv('SCRIPT_FILENAME'));\n" + std::string(row.line)));
  }
}

TEST_CASE("no function that the guard needs can be disabled") {
  const auto pool = shop(kFronts);
  const auto needed = functions_of(prelude(pool));
  CHECK_GE(needed.size(), 10);
  for (const std::string& function : needed) {
    CAPTURE(function);
    base::Diagnostics diagnostics;
    auto without = pool;
    without.policy.php.disable_functions.push_back(function);
    profiles::check_policy({without, diagnostics, true});
    CHECK_NE(test::text_of(diagnostics).find("the guard that runs ahead of every request needs " + function), std::string::npos);
  }
}

TEST_CASE("what the profile says cannot leave its quotes") {
  CHECK_EQ(launcher::php_string("a'b\\c$d\"e"), "'a\\'b\\\\c$d\"e'");
}
