#include "launcher/cli/pools.h"

#include <doctest/doctest.h>

#include "tests/support/scratch.h"

using namespace cli;

namespace {

std::string pool(const std::string& user, const std::string& code) {
  return "extends: php-fpm\nidentity: {user: " + user + "}\nlisten: {group: www-data}\nfilesystem: {code: " + code + "}\n";
}

// What is said of `file` beside the others of its folder.
std::string beside_others(const std::string& file) {
  Globals globals;
  globals.catalog = SOURCE_DIR "/profiles/catalog";
  base::Diagnostics diagnostics;
  std::vector<Loaded> given;
  given.push_back(load_profile(file, globals, diagnostics).value());
  CHECK_FALSE(diagnostics.has_errors());
  check_beside_others(given, globals, diagnostics);
  std::string text;
  for (const auto& one : diagnostics.all()) text += one.text() + "\n";
  return text;
}

}  // namespace

TEST_CASE("a pool beside the others of its folder") {
  const Scratch scratch;
  const std::string shop = scratch.file("shop.yaml", pool("www-shop", "/srv/shop"));
  scratch.file("wiki.yaml", pool("www-wiki", "/srv/wiki"));
  CHECK(beside_others(shop) == "");
  scratch.file("wiki.yaml", pool("www-shop", "/srv/wiki"));
  CHECK(beside_others(shop).find("the user `www-shop` is also that of the pool at") != std::string::npos);
}

TEST_CASE("a neighbour that cannot be read is only a warning") {
  const Scratch scratch;
  const std::string shop = scratch.file("shop.yaml", pool("www-shop", "/srv/shop"));
  scratch.file("wiki.yaml", pool("www-shop", "/srv/wiki"), 0666);
  const std::string text = beside_others(shop);
  CHECK_MESSAGE(text.find("wiki.yaml: warning: this pool of the same folder was not looked at") != std::string::npos, text);
  CHECK_MESSAGE(text.find('\n') == text.size() - 1, text);
}
