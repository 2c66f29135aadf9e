#include "launcher/cli/policy_cache.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include "tests/support/scratch.h"
#include "tests/unit/profiles/load/files.h"

using namespace cli;
using profiles::test::Files;

namespace {

const Files kFiles{{{"pool.yaml", "extends: ./below.yaml\nidentity: {user: www-shop}\n"}, {"below.yaml", "limits: {pids.max: 7}\n"}}, false};

profiles::Composed compose(const Files& files, std::vector<ReadFile>& reads) {
  const auto read = [&](const std::string& path) {
    auto text = files(path);
    if (text) reads.push_back({path, text.value()});
    return text;
  };
  base::Diagnostics diagnostics;
  auto composed = profiles::compose("/catalog", read, "pool.yaml", diagnostics);
  REQUIRE_EQ(profiles::test::report(diagnostics), "");
  return composed;
}

}  // namespace

TEST_CASE("a policy is found while every file that it comes from says the same, and by the same program and catalog alone") {
  if (::geteuid() != 0) {
    MESSAGE("skipped: the cache is root's");
    return;
  }
  const Scratch scratch;
  Files files = kFiles;
  std::vector<ReadFile> reads;
  const auto composed = compose(files, reads);
  REQUIRE_EQ(reads.size(), 2);
  const auto cache_of = [&](const char* self, const char* catalog = "/catalog", const char* file = "pool.yaml") {
    return PolicyCache(self, catalog, file, scratch.path("policies"));
  };
  CHECK_FALSE(cache_of("me").find(files).has_value());
  cache_of("me").keep({reads, composed, true});
  const auto known = cache_of("me").find(files);
  REQUIRE(known.has_value());
  CHECK(known->composed.policy == composed.policy);
  CHECK(known->composed.origins.all() == composed.origins.all());
  CHECK(known->is_clean);
  CHECK_EQ(known->files.size(), 2);
  CHECK_EQ(known->files[1].text, reads[1].text);
  CHECK_EQ(known->files[1].known_digest, digest_of(reads[1]));
  CHECK_FALSE(cache_of("another").find(files).has_value());
  CHECK_FALSE(cache_of("").find(files).has_value());
  CHECK_FALSE(cache_of("me", "/other").find(files).has_value());
  CHECK_FALSE(cache_of("me", "/catalog", "./pool.yaml").find(files).has_value());
  SUBCASE("the file itself changed") { files.content["pool.yaml"] += "#\n"; }
  SUBCASE("one below it changed") { files.content[reads[1].path] = "limits: {pids.max: 8}\n"; }
  SUBCASE("one below it went, or may no longer be read") { files.content.erase(reads[1].path); }
  CHECK_FALSE(cache_of("me").find(files).has_value());
}

TEST_CASE("a damaged entry is composed anew") {
  if (::geteuid() != 0) {
    MESSAGE("skipped: the cache is root's");
    return;
  }
  const Scratch scratch;
  std::vector<ReadFile> reads = {{"pool.yaml", "name: x\n"}};
  const Files files{{{"pool.yaml", "name: x\n"}}, false};
  const PolicyCache cache("me", "/catalog", "pool.yaml", scratch.path("policies"));
  const std::string key = "policy\nme\n/catalog\npool.yaml";
  for (const std::string& bytes : {std::string(), std::string("x"), std::string(4000, '\xff')}) {
    sys::Cache::open(scratch.path("policies")).keep(key, bytes);
    CHECK_FALSE(cache.find(files).has_value());
  }
  cache.keep({reads, {}, false});
  REQUIRE(cache.find(files).has_value());
  CHECK_FALSE(cache.find(files)->is_clean);
}
