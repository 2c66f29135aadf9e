// A tree without its files' bytes, for a layer that is packed already: what is audited, counted and explained of it needs
// paths, modes, sizes and reasons alone.
//
//   const std::string text = write_outline(tree);
//   const PathMap tree = TRY(read_outline(text));     // entries without content
#pragma once

#include <string>
#include <string_view>

#include "images/tree/path_map.h"
#include "profiles/base/result.h"

namespace images {

base::Result<std::string> write_outline(const PathMap& tree);
base::Result<PathMap> read_outline(std::string_view text);

}  // namespace images
