#include "profiles/load/manual.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "profiles/load/compose.h"

using namespace profiles;

namespace {

const KeyHelp* find(const std::vector<KeyHelp>& rows, const std::string& key) {
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const KeyHelp& row) { return row.key == key; });
  return found == rows.end() ? nullptr : &*found;
}

}  // namespace

TEST_CASE("the manual knows every key, with its help and kind") {
  const auto rows = key_help();
  for (const std::string& key : all_keys()) {
    CAPTURE(key);
    const KeyHelp* row = find(rows, key);
    REQUIRE(row != nullptr);
    CHECK_FALSE(row->help.empty());
    CHECK_FALSE(row->kind.empty());
  }
}

TEST_CASE("kinds and defaults in the manual") {
  const auto rows = key_help();
  const struct {
    const char* key;
    const char* kind;
    const char* default_value;
    bool is_section;
  } expected[] = {
      {"limits", "section", "", true},
      {"limits.memory.max", "size, such as 64MiB", "", false},
      {"limits.stop_timeout", "time, such as 30s", "30s", false},
      {"php.open_basedir", "true or false", "false", false},
      {"php.pm.mode", "text", "dynamic", false},
      {"network.mode", "none or host", "none", false},
      {"connect", "list of mappings", "", true},
      {"connect[].unix", "absolute path", "", false},
      {"filesystem.writable", "list; an item is a mapping, or only its `path`", "", true},
      {"environment", "names, each with a value: text", "", false},
      {"jobs.NAME.every", "time, such as 30s", "0s", false},
      {"jobs.NAME.run", "list of words, one value: a sequence replaces it", "", false},
  };
  for (const auto& row : expected) {
    CAPTURE(row.key);
    const KeyHelp* found = find(rows, row.key);
    REQUIRE(found != nullptr);
    CHECK(found->kind == row.kind);
    CHECK(found->default_value == row.default_value);
    CHECK(found->is_section == row.is_section);
  }
}
