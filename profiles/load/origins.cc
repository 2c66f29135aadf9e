#include "profiles/load/origins.h"

namespace profiles {

Origin Origins::find(std::string_view key) const {
  for (;;) {
    if (const auto found = by_key_.find(key); found != by_key_.end()) return found->second;
    // An item's name may hold dots and brackets of its own; a cut inside it finds nothing and the next one is tried.
    const auto cut = key.find_last_of(".[");
    if (cut == std::string_view::npos) return {};
    key = key.substr(0, cut);
  }
}

void Origins::erase_tree(const std::string& key) {
  auto at = by_key_.lower_bound(key);
  while (at != by_key_.end() && at->first.starts_with(key)) {
    const bool enclosed =
        at->first.size() == key.size() || at->first[key.size()] == '.' || at->first[key.size()] == '[';
    at = enclosed ? by_key_.erase(at) : std::next(at);
  }
}

}  // namespace profiles
