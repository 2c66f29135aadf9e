// look() as people and as programs read it. Names of an image are anybody's: no byte of them drives a terminal, and those that are
// not UTF-8 end no program.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace images {

std::string text_of(const nlohmann::ordered_json& looked);
std::string json_text(const nlohmann::ordered_json& json);  // on one line; what is not UTF-8 becomes U+FFFD

}  // namespace images
