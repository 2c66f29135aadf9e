// For each key of the language, which change of it lets a box do more than before. A key that is not in the table is a
// mistake that a test finds: whoever adds one decides.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace profiles {

enum class Widens {
  never,
  added,              // an item of a list, or a value where none was
  removed,            // an item that forbids
  added_to_some,      // as `added`, but an empty list stands for everything
  larger,             // a number; where none is set there is no limit
  fewer_bits,         // of a mask
  when_false,
};

struct WideningRule {
  std::string_view key;  // items of lists without their names: "syscalls.arguments[].one_of"
  Widens widens;
};

const std::vector<WideningRule>& widening_rules();
// nullptr for a key that nobody decided about. Items of maps are looked up by their map.
const WideningRule* widening_of(const std::string& key);

}  // namespace profiles
