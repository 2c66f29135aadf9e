// SHA-256 (FIPS 180-4) by libmd.
#pragma once

#include <string>
#include <string_view>

namespace sys {

std::string sha256(std::string_view bytes);  // 64 hexadecimal digits

}  // namespace sys
