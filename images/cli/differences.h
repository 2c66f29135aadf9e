// What two images differ in, a line each: "package + NAME VERSION", "executable - /bin/sh", "policy + syscalls.allow ptrace  (widens)".
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace images {

struct Change {
  std::string text;
  bool widens = false;  // the box may do more, or an attacker finds more to use
  friend bool operator==(const Change&, const Change&) = default;
};

// Of two answers of look().
std::vector<Change> differences(const nlohmann::ordered_json& from, const nlohmann::ordered_json& to);

}  // namespace images
