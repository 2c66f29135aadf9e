#include "images/store/digest.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <memory>

namespace images {

std::string sha256(std::string_view bytes) { return sha256(std::span(&bytes, 1)); }

std::string sha256(std::span<const std::string_view> parts) {
  constexpr char kHex[] = "0123456789abcdef";
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  // It fails only without memory; the empty text then equals no digest.
  if (!context || EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) != 1) return {};
  for (const std::string_view part : parts)
    if (EVP_DigestUpdate(context.get(), part.data(), part.size()) != 1) return {};
  if (EVP_DigestFinal_ex(context.get(), digest.data(), &length) != 1) return {};
  std::string out;
  for (unsigned int i = 0; i < length; ++i) out += {kHex[digest[i] >> 4], kHex[digest[i] & 15]};
  return out;
}

bool is_sha256(std::string_view text) {
  const auto is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  return text.size() == 64 && std::all_of(text.begin(), text.end(), is_hex);
}

}  // namespace images
