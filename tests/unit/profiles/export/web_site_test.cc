// The texts; that real servers read them as they are meant is proved by tests/sandbox/web.py.
#include "profiles/export/web_site.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <regex>

#include "tests/support/golden.h"
#include "tests/support/invented.h"

using profiles::WebSite;

namespace {

// A blog whose uploads are served from outside the code, in a folder of the code that alone is shown.
const std::string kBlog = R"(extends: php-fpm
identity: {user: www-blog}
listen: {group: www-data}
filesystem:
  code: /srv/blog/www
  data: /var/lib/blog
  writable: [public/uploads, public/app.js, public/settings.php, public/secret, var]
web:
  document_root: public
  front_controllers: [public/index.php, public/admin/*.php, bin/tool.php]
  fallback: public/index.php
  deny: [public/secret, var, "public/*.dist"]
php: {admin_values: {post_max_size: 64M}}
)";

const std::string kWiki = R"(extends: dokuwiki
identity: {user: www-wiki}
listen: {group: www-data}
filesystem: {code: /srv/wiki/www, data: /var/lib/wiki}
)";

void check_text(const std::string& name, const base::Result<std::string>& text) {
  REQUIRE_MESSAGE(text.ok(), toString(text));
  test::check_golden("export/" + name, text.value());
}

}  // namespace

TEST_CASE("golden: snippets for both servers") {
  struct Row {
    const char* name;
    const std::string& yaml;
  };
  const Row rows[] = {{"blog", kBlog}, {"wiki", kWiki}, {"shop", test::kShop}};
  for (const Row& row : rows) {
    CAPTURE(row.name);
    check_text(row.name + std::string(".nginx.conf"), profiles::export_nginx(test::policy(row.yaml)));
    check_text(row.name + std::string(".apache.conf"), profiles::export_apache(test::policy(row.yaml)));
  }
}

TEST_CASE("paths of the code become addresses below the document root") {
  const auto site = profiles::web_site(test::policy(kBlog));
  REQUIRE(site.ok());
  CHECK_EQ(site.value().document_root, "/srv/blog/www/public");
  CHECK_EQ(site.value().fallback, "/index.php");
  CHECK_EQ(site.value().unix_socket, "/run/fpmbox/shop/live.sock");
  CHECK_EQ(site.value().body_bytes, 64 << 20);
  CHECK_EQ(site.value().scripts, "index\\.php|admin/(?!\\.)[^/]*\\.php");
  CHECK_EQ(site.value().deny, "secret|(?!\\.)[^/]*\\.dist");
}

TEST_CASE("only what visitors may have is served from the data folder") {
  const auto site = profiles::web_site(test::policy(kBlog));
  REQUIRE(site.ok());
  const std::vector<profiles::ServedData> expected = {{"/uploads", "/var/lib/blog/public/uploads"},
                                                      {"/app.js", "/var/lib/blog/public/app.js"}};
  CHECK(site.value().data == expected);
  const auto wiki = profiles::web_site(test::policy(kWiki));
  REQUIRE(wiki.ok());
  CHECK(wiki.value().data.empty());
  const auto in_tree = profiles::web_site(test::policy(test::kShop));
  REQUIRE(in_tree.ok());
  CHECK(in_tree.value().data.empty());
}

TEST_CASE("without front controllers any script may be asked for that the pool cannot write") {
  const auto site = profiles::web_site(test::policy(test::kShop));
  REQUIRE(site.ok());
  CHECK_EQ(site.value().no_scripts, "data|config\\.php");
  struct Row {
    const char* path;
    bool is_script;
  };
  const Row rows[] = {{"index.php", true},      {"a/b/index.php", true}, {"a/.b/index.php", false},
                      {".index.php", false},    {"index.php5", false},   {"a//index.php", false},
                      {"index.php.jpg", false}, {"../index.php", false}};
  for (const Row& row : rows) {
    CAPTURE(row.path);
    CHECK_EQ(std::regex_match(row.path, std::regex(site.value().scripts)), row.is_script);
  }
}

TEST_CASE("paths that a configuration could not hold are errors, not text") {
  for (const char* path : {"/srv/a\"b", "/srv/a$b", "/srv/a;b", "/srv/a{b", "/srv/a\nb", "/srv/ä"}) {
    CAPTURE(path);
    auto strange = test::policy(test::kShop);
    strange.filesystem.code.text = path;
    CHECK_FALSE(profiles::export_nginx(strange).ok());
    CHECK_FALSE(profiles::export_apache(strange).ok());
  }
}
