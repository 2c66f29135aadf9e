// Environment variables that scripts see. Everything else is empty.
#pragma once
#include "profiles/model/describe.h"

namespace profiles {
using Environment = std::map<std::string, std::string>;
}  // namespace profiles
