// A folder of this machine as paths of an image. Walked by file descriptors; no link is followed.
#pragma once

#include <string>

#include "images/tree/path_map.h"
#include "profiles/base/result.h"

namespace images {

base::Result<PathMap> read_folder(const std::string& path);

}  // namespace images
