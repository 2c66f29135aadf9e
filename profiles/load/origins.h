// Origins: which file and line set each value, beside the values.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "profiles/base/diagnostics.h"

namespace profiles {

// Keys: "limits.memory.max", "php.admin_values[memory_limit]", "syscalls.allow[read]" (item by item_name()).
// A name that came through a group has the group's use as its origin, and the group in `through` ("@io").
struct Origin {
  base::Position where;
  std::string through;
  friend bool operator==(const Origin&, const Origin&) = default;
};

class Origins {
 public:
  using ByKey = std::map<std::string, Origin, std::less<>>;
  Origins() = default;
  explicit Origins(ByKey all) : by_key_(std::move(all)) {}
  void set(std::string key, Origin origin) { by_key_[std::move(key)] = std::move(origin); }
  void erase(const std::string& key) { by_key_.erase(key); }
  // Erases `key` and all that it encloses ("a[b]" with "a[b].c").
  void erase_tree(const std::string& key);
  // The origin of `key`, or of the nearest enclosing key that has one ("a.b[c]" -> "a.b" -> "a"); empty when none.
  Origin find(std::string_view key) const;
  const ByKey& all() const { return by_key_; }

 private:
  ByKey by_key_;
};

}  // namespace profiles
