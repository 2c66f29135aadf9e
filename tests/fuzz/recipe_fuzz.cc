// Recipes as an author, or somebody who sends one, may write them. What is taken keeps the promises that a build rests on; a
// recipe that extends another is told that it is not there.
#include <errno.h>

#include <algorithm>
#include <string>

#include "images/recipe/read.h"
#include "images/store/digest.h"
#include "tests/fuzz/standalone.h"

using namespace images;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kMost = 64 * 1024;
  const std::string text(reinterpret_cast<const char*>(data), std::min(size, kMost));
  const auto read = [&text](const std::string& path) -> base::Result<std::string> {
    if (path == "/recipes/site.yaml") return text;
    return base::Error{"open", path, ENOENT, {}};
  };
  base::Diagnostics diagnostics;
  const ReadRecipe out = read_recipe("/shipped", read, "/recipes/site.yaml", diagnostics);
  for (const base::Diagnostic& one : diagnostics.all()) FUZZ_REQUIRE(!one.text().empty());
  if (diagnostics.has_errors()) return 0;
  const Recipe& recipe = out.recipe;
  FUZZ_REQUIRE(!recipe.name.empty() && !recipe.profile.empty() && !recipe.php.text.empty() && !recipe.suites.empty());
  FUZZ_REQUIRE(recipe.account.uid != 0 && recipe.account.gid != 0 && recipe.account.user != "root");
  FUZZ_REQUIRE(recipe.code.tarball.text.empty() || is_sha256(recipe.code.sha256));
  for (const Suite& suite : recipe.suites) FUZZ_REQUIRE(!suite.components.empty() && (suite.expired != "accepted" || !suite.why.empty()));
  return 0;
}

[[maybe_unused]] static std::vector<std::string> seeds() {
  return {
      "profile: php-fpm\nphp: \"8.2\"\nsuites: [bookworm, {name: bookworm-security, mirror: \"http://m/s\", components: [main], signed_by: /k.gpg}]\n",
      "profile: ./pool.yaml\nphp: \"8.2\"\nsuites: [{name: s, expired: accepted, why: old}]\npackages: {add: [a], drop: [\"php*-cli\", b]}\nkeep: [\"usr/share/doc/*/copyright\"]\n",
      "profile: p\nphp: \"8.2\"\nsuites: [s]\ncode: {tarball: /x.tar.gz, sha256: " + std::string(64, 'a') + ", prune_names: [\"*.md\"], secrets: [.env]}\naccount: {user: pool, uid: 10000, gid: 10000}\n",
      "profile: p\nphp: \"8.2\"\nsuites: [s]\nlabels: {a: b, \"org.x\": \"\"}\ncompression: zstd\nname: \"localhost/x:1\"\n",
      "extends: dokuwiki\ncode: {directory: /srv/wiki/www}\n",
      "suites: &a [*a]\n? [x]\n: \"\\u0000\"\n",
  };
}

FUZZ_MAIN(seeds())
