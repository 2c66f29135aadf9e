// The same for many things on all processors. What it is done to must not be shared.
//
//   parallel(chunks.size(), [&](std::size_t i) { out[i] = compress(chunks[i]); });
#pragma once

#include <cstddef>
#include <functional>

namespace images {

// In the order of the numbers, as workers become free; returns when all are done. `act` must not throw.
void parallel(std::size_t count, const std::function<void(std::size_t)>& act);

}  // namespace images
