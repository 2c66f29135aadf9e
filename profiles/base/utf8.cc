#include "profiles/base/utf8.h"

namespace base {

namespace {

struct Shape {  // of a first byte
  unsigned char mask, bits;
  std::size_t length;
  char32_t smallest;  // below it the form is overlong
};
constexpr Shape kShapes[] = {
    {0x80, 0x00, 1, 0x0}, {0xe0, 0xc0, 2, 0x80}, {0xf0, 0xe0, 3, 0x800}, {0xf8, 0xf0, 4, 0x10000}};

}  // namespace

CodePoint decode_utf8(std::string_view text) {
  if (text.empty()) return {};
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  for (const Shape& shape : kShapes) {
    if ((byte(0) & shape.mask) != shape.bits) continue;
    if (text.size() < shape.length) return {};
    char32_t value = static_cast<unsigned char>(byte(0) & ~shape.mask);
    for (std::size_t i = 1; i < shape.length; ++i) {
      if ((byte(i) & 0xc0) != 0x80) return {};
      value = (value << 6) | (byte(i) & 0x3fu);
    }
    const bool surrogate = value >= 0xd800 && value <= 0xdfff;
    if (value < shape.smallest || value > 0x10ffff || surrogate) return {};
    return {value, shape.length};
  }
  return {};
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const CodePoint point = decode_utf8(text);
    if (point.length == 0) return false;
    text.remove_prefix(point.length);
  }
  return true;
}

bool has_control(std::string_view text) {
  while (!text.empty()) {
    const CodePoint point = decode_utf8(text);
    if (point.length == 0 || is_control(point.value)) return true;
    text.remove_prefix(point.length);
  }
  return false;
}

}  // namespace base
