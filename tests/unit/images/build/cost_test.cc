#include "images/build/cost.h"

#include <doctest/doctest.h>

#include "tests/unit/images/elf.h"

using namespace images;

TEST_CASE("an extension costs what nothing else needs; a library that two load is in neither") {
  PathMap tree;
  const std::string libraries = "usr/lib/x86_64-linux-gnu/", extensions = "usr/lib/php/20220829/";
  const auto add = [&](const std::string& path, const std::string& bytes, const std::string& package) {
    REQUIRE(tree.add(path, {.mode = 0644, .content = content(bytes), .package = package}).ok());
  };
  add("usr/sbin/php-fpm8.2", test::elf({{}, {}, {}, {}}), "php8.2-fpm");
  add(extensions + "gd.so", test::elf({{"libgd.so", "libz.so"}, {}, "gd.so", {}}), "php8.2-gd");
  add(extensions + "curl.so", test::elf({{"libz.so"}, {}, "curl.so", {}}), "php8.2-curl");
  add(libraries + "libgd.so", test::elf({{}, {}, "libgd.so", {}}) + std::string(50'000, 'g'), "libgd3");
  add(libraries + "libz.so", test::elf({{}, {}, "libz.so", {}}), "zlib1g");
  Recipe recipe;
  recipe.php.text = "8.2";
  profiles::Policy policy;
  policy.php.extensions = {"gd", "curl"};
  const auto cost = cost_of(tree, recipe, policy);
  REQUIRE_MESSAGE(cost.ok(), cost.error().text());
  REQUIRE_EQ(cost.value().extensions.size(), 2);
  CHECK_EQ(cost.value().extensions[0].name, "gd");
  CHECK_EQ(cost.value().extensions[0].files, 2);
  CHECK_GT(cost.value().extensions[0].bytes, 50'000);
  CHECK_EQ(cost.value().extensions[1].name, "curl");
  CHECK_EQ(cost.value().extensions[1].files, 1);
  CHECK_EQ(cost.value().packages[0].name, "libgd3");
  CHECK_EQ(cost.value().packages.size(), 5);
}
