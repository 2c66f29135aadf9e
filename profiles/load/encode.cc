#include "profiles/load/encode.h"

#include <algorithm>

namespace profiles {

namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// What YAML 1.1 or 1.2 reads as null, true or false.
bool is_reserved(std::string word) {
  constexpr std::string_view kReserved[] = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"};
  std::transform(word.begin(), word.end(), word.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return std::find(std::begin(kReserved), std::end(kReserved), word) != std::end(kReserved);
}

// A narrow choice: what begins like a word or a path, of characters without a meaning in YAML.
bool is_plainly_text(const std::string& text) {
  if (text.empty() || text.size() > 200 || is_reserved(text)) return false;
  const bool ending = text.size() > 1 && text[0] == '.' && is_letter(text[1]) && text != ".inf" && text != ".Inf" &&
                      text != ".INF" && text != ".nan" && text != ".NaN" && text != ".NAN";
  if (!is_letter(text[0]) && text[0] != '/' && !ending) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool inner_space = c == ' ' && i + 1 < text.size() && text[i + 1] != ' ';
    if (!is_letter(c) && !(c >= '0' && c <= '9') && std::string_view("_./-").find(c) == std::string_view::npos &&
        !inner_space)
      return false;
  }
  return true;
}

}  // namespace

Node plain_scalar(std::string text) {
  Node node;
  node.kind = Node::Kind::scalar;
  node.text = std::move(text);
  return node;
}

Node text_scalar(std::string text) {
  const bool quoted = !is_plainly_text(text);
  Node node = plain_scalar(std::move(text));
  node.quoted = quoted;
  return node;
}

Node encode(const Mode& value) {
  std::string digits = "0000";
  for (int i = 3, bits = static_cast<int>(value.bits); i > 0; --i, bits /= 8)
    digits[static_cast<std::size_t>(i)] = static_cast<char>('0' + bits % 8);
  Node node = plain_scalar(digits);
  node.quoted = true;  // an unquoted 0022 is the number 18 to some readers
  return node;
}

}  // namespace profiles
