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

}  // namespace base
