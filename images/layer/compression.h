// How layers are compressed. gzip is what every engine takes; zstd (RFC 8878) is smaller at this level and faster to unpack,
// and Docker before 23 and docker-archive know it not.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "profiles/base/result.h"
#include "profiles/model/describe.h"

namespace images {

enum class Compression { gzip, zstd };
inline profiles::EnumNames<Compression> names(Compression) { return {{Compression::gzip, "gzip"}, {Compression::zstd, "zstd"}}; }

// One call makes one member or frame; put behind each other they are one file.
base::Result<std::string> compress(Compression kind, std::string_view bytes);
// What else the compressed bytes depend on: "libdeflate 1.14, level 6".
std::string compressor(Compression kind);
// "application/vnd.oci.image.layer.v1.tar+gzip"
std::string layer_type(Compression kind);

// All members of a file. Nothing beyond `limit` is taken, whatever the headers say.
base::Result<std::string> decompress(Compression kind, std::string_view bytes, std::uint64_t limit);

}  // namespace images
