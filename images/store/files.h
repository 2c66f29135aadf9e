// Files that come whole or not at all: written beside their name, then renamed.
#pragma once

#include <string>

#include "launcher/sys/fd.h"
#include "profiles/base/result.h"

namespace images {

base::Status write_whole(const std::string& path, const std::string& bytes);
// As mkdir -p, 0755.
base::Result<sys::Fd> make_folders(const std::string& path);

}  // namespace images
