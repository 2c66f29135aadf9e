// A filter's rule as comparisons of arguments, the one form that BPF, libseccomp and OCI's JSON have in common: a call is
// allowed when all comparisons of one combination hold.
//
//   combinations(rule of chmod, none of 06000) -> {{index 1, mask 06000, value 0}}
#pragma once

#include <cstdint>
#include <vector>

#include "launcher/plan/plan.h"

namespace launcher {

// (argument & mask) == value. A mask of all bits compares a pointer whole.
struct Comparison {
  unsigned index = 0;
  std::uint64_t mask = ~std::uint64_t{0};
  std::uint64_t value = 0;
  bool is_whole() const { return mask == ~std::uint64_t{0}; }
  friend bool operator==(const Comparison&, const Comparison&) = default;
};
using Combination = std::vector<Comparison>;

// One for every combination of the arguments' alternatives; a single empty one where arguments do not matter.
std::vector<Combination> combinations(const FilterRule& rule);

}  // namespace launcher
