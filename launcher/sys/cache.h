// What costs milliseconds to work out and depends on nothing but its key: compiled filters, parsed profiles. Root's alone
// along the whole path; each entry carries its own checksum, so that a damaged one is worked out anew, never used.
//
//   const Cache cache = Cache::open("/var/cache/fpmbox/filters");
//   if (auto known = cache.find(key)) return *known;
//   cache.keep(key, bytes);
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "launcher/sys/fd.h"

namespace sys {

class Cache {
 public:
  Cache() = default;  // finds and keeps nothing
  // Made when it is not there. A folder that others could write, or a caller who is not root: an empty Cache.
  static Cache open(const std::string& directory);

  std::optional<std::string> find(std::string_view key) const;
  // Failures are silent: the next start works it out again. A folder that has grown beyond 256 entries is emptied first.
  void keep(std::string_view key, const std::string& bytes) const;

 private:
  explicit Cache(Fd directory) : directory_(std::move(directory)) {}
  Fd directory_;
};

// What else a cached answer depends on: this very program, this kernel.
std::string own_identity();

}  // namespace sys
