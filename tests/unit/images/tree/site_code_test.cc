#include "images/tree/site_code.h"

#include <doctest/doctest.h>

using namespace images;

namespace {

const Ids kIds{"pool", 10000, 10000};

PathMap files(const std::vector<std::pair<std::string, std::string>>& all) {
  PathMap tree;
  for (const auto& [path, text] : all) REQUIRE(tree.add(path, {.mode = 0666, .uid = 1000, .gid = 1000, .mtime = 5, .content = content(text)}).ok());
  return tree;
}

}  // namespace

TEST_CASE("code is root's without a write bit; declared paths are the pool's; what is absent and not optional is made") {
  CodeRules rules;
  rules.writable = {"data", "conf/users.php", "cache", "maybe"};
  rules.optional = {"maybe"};
  const auto code = prepare_code(files({{"index.php", "<?php\n"}, {"lib/x.php", "<?php\n\n"}, {"data/a/b", "x"}, {"conf/users.php", "u"}, {"conf/local.php", "l"}}), rules, kIds);
  REQUIRE(code.ok());
  struct Row {
    const char* path;
    std::uint32_t mode, uid;
  };
  for (const Row& row : {Row{"index.php", 0444, 0}, Row{"lib", 0555, 0}, Row{"lib/x.php", 0444, 0}, Row{"data", 0755, 10000}, Row{"data/a/b", 0644, 10000},
                         Row{"conf", 0555, 0}, Row{"conf/users.php", 0644, 10000}, Row{"conf/local.php", 0444, 0}, Row{"cache", 0755, 10000}}) {
    CAPTURE(row.path);
    const Entry* entry = code.value().tree.find(row.path);
    REQUIRE(entry != nullptr);
    CHECK_EQ(entry->mode, row.mode);
    CHECK_EQ(entry->uid, row.uid);
    CHECK_EQ(entry->gid, row.uid);
    CHECK_EQ(entry->mtime, 0);
  }
  CHECK(code.value().tree.find("maybe") == nullptr);
  CHECK_EQ(code.value().kept.files, 5);
  CHECK_EQ(code.value().kept.php_lines, 3);
}

TEST_CASE("pruned by name anywhere or by path; Twig's Test folders stay; a report") {
  CodeRules rules;
  rules.prune_names = {"node_modules", "*.ts", ".github"};
  rules.prune_paths = {"tests", "plugins/*/tests"};
  rules.keep = {"node_modules"};
  const auto code = prepare_code(files({{"tests/a.php", "<?php\n\n\n"}, {"vendor/twig/src/Test/b.php", "x"}, {"plugins/P/tests/c.php", "x\n"}, {"plugins/P/src/d.ts", "x"},
                                        {"plugins/P/src/d.less", "x"}, {"node_modules/e.js", "x"}, {"plugins/P/node_modules/f.js", "x"}, {".github/g", "x"}}),
                                 rules, kIds);
  REQUIRE(code.ok());
  std::string left;
  for (const auto& [path, entry] : code.value().tree.entries())
    if (entry.kind == Entry::Kind::file) left += path + " ";
  CHECK_EQ(left, "node_modules/e.js plugins/P/src/d.less vendor/twig/src/Test/b.php ");
  CHECK_EQ(code.value().pruned.files, 5);
  CHECK_EQ(code.value().pruned.php_lines, 4);
}

TEST_CASE("secrets stop the build, unless named") {
  const std::string key = "-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n";
  for (const std::string path : {".env", ".env.local", "app/.env", ".git/config", "auth.json", "keys/id_rsa", ".htpasswd", "lib/.npmrc", "wp-config.php", "config/config.ini.php"}) {
    CAPTURE(path);
    CodeRules rules;
    const auto refused = prepare_code(files({{path, "x"}}), rules, kIds);
    REQUIRE_FALSE(refused.ok());
    CHECK_NE(refused.error().text().find("looks like"), std::string::npos);
    rules.secrets = {path.substr(0, path.find("/config"))};
    CHECK(prepare_code(files({{path, "x"}}), rules, kIds).ok());
    rules.secrets = {"other"};
    CHECK_FALSE(prepare_code(files({{path, "x"}}), rules, kIds).ok());
  }
  CHECK_FALSE(prepare_code(files({{"any.pem", "comment\n" + key}}), {}, kIds).ok());
  CHECK(prepare_code(files({{"code.php", "if ($x == '-----BEGIN RSA PRIVATE KEY-----')\n"}, {"a.pem", "-----BEGIN CERTIFICATE-----\n"}, {"environment.env.php", ""}}), {}, kIds).ok());
}

TEST_CASE("a file that composer loads at every request must not be pruned") {
  const std::string list = "return array('1' => $vendorDir . '/x/functions.php',);";
  CodeRules rules;
  const auto with = files({{"vendor/composer/autoload_files.php", list}, {"vendor/x/functions.php", "x"}});
  CHECK(prepare_code(with, rules, kIds).ok());
  rules.prune_paths = {"vendor/x"};
  const auto refused = prepare_code(with, rules, kIds);
  REQUIRE_FALSE(refused.ok());
  CHECK_NE(refused.error().text().find("vendor/x/functions.php is pruned or absent"), std::string::npos);
}

TEST_CASE("links with absolute targets are refused") {
  PathMap tree = files({{"a", "x"}});
  REQUIRE(tree.add("b", {.kind = Entry::Kind::symlink, .mode = 0777, .target = "/etc/dokuwiki/local.php"}).ok());
  CHECK_NE(prepare_code(tree, {}, kIds).error().text().find("b is a link to /etc/dokuwiki"), std::string::npos);
}
