#include "images/build/web.h"

#include <doctest/doctest.h>

#include "images/build/nginx_conf.h"
#include "profiles/load/compose.h"

using namespace images;

namespace {

profiles::Policy policy(const std::string& yaml) {
  base::Diagnostics diagnostics;
  const auto read = [&](const std::string&) -> base::Result<std::string> { return yaml; };
  return profiles::compose("", read, "pool.yaml", diagnostics).policy;
}

const char* const kBlog = R"(name: blog
filesystem: {code: /srv/www, writable: [wp-content/uploads, {path: cache, optional: true}, data]}
web: {front_controllers: [index.php, "wp-admin/*.php"], deny: [data, readme.html, wp-config.php]}
)";

PathMap code() {
  PathMap tree;
  for (const char* path : {"index.php", "wp-admin/index.php", "wp-admin/style.css", "wp-admin/includes/file.php", "wp-config.php", "readme.html", "lib/a.PHP", "lib/a.php.txt",
                           "lib/about-php.txt", "lib/a.js", ".htaccess", ".well-known/x.txt", "dump.sql", "wp-content/uploads/old.png", "data/secret.txt", "with.phtml"})
    REQUIRE(tree.add("srv/www/" + std::string(path), {.mode = 0444, .content = content(path)}).ok());
  return tree;
}

PathMap served(const std::string& yaml) {
  const auto composed = policy(yaml);
  const auto site = profiles::web_site(composed);
  REQUIRE(site.ok());
  auto files = served_files(code(), site.value(), composed);
  REQUIRE(files.ok());
  return std::move(files).value();
}

}  // namespace

TEST_CASE("an image of a web server holds what a visitor may have, and of scripts the name") {
  const PathMap files = served(kBlog);
  for (const char* path : {"wp-admin/style.css", "lib/a.js", ".well-known/x.txt", "lib/about-php.txt"}) {
    CAPTURE(path);
    const Entry* entry = files.find("srv/www/" + std::string(path));
    REQUIRE(entry != nullptr);
    CHECK_EQ(*entry->content, path);
    CHECK_EQ(entry->mode, 0444);
  }
  for (const char* path : {"index.php", "wp-admin/index.php"}) {
    CAPTURE(path);
    const Entry* entry = files.find("srv/www/" + std::string(path));
    REQUIRE(entry != nullptr);
    CHECK_EQ(*entry->content, "");
  }
  for (const char* path : {"wp-admin/includes", "wp-config.php", "readme.html", "lib/a.PHP", "lib/a.php.txt", ".htaccess", "dump.sql", "wp-content/uploads/old.png", "data", "with.phtml", "cache"}) {
    CAPTURE(path);
    CHECK(files.find("srv/www/" + std::string(path)) == nullptr);
  }
}

TEST_CASE("where the pool writes what visitors may have, a volume has its place") {
  PathMap tree = code();
  REQUIRE(tree.add("srv/www/data", {.kind = Entry::Kind::directory, .mode = 0755}).ok());
  const auto composed = policy(kBlog);
  const auto files = served_files(tree, profiles::web_site(composed).value(), composed);
  REQUIRE(files.ok());
  const Entry* uploads = files.value().find("srv/www/wp-content/uploads");
  REQUIRE(uploads != nullptr);
  CHECK_EQ(uploads->kind, Entry::Kind::directory);
  CHECK(files.value().find("srv/www/data") == nullptr);
}

TEST_CASE("nothing above the document root is served") {
  const PathMap files = served("name: app\nfilesystem: {code: /srv/www}\nweb: {document_root: lib, front_controllers: [index.php]}\n");
  CHECK(files.find("srv/www/lib/a.js") != nullptr);
  CHECK(files.find("srv/www/wp-admin") == nullptr);
  CHECK(files.find("srv/www/index.php") == nullptr);
}

TEST_CASE("the pool's address is the recipe's, or what the policy listens on") {
  Recipe recipe;
  CHECK_EQ(pool_address(recipe, policy("name: blog\n")), "unix:/run/fpmbox/blog/live.sock");
  CHECK_EQ(pool_address(recipe, policy("name: blog\nlisten: {unix: /run/x.sock}\n")), "unix:/run/x.sock");
  CHECK_EQ(pool_address(recipe, policy("name: blog\nlisten: {tcp: \"0.0.0.0:9000\"}\n")), "127.0.0.1:9000");
  recipe.web.pool = "blog:9000";
  CHECK_EQ(pool_address(recipe, policy("name: blog\n")), "blog:9000");
  CHECK(upstream_conf("pool", "blog:9000").find("upstream pool { server blog:9000; }") != std::string::npos);
  CHECK(nginx_conf(8081).find("    listen 8081 default_server;") != std::string::npos);
}
