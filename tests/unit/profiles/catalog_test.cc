// Every profile that is shipped composes without a word.
#include <doctest/doctest.h>

#include <filesystem>

#include "tests/unit/profiles/load/files.h"

using namespace profiles;

TEST_CASE("every profile of the catalog composes") {
  for (const auto& entry : std::filesystem::directory_iterator(test::kCatalog)) {
    if (entry.path().extension() != ".yaml" || entry.path().stem() == "syscalls") continue;
    base::Diagnostics diagnostics;
    const Composed composed = compose(test::kCatalog, test::from_disk, entry.path(), diagnostics);
    CAPTURE(entry.path().string());
    CHECK_EQ(test::report(diagnostics), "");
    CHECK_EQ(composed.policy.name, entry.path().stem().string());
    CHECK_EQ(composed.overridden_reports.size(), 0);
  }
}
