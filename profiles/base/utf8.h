// UTF-8, one code point at a time. Strict: no overlong forms, no surrogates.
#pragma once

#include <cstddef>
#include <string_view>

namespace base {

struct CodePoint {
  char32_t value = 0;
  std::size_t length = 0;  // in bytes; 0 when the bytes are not UTF-8
};

CodePoint decode_utf8(std::string_view text);
bool is_utf8(std::string_view text);

// C0, DEL and C1: what terminals obey and configuration files break at.
constexpr bool is_control(char32_t c) { return c < 0x20 || (c >= 0x7f && c <= 0x9f); }
bool has_control(std::string_view text);

// What turns the direction of a line or breaks it (Unicode's bidirectional controls, U+2028, U+2029): its parts then seem to
// stand elsewhere, as in CVE-2021-42574.
constexpr bool is_layout_control(char32_t c) {
  return c == 0x61c || c == 0x200e || c == 0x200f || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

}  // namespace base
