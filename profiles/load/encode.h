// One value to one YAML scalar, such that decode() gives the value again.
#pragma once

#include <string>

#include "profiles/load/document.h"
#include "profiles/load/kinds.h"

namespace profiles {

// Numbers, sizes, true and false are plain; a text is plain where no YAML reader could take it for something else.
Node plain_scalar(std::string text);
Node text_scalar(std::string text);
Node encode(const Mode& value);
// As it stands in a YAML text, in quotes where it is quoted.
std::string scalar_text(const Node& node);

inline Node encode(const std::string& value) { return text_scalar(value); }
inline Node encode(const HostPath& value) { return text_scalar(value.text); }
inline Node encode(const TreePath& value) { return text_scalar(value.text); }
inline Node encode(const base::Bytes& value) { return plain_scalar(base::format(value)); }
inline Node encode(const base::Duration& value) { return plain_scalar(base::format(value)); }
inline Node encode(const base::Percent& value) { return plain_scalar(base::format(value)); }
inline Node encode(bool value) { return plain_scalar(value ? "true" : "false"); }
inline Node encode(std::uint32_t value) { return plain_scalar(std::to_string(value)); }
inline Node encode(const Version& value) {
  Node node = plain_scalar(value.text);
  node.quoted = true;
  return node;
}
template <class E>
requires std::is_enum_v<E> Node encode(const E& value) {
  for (const auto& [enumerator, spelling] : names(E{}))
    if (enumerator == value) return text_scalar(std::string(spelling));
  return {};
}

}  // namespace profiles
