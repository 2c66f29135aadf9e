#include "launcher/init/findings.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <set>

#include "launcher/init/applications.h"
#include "profiles/checks/checks.h"
#include "tests/support/golden.h"
#include "tests/support/invented.h"

using launcher::Findings;
using launcher::Place;
using launcher::Step;

namespace {

Findings wiki() {
  Findings out;
  out.database_is_sure = false;
  out.name = "wiki";
  out.profile = "dokuwiki";
  out.title = "DokuWiki";
  out.code = "/srv/wiki/www";
  out.version = "/srv/wiki/www-2025.1";
  out.data = "/var/lib/www-wiki";
  out.user = "www-wiki";
  out.web_server = "nginx";
  out.web_group = "www-data";
  out.timezone = "Europe/Rome";
  out.php_versions = {"8.2"};
  out.launcher_user_exists = true;
  return out;
}

Findings shop() {
  Findings out = wiki();
  out.profile = "php-fpm";
  out.title = "Drupal";
  out.code = out.version = "/srv/my shop/www";
  out.php_versions = {"8.4", "8.2", "7.4"};
  out.databases = {"/run/mysqld/mysqld.sock"};
  out.database_is_sure = true;
  out.web_server = "apache";
  out.timezone.clear();
  return out;
}

std::string typed(const std::vector<Step>& steps) {
  std::string out;
  for (const Step& step : steps) out += launcher::as_typed(step.words) + "\n";
  return out;
}

}  // namespace

TEST_CASE("golden: pool files, which hold before every check") {
  struct Row {
    const char* name;
    Findings findings;
  };
  for (const Row& row : {Row{"wiki.yaml", wiki()}, Row{"shop.yaml", shop()}}) {
    CAPTURE(row.name);
    const std::string text = launcher::pool_text(row.findings);
    test::check_golden(std::string("init/") + row.name, text);
    base::Diagnostics diagnostics;
    const auto composed = test::pool(text, diagnostics);
    profiles::check_policy({composed, diagnostics, true});
    CHECK_EQ(test::text_of(diagnostics), "");
    CHECK_EQ(composed.policy.filesystem.code.text, row.findings.code);
    CHECK_EQ(composed.policy.filesystem.data.text, row.findings.data);
  }
}

TEST_CASE("an application that nobody knows gets the database that runs here as a line to take") {
  Findings findings = shop();
  findings.database_is_sure = false;
  const std::string text = launcher::pool_text(findings);
  CHECK_NE(text.find("\n# connect: [{unix: /run/mysqld/mysqld.sock}] # if it uses the database that runs here\n"), std::string::npos);
  CHECK_EQ(text.find("\nconnect:"), std::string::npos);
}

TEST_CASE("an application that needs a database, of which none runs here, says so in its file; one that needs none does not") {
  Findings findings = wiki();
  findings.databases.clear();
  findings.database_is_sure = true;
  CHECK_NE(launcher::pool_text(findings).find("\n# connect: [{unix: /run/mysqld/mysqld.sock}] "), std::string::npos);
  findings.database_is_sure = false;
  CHECK_EQ(launcher::pool_text(findings).find("connect: ["), std::string::npos);
}

TEST_CASE("an application is known by files that each of its versions has") {
  for (const launcher::Application& one : launcher::applications()) {
    CAPTURE(std::string(one.profile));
    const std::set<std::string_view> files(std::begin(one.files), std::end(one.files));
    const auto* found = launcher::recognize([&](std::string_view path) { return files.contains(path); });
    REQUIRE(found != nullptr);
    CHECK_EQ(std::string(found->profile), std::string(one.profile));
    CHECK(launcher::find_application(one.profile) == found);
  }
  CHECK(launcher::recognize([](std::string_view path) { return path == "index.php"; }) == nullptr);
  CHECK(launcher::recognize([](std::string_view path) { return path == "doku.php"; }) == nullptr);
}

TEST_CASE("a pool is named after its site, not after its document root") {
  struct Row {
    const char* path;
    const char* name;
  };
  const Row rows[] = {{"/srv/wiki/www", "wiki"},
                      {"/srv/wiki/www/public", "wiki"},
                      {"/var/www/html", "site"},
                      {"/srv/My_Shop.example", "my-shop-example"},
                      {"/srv/shop-", "shop"},
                      {"/www", "site"},
                      {"/srv/abcdefghijklmnopqrstuvwxyz-0123", "abcdefghijklmnopqrstuvwxyz-0"}};
  for (const Row& row : rows) {
    CAPTURE(row.path);
    CHECK_EQ(launcher::name_for(row.path), row.name);
  }
}

TEST_CASE("steps: a copy is compared and given away before it is in its place") {
  test::check_golden("init/wiki.steps", typed(launcher::steps_for(wiki(), {{"data", false, true, false, true, "www-data"},
                                                                {"conf/acl.auth.php", true, true, false, false, ""},
                                                                {"conf/users.auth.php", true, false, false, false, ""}})));
}

TEST_CASE("steps: what lies in the data folder already is not touched") {
  const std::string text = typed(launcher::steps_for(wiki(), {{"data", false, true, true, true, ""}}));
  CHECK_EQ(text.find("/data"), std::string::npos);
  CHECK_EQ(text.find("/cp "), std::string::npos);
}

TEST_CASE("steps: what is nowhere yet is made in both places, empty") {
  const auto steps = launcher::steps_for(wiki(), {{"uploads", false, false, false, true, ""}, {"app.js", false, false, false, false, ""}});
  const std::string text = typed(steps);
  CHECK_NE(text.find("install -d -m 0755 -o www-wiki -g www-wiki /var/lib/www-wiki/uploads"), std::string::npos);
  CHECK_NE(text.find("install -d -m 0755 -o root -g root /srv/wiki/www-2025.1/uploads"), std::string::npos);
  CHECK_NE(text.find("-o www-wiki -g www-wiki /dev/null /var/lib/www-wiki/app.js"), std::string::npos);
  CHECK_NE(text.find("-o root -g root /dev/null /srv/wiki/www-2025.1/app.js"), std::string::npos);
}

TEST_CASE("steps: no program deletes, none is found by its name alone") {
  Findings all = wiki();
  all.launcher_user_exists = false;
  for (const Step& step : launcher::steps_for(all, {{"data", false, true, false, true, ""}, {"a/b", false, false, false, true, ""}})) {
    CAPTURE(launcher::as_typed(step.words));
    CHECK(step.words.front().starts_with("/usr/"));
    CHECK_FALSE(step.words.front().ends_with("/rm"));
    CHECK_FALSE(step.why.empty());
  }
}

TEST_CASE("golden: an installer that writes among the code gets its folder for one run") {
  Findings matomo = wiki();
  matomo.title = "Matomo";
  CHECK_EQ(launcher::installing_text(matomo, "/etc/fpmbox/pools/wiki.yaml"), "");
  matomo.settings = "config/config.ini.php";
  matomo.installer_writes = "config";
  test::check_golden("init/installing.txt", launcher::installing_text(matomo, "/etc/fpmbox/pools/wiki.yaml"));
  matomo.installer_began = true;  // root copies nothing into a folder that a pool could write
  const std::string again = launcher::installing_text(matomo, "/etc/fpmbox/pools/wiki.yaml");
  test::check_golden("init/installing-again.txt", again);
  CHECK_EQ(again.substr(0, again.find("Once it is installed")).find("\n  cp "), std::string::npos);
}

TEST_CASE("paths that mean something else in a configuration are not plain") {
  for (const char* path : {"/srv/a", "/srv/a b", "/srv/a-1.0_x"}) CHECK(launcher::is_plain_path(path));
  for (const char* path : {"/", "", "srv/a", "/srv/../a", "/srv/a\"", "/srv/$a", "/srv/a;", "/srv/a\n", "/srv/{a}", "/srv/a#"})
    CHECK_FALSE(launcher::is_plain_path(path));
}
