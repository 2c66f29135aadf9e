#include "images/layer/compression.h"

#include "images/layer/gzip.h"
#include "images/layer/zstd.h"

namespace images {
namespace {

struct Row {
  base::Result<std::string> (*compress)(std::string_view bytes);
  base::Result<std::string> (*decompress)(std::string_view bytes, std::uint64_t limit);
  std::string (*compressor)();
};
constexpr Row kRows[] = {{gzip, gunzip, gzip_compressor}, {zstd, unzstd, zstd_compressor}};  // in the order of the enum

const Row& row_of(Compression kind) { return kRows[static_cast<std::size_t>(kind)]; }

}  // namespace

base::Result<std::string> compress(Compression kind, std::string_view bytes) { return row_of(kind).compress(bytes); }
base::Result<std::string> decompress(Compression kind, std::string_view bytes, std::uint64_t limit) { return row_of(kind).decompress(bytes, limit); }
std::string compressor(Compression kind) { return row_of(kind).compressor(); }

std::string layer_type(Compression kind) {
  return std::string("application/vnd.oci.image.layer.v1.tar+") + (kind == Compression::zstd ? "zstd" : "gzip");
}

}  // namespace images
