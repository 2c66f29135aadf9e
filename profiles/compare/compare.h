// What one policy says otherwise than another, key by key, and which of it widens what the box may do. Pure.
//
//   for (const Difference& one : compare(before, after)) puts(text_of(one));   // "~ limits.memory.max 512MiB -> 1GiB  (widens)"
//
// Not compared: `name`, which is how the two are told apart, and `why`, which grants nothing.
#pragma once

#include <string>
#include <vector>

#include "profiles/model/policy.h"

namespace profiles {

struct Difference {
  enum class Kind { added, removed, changed };
  Kind kind = Kind::changed;
  std::string key;     // "syscalls.allow", "limits.memory.max"; of a field of an item "syscalls.arguments[ioctl:1].one_of"
  std::string before;  // of an item of a list its name; "none" for a value that is not set
  std::string after;
  bool widens = false;
  friend bool operator==(const Difference&, const Difference&) = default;
};

// Sections in the order of the language, items by name.
std::vector<Difference> compare(const Policy& before, const Policy& after);

std::string text_of(const Difference& difference);

}  // namespace profiles
