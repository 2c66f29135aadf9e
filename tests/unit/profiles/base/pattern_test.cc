#include "profiles/base/pattern.h"

#include <doctest/doctest.h>

#include <regex>

TEST_CASE("a star stands for a part of one file name, and its regular expression says the same") {
  struct Row {
    const char* pattern;
    const char* path;
    bool matches;
  };
  const Row rows[] = {
      {"index.php", "index.php", true},
      {"index.php", "indexXphp", false},
      {"*.php", "index.php", true},
      {"*.php", "a/index.php", false},
      {"*.php", ".php", false},  // a leading dot is hidden
      {"*.php", ".hidden.php", false},
      {"*.php", "index.php/x", false},
      {"*.php", "index.php5", false},
      {"lib/exe/*.php", "lib/exe/fetch.php", true},
      {"lib/exe/*.php", "lib/exe/../x.php", false},
      {"lib/exe/*.php", "lib/exe/a/fetch.php", false},
      {"lib/*/action.php", "lib/a/action.php", true},
      {"lib/*/action.php", "lib//action.php", true},  // the empty part; no normal path has one
      {"lib/*/action.php", "lib/a/b/action.php", false},
      {"a*b*c.php", "aXbYc.php", true},
      {"a*b*c.php", "abc.php", true},
      {"a*b*c.php", "acb.php", false},
      {"load-*.php", "load-.php", true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.pattern);
    CAPTURE(row.path);
    CHECK_EQ(base::matches_path(row.pattern, row.path), row.matches);
    CHECK_EQ(std::regex_match(row.path, std::regex(base::pattern_to_regex(row.pattern))), row.matches);
  }
}
