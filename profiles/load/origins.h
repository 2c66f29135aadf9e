// Origins: which file and line set each value, beside the values.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "profiles/load/packed_origins.h"

namespace profiles {

class Origins {
 public:
  using ByKey = OriginsByKey;
  Origins() = default;
  // As a cache kept them: they stay bytes for as long as they are only searched.
  explicit Origins(PackedOrigins packed) : packed_(std::move(packed)) {}
  void set(std::string key, Origin origin) { unpacked()[std::move(key)] = std::move(origin); }
  void erase(const std::string& key) { unpacked().erase(key); }
  // Erases `key` and all that it encloses ("a[b]" with "a[b].c").
  void erase_tree(const std::string& key);
  void keep_only(bool (*is_wanted)(std::string_view key));
  // The origin of `key`, or of the nearest enclosing key that has one ("a.b[c]" -> "a.b" -> "a"); empty when none.
  Origin find(std::string_view key) const;
  const ByKey& all() const { return unpacked(); }

 private:
  std::optional<Origin> find_exactly(std::string_view key) const;
  ByKey& unpacked() const;

  mutable ByKey by_key_;
  mutable std::optional<PackedOrigins> packed_;  // instead of `by_key_`, until that is asked for
};

}  // namespace profiles
