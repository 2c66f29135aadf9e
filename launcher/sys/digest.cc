#include "launcher/sys/digest.h"

#include <sha2.h>

#include <array>

namespace sys {

std::string sha256(std::string_view bytes) {
  std::array<char, SHA256_DIGEST_STRING_LENGTH> text{};
  SHA256Data(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size(), text.data());
  return text.data();
}

}  // namespace sys
