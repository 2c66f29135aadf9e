#include "profiles/load/document_store.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <map>

#include "tests/unit/profiles/load/files.h"

namespace profiles {
namespace {

bool is_same(const Node& a, const Node& b) {
  if (a.kind != b.kind || a.where != b.where || a.text != b.text || a.quoted != b.quoted || a.omitted != b.omitted ||
      a.items.size() != b.items.size() || a.entries.size() != b.entries.size())
    return false;
  for (std::size_t i = 0; i < a.items.size(); ++i)
    if (!is_same(a.items[i], b.items[i])) return false;
  for (std::size_t i = 0; i < a.entries.size(); ++i)
    if (a.entries[i].key != b.entries[i].key || a.entries[i].where != b.entries[i].where ||
        !is_same(a.entries[i].value, b.entries[i].value))
      return false;
  return true;
}

const std::string kText = "a: [1, \"two\", ~]\nb:\n  c: {d: 'e'}\n  f:\n";

Node parsed(const std::string& text) {
  base::Diagnostics diagnostics;
  auto node = read_document("pool.yaml", text, diagnostics);
  REQUIRE(node.has_value());
  return *node;
}

struct Memory {
  std::map<std::string, std::string> kept;
  int found = 0;
  DocumentStore store() {
    return {[this](const std::string& text) {
              const auto at = kept.find(text);
              if (at == kept.end()) return std::optional<std::string>();
              ++found;
              return std::optional(at->second);
            },
            [this](const std::string& text, const std::string& encoded) { kept[text] = encoded; }};
  }
};

TEST_CASE("a tree comes back as it was, every file of the catalog too") {
  CHECK(is_same(*decode_tree(encode_tree(parsed(kText)), "pool.yaml"), parsed(kText)));
  for (const auto& entry : std::filesystem::directory_iterator(test::kCatalog)) {
    const std::string text = test::from_disk(entry.path().string()).value();
    CHECK(is_same(*decode_tree(encode_tree(parsed(text)), "pool.yaml"), parsed(text)));
  }
}

TEST_CASE("places name the file that is read now") {
  CHECK_EQ(decode_tree(encode_tree(parsed(kText)), "other.yaml")->entries[0].where.file, "other.yaml");
}

TEST_CASE("bytes that are cut off, longer or nonsense are refused") {
  const std::string whole = encode_tree(parsed(kText));
  for (std::size_t size = 0; size < whole.size(); ++size) CHECK_FALSE(decode_tree(whole.substr(0, size), "f").has_value());
  CHECK_FALSE(decode_tree(whole + "x", "f").has_value());
  CHECK_FALSE(decode_tree(std::string(4096, '\xff'), "f").has_value());
  CHECK_FALSE(decode_tree(std::string(1 << 20, '\0'), "f").has_value());
}

TEST_CASE("a text that was read is not parsed again; one with mistakes is never kept") {
  Memory memory;
  base::Diagnostics diagnostics;
  CHECK(read_document("a.yaml", kText, memory.store(), diagnostics).has_value());
  CHECK(read_document("b.yaml", kText, memory.store(), diagnostics).has_value());
  CHECK_EQ(memory.found, 1);
  CHECK_FALSE(read_document("a.yaml", "a: 1\na: 2\n", memory.store(), diagnostics).has_value());
  CHECK_EQ(memory.kept.size(), 1);
  memory.kept[kText] = "damaged";
  CHECK(read_document("b.yaml", kText, memory.store(), diagnostics).has_value());
}

}  // namespace
}  // namespace profiles
