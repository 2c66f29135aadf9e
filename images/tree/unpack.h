// The files of packages and archives as paths of an image.
#pragma once

#include <string>
#include <vector>

#include "images/package/tar_reader.h"
#include "images/tree/path_map.h"

namespace images {

// Hard links become files of their own: links across layers are not portable, and what is pruned must not take others along.
base::Status add_members(std::vector<Member> members, const std::string& package, PathMap& tree);

// bin, sbin and lib as links into usr, as every Debian since 12 has them; the packages still bring the folders.
base::Status add_merged_usr(PathMap& tree);
// "lib/x" as "usr/lib/x"; the folder "lib" itself as "".
std::string merged_usr(const std::string& path);

}  // namespace images
