// A folder as an EROFS image, by mkfs.erofs(1): a read-only file system that is compressed, and mounted from a file.
#pragma once

#include <cstdint>
#include <string>

#include "profiles/base/result.h"

namespace images {

// The same bytes for the same folder: owners are root's, times are `epoch`, and the name of the file system is `uuid`.
base::Status make_erofs(const std::string& folder, std::int64_t epoch, const std::string& uuid, const std::string& output);

}  // namespace images
