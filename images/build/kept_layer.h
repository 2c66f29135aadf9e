// Does a packed layer hold just what its tree or outline says of it? From then on the audit looks at the outline alone, and an
// engine at the layer: a digest over both tells that they were written together, and not that they agree.
//
//   if (!agrees(layer, tree)) ...         // it is not kept
#pragma once

#include "images/layer/layer.h"
#include "images/tree/path_map.h"

namespace images {

// Every path of either with its kind, mode, owner, size, target, whether the kernel would start it, and the bytes that the
// outline has; and that diff_id and size are those of the tar. Times are no part of it: nobody looks at them.
bool agrees(const Layer& layer, const PathMap& outline);

}  // namespace images
