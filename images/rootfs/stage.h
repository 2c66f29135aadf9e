// A tree of an image as files on disk. All of it belongs to who writes it, which is root where it shall be used: the ids of a
// container's accounts mean nothing on a host.
#pragma once

#include <cstdint>
#include <string>

#include "images/tree/path_map.h"
#include "profiles/base/result.h"

namespace images {

// `folder` is empty and nobody else's. Every time is `epoch`.
base::Status stage(const PathMap& tree, std::int64_t epoch, const std::string& folder);

}  // namespace images
