#include "launcher/sys/digest.h"

#include <errno.h>
#include <sha2.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "launcher/sys/file.h"

namespace sys {
namespace {

std::string text_of(SHA2_CTX& context) {
  std::array<char, SHA256_DIGEST_STRING_LENGTH> text{};
  SHA256End(&context, text.data());
  return text.data();
}

}  // namespace

std::string sha256(std::string_view bytes) {
  SHA2_CTX context;
  SHA256Init(&context);
  SHA256Update(&context, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  return text_of(context);
}

// Each step is a bijection of the state and one of the word, so that no single word can change unseen.
std::uint64_t checksum(std::string_view bytes) {
  constexpr std::uint64_t kOdd = 0x9e3779b97f4a7c15;
  std::uint64_t state = bytes.size();
  while (!bytes.empty()) {
    std::uint64_t word = 0;
    const std::size_t count = std::min(bytes.size(), sizeof word);
    std::memcpy(&word, bytes.data(), count);
    state = std::rotl((state ^ word) * kOdd, 29);
    bytes.remove_prefix(count);
  }
  return state;
}

base::Result<std::string> sha256_of_file(int fd) {
  if (::lseek(fd, 0, SEEK_SET) != 0) return failure("lseek", {});
  SHA2_CTX context;
  SHA256Init(&context);
  std::array<unsigned char, 65536> buffer;
  for (;;) {
    const ssize_t count = ::read(fd, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failure("read", {});
    if (count == 0) return text_of(context);
    SHA256Update(&context, buffer.data(), static_cast<std::size_t>(count));
  }
}

}  // namespace sys
