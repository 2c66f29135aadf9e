#include "launcher/sys/process_memory.h"

#include <errno.h>
#include <sys/uio.h>

#include <algorithm>

#include "launcher/sys/file.h"

namespace sys {
namespace {

constexpr std::uint64_t kPage = 4096;

// Within one page: a transfer is whole or not at all.
base::Result<std::string> read_in_page(pid_t process, std::uint64_t address, std::size_t size) {
  std::string bytes(size, '\0');
  const iovec ours = {bytes.data(), size};
  const iovec theirs = {reinterpret_cast<void*>(address), size};
  const ssize_t count = ::process_vm_readv(process, &ours, 1, &theirs, 1, 0);
  if (count < 0) return failure("process_vm_readv", {});
  bytes.resize(static_cast<std::size_t>(count));
  return bytes;
}

std::size_t left_in_page(std::uint64_t address) { return static_cast<std::size_t>(kPage - address % kPage); }

}  // namespace

base::Result<std::string> read_memory(pid_t process, std::uint64_t address, std::size_t size) {
  std::string out;
  while (out.size() < size) {
    const std::uint64_t at = address + out.size();
    const auto piece = read_in_page(process, at, std::min(size - out.size(), left_in_page(at)));
    if (!piece && out.empty()) return piece.error();
    if (!piece || piece.value().empty()) break;
    out += piece.value();
  }
  return out;
}

base::Result<std::string> read_memory_text(pid_t process, std::uint64_t address, std::size_t limit) {
  std::string out;
  while (out.size() < limit) {
    const std::uint64_t at = address + out.size();
    const std::string piece = TRY(read_in_page(process, at, std::min(limit - out.size(), left_in_page(at))));
    const auto end = piece.find('\0');
    out += piece.substr(0, end);
    if (end != piece.npos) return out;
    if (piece.empty()) break;
  }
  return base::Error{"a text without an end", {}, ENAMETOOLONG, {}};
}

}  // namespace sys
