#include "launcher/learn/name_question.h"

#include <cstddef>

namespace launcher {
namespace {

constexpr std::size_t kHeader = 12;
constexpr std::size_t kLongestLabel = 63;
constexpr std::size_t kLongestName = 253;

bool is_of_names(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

}  // namespace

std::string name_in_question(std::string_view packet) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(packet[at]); };
  // a standard query (QR and opcode 0) with one question and no answer
  if (packet.size() < kHeader + 5 || (byte(2) & 0xf8) != 0 || byte(4) != 0 || byte(5) != 1 || byte(6) != 0 || byte(7) != 0) return {};
  std::string name;
  for (std::size_t at = kHeader; at < packet.size();) {
    const std::size_t length = byte(at++);
    if (length == 0) return name;
    if (!name.empty()) name += '.';
    if (length > kLongestLabel || at + length > packet.size() || name.size() + length > kLongestName) return {};
    for (const char c : packet.substr(at, length)) {
      if (!is_of_names(c)) return {};
      name += c;
    }
    at += length;
  }
  return {};
}

}  // namespace launcher
