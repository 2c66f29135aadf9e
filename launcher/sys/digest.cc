#include "launcher/sys/digest.h"

#include <errno.h>
#include <sha2.h>
#include <sys/types.h>
#include <unistd.h>

#include <array>

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
