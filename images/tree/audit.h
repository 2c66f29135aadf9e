// The finished image held against what was promised: who may write what, and what could be started. It looks at the
// paths of all layers as an engine would put them over each other, not at how they came about.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "images/tree/path_map.h"

namespace images {

struct Promise {
  std::uint32_t uid = 0;  // of the pool
  std::uint32_t gid = 0;
  std::vector<std::string> writable;  // all that it may write, with what is below
  std::vector<std::string> programs;  // all that may have an x bit
};

// What breaks it, a line each; empty when it holds.
std::vector<std::string> audit(const std::vector<const PathMap*>& layers, const Promise& promise);

}  // namespace images
