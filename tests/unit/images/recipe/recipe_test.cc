#include "images/recipe/read.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "images/build/pool.h"
#include "images/build/runtime.h"
#include "images/recipe/extensions.h"
#include "launcher/sys/file.h"

using namespace images;

namespace {

const std::string kSource = SOURCE_DIR;
const std::string kRecipes = kSource + "/images/recipes";

std::string report(const base::Diagnostics& diagnostics) {
  std::string out;
  for (const auto& one : diagnostics.all()) out += one.text() + "\n";
  return out;
}

ReadRecipe read_with(const std::string& text, base::Diagnostics& diagnostics) {
  const profiles::ReadFile read = [&](const std::string& path) -> base::Result<std::string> {
    if (path == "mine.yaml") return text;
    return sys::read_file(path, 1 << 20);
  };
  return read_recipe(kRecipes, read, "mine.yaml", diagnostics);
}

base::Result<std::string> read_file(const std::string& path) { return sys::read_file(path, 1 << 20); }

}  // namespace

TEST_CASE("every shipped recipe is right, and its policy is one flat file") {
  for (const auto& file : std::filesystem::directory_iterator(kRecipes)) {
    base::Diagnostics diagnostics;
    const std::string path = file.path().string(), name = file.path().stem().string();
    CAPTURE(path);
    const ReadRecipe read = read_recipe(kRecipes, read_file, path, diagnostics);
    CHECK_EQ(report(diagnostics), "");
    CHECK_EQ(read.recipe.name, "localhost/fpmbox/" + name + ":latest");
    const Pool pool = compose_pool(read.recipe, name, kSource + "/profiles/catalog", read_file, path, diagnostics);
    CHECK_EQ(report(diagnostics), "");
    CHECK_EQ(pool.policy.identity.user, "pool");
    CHECK_EQ(pool.policy.name, name);
    CHECK_EQ(pool.text.find("extends"), std::string::npos);
  }
}

TEST_CASE("a site's recipe extends a shipped one") {
  base::Diagnostics diagnostics;
  const auto recipe = read_with("extends: dokuwiki\ncode: {directory: /srv/wiki/www}\nlabels: {vendor: me}\npackages: {drop: {remove: [ucf]}}\n", diagnostics).recipe;
  CHECK_EQ(report(diagnostics), "");
  CHECK_EQ(recipe.profile, "dokuwiki");
  CHECK_EQ(recipe.code.directory.text, "/srv/wiki/www");
  CHECK_EQ(recipe.suites.size(), 3);
  CHECK_EQ(recipe.suites[0].components, std::vector<std::string>{"main"});
  CHECK_EQ(std::count(recipe.packages.drop.begin(), recipe.packages.drop.end(), "ucf"), 0);
}

TEST_CASE("mistakes are found with their place") {
  struct Row {
    const char* text;
    const char* says;
  };
  for (const Row& row : {
           Row{"extends: php-fpm\nrun: [rm, -rf, /]\n", "mine.yaml:2:1: run:"},
           Row{"extends: php-fpm\nphp: 8.2\n", "is not in quotes"},
           Row{"profile: php-fpm\nphp: \"8.2\"\n", "suites: is missing"},
           Row{"extends: none\n", "cannot be read"},
           Row{"extends: php-fpm\ncode: {tarball: /x.tar.gz}\n", "a tarball needs one"},
           Row{"extends: php-fpm\ncode: {tarball: /x.tar.gz, sha256: abc}\n", "mine.yaml:2:36: code.sha256:"},
           Row{"extends: php-fpm\ncode: {directory: /a, tarball: /b}\n", "has both"},
           Row{"extends: php-fpm\naccount: {uid: 0}\n", "is root's"},
           Row{"extends: php-fpm\naccount: {user: \"a: b\"}\n", "is no name of a user"},
           Row{"extends: php-fpm\nsuites: [{name: old, expired: accepted}]\n", "expired index is accepted"},
           Row{"extends: php-fpm\nsuites: [{name: old, expired: maybe}]\n", "is not one of its words"},
           Row{"extends: php-fpm\ncode: {plugins: some}\n", "write enabled, shipped or all"},
           Row{"extends: php-fpm\ncode: {package: ../x}\n", "is no name of a package"},
           Row{"extends: wordpress\nweb: {server: apache}\n", "is no web server that is known"},
           Row{"extends: wordpress\nweb: {port: 8081}\n", "names no server"},
           Row{"extends: wordpress\nweb: {server: nginx, port: 80}\n", "an ordinary user can listen on"},
           Row{"extends: wordpress\nweb: {server: nginx, pool: \"x; } evil {\"}\n", "is no address"},
           Row{"extends: wordpress\nweb: {server: nginx, root: /x}\n", "mine.yaml:2:22: web.root"},
           Row{"extends: php-fpm\nweb: {server: nginx}\n", "has no files to serve"},
       }) {
    base::Diagnostics diagnostics;
    read_with(row.text, diagnostics);
    CAPTURE(row.text);
    CHECK_MESSAGE(report(diagnostics).find(row.says) != std::string::npos, report(diagnostics));
  }
}

TEST_CASE("code of a package gives way to the site's own; a second image has a name of its own") {
  base::Diagnostics diagnostics;
  const auto packaged = read_with("extends: wordpress\nweb: {server: nginx}\n", diagnostics).recipe;
  const auto own = read_with("extends: wordpress\ncode: {directory: /srv/blog/www}\nname: \"registry:5000/blog\"\nweb: {server: nginx}\n", diagnostics).recipe;
  CHECK_EQ(report(diagnostics), "");
  CHECK_EQ(packaged.code.package, "wordpress");
  CHECK_EQ(packaged.web.name, "localhost/fpmbox/mine-web:latest");
  CHECK_EQ(packaged.web.port, 8080);
  CHECK_EQ(own.code.package, "");
  CHECK_EQ(own.web.name, "registry:5000/blog-web");
  const auto wanted = wanted_packages(packaged, {});
  for (const char* name : {"wordpress", "nginx"}) CHECK_EQ(std::count(wanted.begin(), wanted.end(), name), 1);
}

TEST_CASE("extensions of the policy become packages") {
  base::Diagnostics diagnostics;
  const auto recipe = read_with("extends: wordpress\n", diagnostics).recipe;
  const Pool pool = compose_pool(recipe, "mine", kSource + "/profiles/catalog", read_file, "mine.yaml", diagnostics);
  const auto packages = wanted_packages(recipe, pool.policy);
  for (const char* name : {"php8.2-fpm", "php8.2-mysql", "php8.2-gd", "php8.2-xml", "php8.2-mbstring", "php8.2-opcache", "ca-certificates"}) {
    CAPTURE(name);
    CHECK_EQ(std::count(packages.begin(), packages.end(), name), 1);
  }
  CHECK_EQ(package_of("pdo_mysql", "8.3"), "php8.3-mysql");
  CHECK_EQ(package_of("intl", "8.3"), "php8.3-intl");
  CHECK(is_built_in("session"));
}

TEST_CASE("a pool file that names folders of a host is no profile of an image") {
  base::Diagnostics diagnostics;
  const auto recipe = read_with("extends: php-fpm\nprofile: ./pool.yaml\n", diagnostics).recipe;
  const profiles::ReadFile read = [](const std::string& path) -> base::Result<std::string> {
    if (path.ends_with("/pool.yaml")) return std::string("extends: dokuwiki\nfilesystem: {data: /srv/data}\n");
    return read_file(path);
  };
  compose_pool(recipe, "mine", kSource + "/profiles/catalog", read, "/srv/mine.yaml", diagnostics);
  CHECK_MESSAGE(report(diagnostics).find("names a folder of a host") != std::string::npos, report(diagnostics));
}
