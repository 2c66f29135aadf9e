#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>

#include "profiles/base/text.h"
#include "tests/unit/profiles/load/files.h"
#include "tests/unit/profiles/load/random_policy.h"

using namespace profiles;

namespace {

Policy read_back(const std::string& text) {
  base::Diagnostics diagnostics;
  const Composed composed = compose("nowhere", test::Files{{{"pool.yaml", text}}}, "pool.yaml", diagnostics);
  CHECK_EQ(test::report(diagnostics), "");
  return composed.policy;
}

}  // namespace

TEST_CASE("read(write(policy)) == policy") {
  for (unsigned seed = 1; seed <= 600; ++seed) {
    const Policy policy = test::random_policy(seed);
    const std::string text = write(policy);
    CAPTURE(seed);
    const bool same = read_back(text) == policy;
    CHECK(same);
    if (!same) {
      MESSAGE(text);
      break;
    }
  }
}

TEST_CASE("with origins too") {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    base::Diagnostics diagnostics;
    const Composed composed =
        compose("nowhere", test::Files{{{"pool.yaml", write(test::random_policy(seed))}}}, "pool.yaml", diagnostics);
    CAPTURE(seed);
    CHECK(read_back(write(composed.policy, composed.origins)) == composed.policy);
  }
}

TEST_CASE("the catalog, flat") {
  base::Diagnostics diagnostics;
  const Composed composed = compose(test::kCatalog, test::from_disk, test::kCatalog + "/php-fpm.yaml", diagnostics);
  const std::string text = write(composed.policy);
  CHECK(read_back(text) == composed.policy);
  CHECK(read_back(write(composed.policy, composed.origins)) == composed.policy);
  for (const std::string& line : base::split(text, '\n')) CHECK_LE(line.size(), 100);
}

TEST_CASE("an untouched policy") { CHECK_EQ(write(Policy{}), "{}\n"); }

TEST_CASE("how it reads") {
  const std::string text = R"(name: shop
identity:
  user: www-shop
filesystem:
  code: /srv/shop
  writable:
    - [data, cache]
    - {path: conf/x.php, optional: true}
    - log
  umask: "0027"
connect:
  - {unix: /run/db/s.sock}
  - {tcp: "a.org:443", why: updates}
syscalls:
  allow: [read, write]
  arguments:
    - {name: ioctl, index: 1, one_of: ["0x5412"], why: a terminal}
limits:
  memory.max: 768MiB
  cpu.max: 200%
php:
  version: "8.10"
  extensions: [gd, intl]
  admin_values:
    a.b: "0"
    c: ""
  limit_extensions: [.php]
jobs:
  tick:
    every: 1h
    run: [php, x, x]
)";
  CHECK_EQ(write(read_back(text)), text);
}

TEST_CASE("where each value comes from") {
  base::Diagnostics diagnostics;
  const test::Files files{
      {{"cat/syscalls.yaml", "groups: {\"@clock\": {names: [adjtimex]}}\n"},
       {"cat/base.yaml", "limits:\n  nofile: 1024\n  core: 0B\nsyscalls:\n  report: [\"@clock\"]\n  allow: [read]\n"},
       {"shop.yaml",
        "extends: base\nidentity: {user: www-shop}\nfilesystem:\n  writable:\n    - {path: a, optional: true}\n    - "
        "b\n"
        "jobs: {tick: {run: [php, x]}}\nphp: {extensions: {set: []}}\n"}}};
  const Composed composed = compose("cat", files, "shop.yaml", diagnostics);
  CHECK_EQ(test::report(diagnostics), "");
  CHECK_EQ(write(composed.policy, composed.origins), R"(name: shop
identity:
  user: www-shop  # shop.yaml:2
filesystem:
  writable:
    - {path: a, optional: true}  # shop.yaml:5
    - b  # shop.yaml:6
syscalls:
  allow:
    - read  # cat/base.yaml:6
  report:
    - adjtimex  # cat/base.yaml:5 (@clock)
limits:
  nofile: 1024  # cat/base.yaml:2
  core: 0B  # cat/base.yaml:3
jobs:
  tick:
    run: [php, x]  # shop.yaml:7
)");
}

TEST_CASE("the stock pool, composed and flat, is what was reviewed") {
  base::Diagnostics diagnostics;
  const std::string golden = SOURCE_DIR "/tests/golden/profiles/php-fpm.yaml";
  const std::string text =
      write(compose(test::kCatalog, test::from_disk, test::kCatalog + "/php-fpm.yaml", diagnostics).policy);
  if (std::getenv("FPMBOX_UPDATE_GOLDENS") != nullptr) std::ofstream(golden) << text;
  const auto reviewed = test::from_disk(golden);
  REQUIRE(reviewed.ok());
  CHECK_EQ(text, reviewed.value());  // meant so? FPMBOX_UPDATE_GOLDENS=1 unit_tests
}
