// What two images differ in, a line each: "package + NAME VERSION", "executable - /bin/sh", "policy + ...".
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace images {

// Of two answers of look().
std::vector<std::string> differences(const nlohmann::ordered_json& from, const nlohmann::ordered_json& to);

}  // namespace images
