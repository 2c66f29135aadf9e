#include "launcher/plan/comparisons.h"

namespace launcher {
namespace {

// int arguments by their low 32 bits, which is all that the kernel looks at; pointers whole.
std::vector<Comparison> alternatives(const FilterRule::Argument& argument) {
  std::vector<Comparison> out;
  for (std::uint64_t bit = 1; bit != 0; bit <<= 1)  // any of them may be the absent one
    if ((argument.not_together & bit) != 0) out.push_back({argument.index, argument.none_of | bit, 0});
  if (argument.none_of != 0 && out.empty()) out.push_back({argument.index, argument.none_of, 0});
  for (const std::uint64_t value : argument.one_of) {
    if (argument.pointer) {
      out.push_back({argument.index, ~std::uint64_t{0}, value});
    } else {
      out.push_back({argument.index, 0xffffffff, value & 0xffffffff});
    }
  }
  return out;
}

}  // namespace

std::vector<Combination> combinations(const FilterRule& rule) {
  std::vector<Combination> out = {{}};
  for (const FilterRule::Argument& argument : rule.arguments) {
    std::vector<Combination> longer;
    for (const Combination& begun : out)
      for (const Comparison& comparison : alternatives(argument)) {
        longer.push_back(begun);
        longer.back().push_back(comparison);
      }
    out = std::move(longer);
  }
  return out;
}

}  // namespace launcher
