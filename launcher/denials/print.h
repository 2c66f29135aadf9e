// Many denials: for people a paragraph each, for programs a line of JSON each.
#pragma once

#include <span>
#include <string>

#include "launcher/denials/denial.h"

namespace launcher {

std::string denials_text(std::span<const Denial> denials);
std::string denials_json(std::span<const Denial> denials);

}  // namespace launcher
