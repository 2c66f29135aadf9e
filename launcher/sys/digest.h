// SHA-256 (FIPS 180-4) by libmd, as 64 hexadecimal digits.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "profiles/base/result.h"

namespace sys {

std::string sha256(std::string_view bytes);
base::Result<std::string> sha256_of_file(int fd);  // from its beginning to its end; moves the offset

// Tells damage, never forgery, in a fortieth of the time.
std::uint64_t checksum(std::string_view bytes);

}  // namespace sys
