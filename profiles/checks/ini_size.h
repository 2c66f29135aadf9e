// Sizes as php.ini writes them: "32M".
#pragma once

#include <optional>
#include <string_view>

#include "profiles/base/units.h"

namespace profiles {

// nullopt for what PHP would guess at: only digits and one of K, M, G are taken. "0" and "-1" mean no limit in some
// settings; "-1" is nullopt here.
std::optional<base::Bytes> parse_ini_size(std::string_view text);

}  // namespace profiles
