// A root for bare metal, for `filesystem.root:` of a pool: a folder, or an image of the EROFS file system.
//
//   TRY(write_rootfs("erofs", {tree, epoch, uuid_of(key)}, "wiki.erofs"));
#pragma once

#include <cstdint>
#include <string>

#include "images/tree/path_map.h"
#include "profiles/base/result.h"

namespace images {

struct Rootfs {
  PathMap tree;
  std::int64_t epoch = 0;
  std::string uuid;  // of an EROFS image
};

// A UUID (RFC 9562, version 8) that is the same for the same text.
std::string uuid_of(const std::string& text);

// `form` is "dir" or "erofs". A file that is there is replaced: pools have the earlier one open. A folder is not, but
// for an empty one: they would lose theirs.
base::Status write_rootfs(const std::string& form, const Rootfs& root, const std::string& output);

}  // namespace images
