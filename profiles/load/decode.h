// One YAML scalar to one value, strictly: the whole text, one spelling, no guess. A refusal leaves the target as it
// was.
#pragma once

#include <optional>
#include <string>

#include "profiles/base/text.h"
#include "profiles/load/document.h"
#include "profiles/load/kinds.h"

namespace profiles {

struct Refusal {
  std::string what;
  std::string fix;
};

// nullopt when `value` was set. `node` is a scalar.
std::optional<Refusal> decode(const Node& node, std::string& value);
std::optional<Refusal> decode(const Node& node, bool& value);
std::optional<Refusal> decode(const Node& node, std::uint32_t& value);
std::optional<Refusal> decode(const Node& node, base::Bytes& value);
std::optional<Refusal> decode(const Node& node, base::Duration& value);
std::optional<Refusal> decode(const Node& node, base::Percent& value);
std::optional<Refusal> decode(const Node& node, HostPath& value);
std::optional<Refusal> decode(const Node& node, TreePath& value);
std::optional<Refusal> decode(const Node& node, Version& value);
std::optional<Refusal> decode(const Node& node, Mode& value);

template <class E>
requires std::is_enum_v<E> std::optional<Refusal> decode(const Node& node, E& value) {
  std::vector<std::string> spellings;
  for (const auto& [enumerator, spelling] : names(E{})) {
    if (spelling == node.text) {
      value = enumerator;
      return std::nullopt;
    }
    spellings.emplace_back(spelling);
  }
  return Refusal{"`" + node.text + "` is not one of its words", "write one of " + base::join(spellings, ", ")};
}

}  // namespace profiles
