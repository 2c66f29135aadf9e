// A name that nobody can have had before, or know ahead: 16 hexadecimal digits of getrandom(2).
#pragma once

#include <string>

#include "profiles/base/result.h"

namespace sys {

base::Result<std::string> random_digits();

}  // namespace sys
