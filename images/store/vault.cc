#include "images/store/vault.h"

#include <unistd.h>

#include "images/store/digest.h"
#include "images/store/files.h"
#include "images/store/refuse.h"

namespace images {
namespace {

constexpr std::size_t kLargest = 1u << 30;

}  // namespace

bool Vault::has(const std::string& digest) const { return ::access(path_of(digest).c_str(), R_OK) == 0; }

base::Result<std::string> Vault::read(const std::string& digest) const {
  const std::string path = path_of(digest);
  std::string bytes = TRY(read_regular(path, kLargest));
  if (sha256(bytes) != digest) return refuse(path + " is damaged: its SHA-256 is another; remove it, and it is fetched again");
  return bytes;
}

base::Status Vault::keep(const std::string& digest, const std::string& bytes) const {
  if (sha256(bytes) != digest) return refuse("its SHA-256 is " + sha256(bytes) + ", the lock says " + digest);
  { const sys::Fd made = TRY(make_folders(folder_ + "/sha256")); }
  return write_whole(path_of(digest), bytes);
}

}  // namespace images
