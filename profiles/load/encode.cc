#include "profiles/load/encode.h"

#include <algorithm>

#include "profiles/base/utf8.h"

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

std::string quote(std::string_view text) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string out = "\"";
  while (!text.empty()) {
    const base::CodePoint point = base::decode_utf8(text);
    const std::size_t length = std::max<std::size_t>(point.length, 1);
    const char32_t c = point.value;
    // Line ends of Unicode and the byte order mark mean something to some readers of YAML.
    const bool escaped = base::is_control(c) || c == 0x2028 || c == 0x2029 || c == 0xfeff || c == 0xa0;
    if (c == '"' || c == '\\') {
      out += {'\\', static_cast<char>(c)};
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (escaped) {
      out += "\\u";
      for (int shift = 12; shift >= 0; shift -= 4) out += kHex[(c >> shift) & 15u];
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(length);
  }
  return out + "\"";
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

std::string scalar_text(const Node& node) { return node.quoted ? quote(node.text) : node.text; }

Node encode(const Mode& value) {
  std::string digits = "0000";
  for (int i = 3, bits = static_cast<int>(value.bits); i > 0; --i, bits /= 8)
    digits[static_cast<std::size_t>(i)] = static_cast<char>('0' + bits % 8);
  Node node = plain_scalar(digits);
  node.quoted = true;  // an unquoted 0022 is the number 18 to some readers
  return node;
}

}  // namespace profiles
