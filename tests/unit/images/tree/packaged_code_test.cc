#include "images/tree/packaged_code.h"

#include <doctest/doctest.h>

using namespace images;

namespace {

void file(PathMap& tree, const std::string& path, const std::string& text) { REQUIRE(tree.add(path, {.mode = 0600, .content = content(text), .package = "p"}).ok()); }
void link(PathMap& tree, const std::string& path, const std::string& target) {
  REQUIRE(tree.add(path, {.kind = Entry::Kind::symlink, .mode = 0777, .target = target}).ok());
}

}  // namespace

TEST_CASE("an application of a package is one folder, with what its links lead to in others") {
  PathMap packages, made;
  file(packages, "usr/share/app/index.php", "i");
  file(packages, "usr/share/php/lib/a.php", "a");
  file(packages, "var/lib/app/extensions/B/b.php", "b");
  file(packages, "usr/share/apple/other.php", "no");
  link(packages, "usr/share/app/lib.php", "../php/lib/a.php");
  link(packages, "usr/share/app/extensions", "/var/lib/app/extensions");
  link(packages, "usr/share/app/certificates", "/etc/ssl/certs/all.crt");
  link(packages, "usr/share/app/settings.php", "/etc/app/settings.php");
  file(made, "etc/ssl/certs/all.crt", "c");
  const auto code = packaged_code(packages, made, "usr/share/app");
  REQUIRE(code.ok());
  std::string all;
  for (const auto& [path, entry] : code.value().tree.entries())
    all += path + "=" + (entry.kind == Entry::Kind::file ? *entry.content : std::string(kind_name(entry.kind))) + "\n";
  CHECK_EQ(all, "certificates=c\nextensions=folder\nextensions/B=folder\nextensions/B/b.php=b\nindex.php=i\nlib.php=a\n");
  CHECK_EQ(code.value().empty, std::vector<std::string>{"settings.php"});
  CHECK_EQ(code.value().tree.find("index.php")->package, "p");
}

TEST_CASE("a folder that leads into itself has an end, and one that is not there is named") {
  PathMap packages;
  file(packages, "usr/share/app/index.php", "i");
  link(packages, "usr/share/app/self", "../app");
  const auto code = packaged_code(packages, {}, "usr/share/app");
  REQUIRE_FALSE(code.ok());
  CHECK(code.error().text().find("in a circle") != std::string::npos);
  CHECK(packaged_code(packages, {}, "usr/share/none").error().text().find("usr/share/none") != std::string::npos);
}
