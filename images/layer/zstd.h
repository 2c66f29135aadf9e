// zstd by libzstd. One call makes one frame (RFC 8878); frames behind each other are one file.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "profiles/base/result.h"

namespace images {

base::Result<std::string> zstd(std::string_view bytes);
base::Result<std::string> unzstd(std::string_view bytes, std::uint64_t limit);
std::string zstd_compressor();

}  // namespace images
