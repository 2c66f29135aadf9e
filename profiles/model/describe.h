// How a facet names its fields. Each facet has one describe(visitor, facet); the reader, the writer, unknown-key errors,
// the schema and the manual are visitors, so a new field is one member and one line.
//
//   template <class V> void describe(V& v, Identity& facet) {
//     v.field("user", facet.user, "Unix user of every process of the box.");
//   }
//
// A visitor has:
//   field(key, value, help)    an optional key; absent leaves the value as the layer below set it
//   title(key, value, help)    in a list item: the field that names the item; a bare scalar stands for {key: scalar}
//   words(key, value, help)    a command line: a std::vector<std::string> in which order and repetition matter. Unlike a
//                              list it is one value: a sequence replaces what the layer below set
//
// Value types a visitor must handle:
//   std::string, base::Bytes, base::Duration, base::Percent, bool, std::uint32_t, HostPath, TreePath, Version,
//   Mode, any enum with `names(E)`, std::optional of those,
//   std::vector of std::string/HostPath/TreePath/std::uint32_t or of described structs (items have item_name()),
//   std::map<std::string, std::string>, std::map<std::string, described struct>, and a described struct (a nested mapping).
// Lists in YAML: a sequence adds to the layer below; {add: [...], remove: [...], set: [...]} says it exactly ("set" resets).
// Maps: a present key overwrites, `null` (~) removes it.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "profiles/base/units.h"

namespace profiles {

// A path on the host: absolute and normal ("/var/www/x").
struct HostPath {
  std::string text;
  friend auto operator<=>(const HostPath&, const HostPath&) = default;
};
// A path below the code tree: relative and normal ("data/pages").
struct TreePath {
  std::string text;
  friend auto operator<=>(const TreePath&, const TreePath&) = default;
};
// "8.2". Must be quoted in YAML: an unquoted 8.10 is the number 8.1 to most tools.
struct Version {
  std::string text;
  friend auto operator<=>(const Version&, const Version&) = default;
};
// File permission bits, written as a string of octal digits: "0660".
struct Mode {
  std::uint32_t bits = 0;
  friend auto operator<=>(Mode, Mode) = default;
};

// names(E{}) gives the spelling of each enumerator; found by ADL.
template <class E>
using EnumNames = std::vector<std::pair<E, std::string_view>>;

}  // namespace profiles
