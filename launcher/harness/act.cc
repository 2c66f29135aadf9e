#include "launcher/harness/act.h"

#include <algorithm>
#include <iterator>

namespace harness {

bool is_among(std::string_view outcome, const std::vector<std::string>& words) {
  const bool is_reached = std::find(std::begin(kReached), std::end(kReached), outcome) != std::end(kReached);
  return std::any_of(words.begin(), words.end(),
                     [&](const std::string& word) { return word == outcome || (is_reached && word == kReachedWord); });
}

bool is_stopped(const Act& act, std::string_view outcome) {
  const std::string_view said_by_php = act.php.empty() ? std::string_view() : outcome.substr(0, outcome.find(';'));
  return is_among(outcome, act.inside) || std::find(std::begin(kPhpRefusals), std::end(kPhpRefusals), said_by_php) != std::end(kPhpRefusals);
}

}  // namespace harness
