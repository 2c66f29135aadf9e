// A YAML document as a tree of texts with places. The strict reader below is the only door for authored text: what
// other readers guess (yes is true, 0755 is octal, the first of two equal keys wins) is here refused or left as text.
//
//   std::optional<Node> root = read_document("pool.yaml", text, diagnostics);
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "profiles/base/diagnostics.h"

namespace profiles {

struct Entry;

struct Node {
  enum class Kind { null, scalar, sequence, mapping };
  Kind kind = Kind::null;
  base::Position where;
  std::string text;            // of a scalar
  bool quoted = false;         // a scalar in quotes, or a block scalar
  bool omitted = false;        // a null that is not even written as ~
  std::vector<Node> items;     // of a sequence
  std::vector<Entry> entries;  // of a mapping, in the author's order, keys unique
  std::string through;         // the @group that this item came from

  const Entry* find(std::string_view key) const;
};

struct Entry {
  std::string key;
  base::Position where;  // of the key
  Node value;
};

// "a list", for messages.
std::string_view kind_name(const Node& node);

// nullopt, with at least one error in `diagnostics`, for anything that is not one well-formed mapping.
std::optional<Node> read_document(const std::string& file, const std::string& text, base::Diagnostics& diagnostics);

}  // namespace profiles
