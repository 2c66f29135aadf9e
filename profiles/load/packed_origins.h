// PackedOrigins: origins as the bytes in which a cache keeps them, searched where they lie. A policy has some three hundred, of which
// a start asks for a handful: a map of them would be most of what reading a kept policy takes.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "profiles/base/diagnostics.h"

namespace profiles {

// Keys: "limits.memory.max", "php.admin_values[memory_limit]", "syscalls.allow[read]" (item by item_name()).
// A name that came through a group has the group's use as its origin, and the group in `through` ("@io").
struct Origin {
  base::Position where;
  std::string through;
  friend bool operator==(const Origin&, const Origin&) = default;
};

using OriginsByKey = std::map<std::string, Origin, std::less<>>;

std::string pack_origins(const OriginsByKey& origins);

class PackedOrigins {
 public:
  // nullopt for whatever pack_origins() would not have made.
  static std::optional<PackedOrigins> of(std::string bytes);
  // Of this very key, none that encloses it.
  std::optional<Origin> find(std::string_view key) const;
  OriginsByKey unpack() const;
  // Without those whose keys are not wanted, nor the memory that they took.
  PackedOrigins filtered(bool (*is_wanted)(std::string_view key)) const;

 private:
  std::string_view key_at(std::uint32_t start) const;
  std::string_view entry_at(std::size_t index) const;  // its bytes
  Origin origin_at(std::uint32_t start) const;

  std::string bytes_;
  std::vector<std::string> files_;
  std::vector<std::uint32_t> entries_;  // where each starts, in the order of their keys
};

}  // namespace profiles
