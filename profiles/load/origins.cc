#include "profiles/load/origins.h"

#include <iterator>

namespace profiles {

Origins::ByKey& Origins::unpacked() const {
  if (packed_) by_key_ = packed_->unpack();
  packed_.reset();
  return by_key_;
}

void Origins::keep_only(bool (*is_wanted)(std::string_view key)) {
  if (packed_)
    packed_ = packed_->filtered(is_wanted);
  else
    std::erase_if(by_key_, [&](const auto& one) { return !is_wanted(one.first); });
}

std::optional<Origin> Origins::find_exactly(std::string_view key) const {
  if (packed_) return packed_->find(key);
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return std::nullopt;
  return found->second;
}

Origin Origins::find(std::string_view key) const {
  for (;;) {
    if (auto found = find_exactly(key)) return std::move(*found);
    // An item's name may hold dots and brackets of its own; a cut inside it finds nothing and the next one is tried.
    const auto cut = key.find_last_of(".[");
    if (cut == std::string_view::npos) return {};
    key = key.substr(0, cut);
  }
}

void Origins::erase_tree(const std::string& key) {
  ByKey& all = unpacked();
  auto at = all.lower_bound(key);
  while (at != all.end() && at->first.starts_with(key)) {
    const bool enclosed =
        at->first.size() == key.size() || at->first[key.size()] == '.' || at->first[key.size()] == '[';
    at = enclosed ? all.erase(at) : std::next(at);
  }
}

}  // namespace profiles
