#include "launcher/harness/act.h"

#include <algorithm>
#include <iterator>

namespace harness {

bool is_among(std::string_view outcome, const std::vector<std::string>& words) {
  const bool is_reached = std::find(std::begin(kReached), std::end(kReached), outcome) != std::end(kReached);
  return std::any_of(words.begin(), words.end(),
                     [&](const std::string& word) { return word == outcome || (is_reached && word == kReachedWord); });
}

}  // namespace harness
