#include "profiles/load/decode.h"

#include <limits>

#include "profiles/base/utf8.h"

namespace profiles {

namespace {

std::string shown(const Node& node) { return "`" + node.text + "`"; }

std::string a_number_of(const Node& node) {
  const auto digits = node.text.substr(0, node.text.find_first_not_of("0123456789"));
  return base::parse_unsigned(digits) ? digits : "16";
}

// Control characters in a path would break the line of whatever file or table it is written to.
std::optional<Refusal> check_path(const Node& node) {
  if (!base::has_control(node.text)) return std::nullopt;
  return Refusal{shown(node) + " holds a control character", "write a path without one"};
}

}  // namespace

std::optional<Refusal> decode(const Node& node, std::string& value) {
  value = node.text;
  return std::nullopt;
}

std::optional<Refusal> decode(const Node& node, bool& value) {
  const bool is_true = node.text == "true", is_false = node.text == "false";
  if (node.quoted && (is_true || is_false))
    return Refusal{"a text in quotes", "write " + node.text + " without quotes"};
  if (!is_true && !is_false) return Refusal{shown(node) + " is neither true nor false", "write true or false"};
  value = is_true;
  return std::nullopt;
}

std::optional<Refusal> decode(const Node& node, std::uint32_t& value) {
  const auto number = base::parse_unsigned(node.text);
  if (!number) return Refusal{shown(node) + " is not a whole number", "write decimal digits, such as 64"};
  if (node.quoted) return Refusal{"a text in quotes", "write " + node.text + " without quotes"};
  if (*number > std::numeric_limits<std::uint32_t>::max())
    return Refusal{shown(node) + " is too large", "write at most 4294967295"};
  value = static_cast<std::uint32_t>(*number);
  return std::nullopt;
}

std::optional<Refusal> decode(const Node& node, base::Bytes& value) {
  const auto size = base::parse_bytes(node.text);
  if (!size) return Refusal{shown(node) + " is not a size", "write " + a_number_of(node) + "MiB (or B, KiB, GiB, TiB)"};
  value = *size;
  return std::nullopt;
}

std::optional<Refusal> decode(const Node& node, base::Duration& value) {
  const auto duration = base::parse_duration(node.text);
  if (!duration)
    return Refusal{shown(node) + " is not a duration", "write " + a_number_of(node) + "s (or ms, m, h, d)"};
  value = *duration;
  return std::nullopt;
}

std::optional<Refusal> decode(const Node& node, base::Percent& value) {
  const auto share = base::parse_percent(node.text);
  if (!share) return Refusal{shown(node) + " is not a share of processor time", "write 100% for one core"};
  value = *share;
  return std::nullopt;
}

std::optional<Refusal> decode(const Node& node, HostPath& value) {
  if (!base::is_normal_absolute(node.text))
    return Refusal{shown(node) + " is not an absolute path in its plain form",
                   "write it from / on, without `.`, `..`, `//` or a slash at the end"};
  if (auto refusal = check_path(node)) return refusal;
  value.text = node.text;
  return std::nullopt;
}

std::optional<Refusal> decode(const Node& node, TreePath& value) {
  // "." passes: the whole tree is a path that a check refuses with a better word.
  if (node.text != "." && !base::is_normal_relative(node.text))
    return Refusal{shown(node) + " is not a path below the code in its plain form",
                   "write it relative to the code, without `.`, `..`, `//` or a slash at the end"};
  if (auto refusal = check_path(node)) return refusal;
  value.text = node.text;
  return std::nullopt;
}

std::optional<Refusal> decode(const Node& node, Version& value) {
  if (!node.quoted)
    return Refusal{shown(node) + " is not in quotes",
                   "write version: \"" + node.text + "\" in quotes, an unquoted 8.10 is the number 8.1 to other tools"};
  value.text = node.text;
  return std::nullopt;
}

std::optional<Refusal> decode(const Node& node, Mode& value) {
  const std::string& text = node.text;
  const bool octal = text.size() == 4 && text[0] == '0' && text.find_first_not_of("01234567") == std::string::npos;
  if (!octal)
    return Refusal{shown(node) + " is not a mode", "write four octal digits that begin with 0, such as \"0022\""};
  value.bits = static_cast<std::uint32_t>((text[1] - '0') * 64 + (text[2] - '0') * 8 + (text[3] - '0'));
  return std::nullopt;
}

}  // namespace profiles
