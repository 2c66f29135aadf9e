#include "launcher/cli/pool_names.h"

#include <doctest/doctest.h>

TEST_CASE("words that mean pools") {
  const std::vector<std::string> known = {"shop", "wiki"};
  for (const char* word : {"wiki", "wiki.yaml", "/etc/fpmbox/pools/wiki.yaml", "./wiki.yaml"}) CHECK(cli::known_pool(word, known).value() == "wiki");
  const struct {
    const char* word;
    const char* advice;
  } rows[] = {{"wikki", "did you mean `wiki`?"}, {"something", "there are: shop, wiki"}, {"", "there are"}};
  for (const auto& row : rows) {
    const auto pool = cli::known_pool(row.word, known);
    REQUIRE_FALSE(pool.ok());
    CHECK(pool.error().text().find(row.advice) != std::string::npos);
  }
  CHECK(cli::known_pool("wiki", {}).error().text().find("there is none") != std::string::npos);
}
