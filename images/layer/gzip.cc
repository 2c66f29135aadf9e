#include "images/layer/gzip.h"

#include <libdeflate.h>

#include <algorithm>
#include <memory>

#include "images/store/refuse.h"

namespace images {
namespace {

constexpr int kLevel = 6;

}  // namespace

base::Result<std::string> gzip(std::string_view bytes) {
  const std::unique_ptr<libdeflate_compressor, void (*)(libdeflate_compressor*)> engine(libdeflate_alloc_compressor(kLevel),
                                                                                        libdeflate_free_compressor);
  if (!engine) return refuse("gzip: out of memory");
  std::string out(libdeflate_gzip_compress_bound(engine.get(), bytes.size()), '\0');
  const std::size_t length = libdeflate_gzip_compress(engine.get(), bytes.data(), bytes.size(), out.data(), out.size());
  if (length == 0) return refuse("gzip: failed");
  out.resize(length);
  return out;
}

base::Result<std::string> gunzip(std::string_view bytes, std::uint64_t limit) {
  const std::unique_ptr<libdeflate_decompressor, void (*)(libdeflate_decompressor*)> engine(libdeflate_alloc_decompressor(), libdeflate_free_decompressor);
  if (!engine) return refuse("gunzip: out of memory");
  std::string out, part;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::uint64_t left = limit - out.size();
    std::size_t read = 0, made = 0;
    libdeflate_result state = LIBDEFLATE_INSUFFICIENT_SPACE;
    for (std::uint64_t room = std::min<std::uint64_t>(16 << 20, left); state == LIBDEFLATE_INSUFFICIENT_SPACE; room = std::min(room * 4, left)) {
      part.resize(room);
      state = libdeflate_gzip_decompress_ex(engine.get(), bytes.data() + at, bytes.size() - at, part.data(), part.size(), &read, &made);
      if (room == left) break;
    }
    if (state != LIBDEFLATE_SUCCESS) return refuse("a damaged or too large gzip member");
    out.append(part, 0, made);
    at += read;
  }
  return out;
}

std::string gzip_compressor() { return "libdeflate " LIBDEFLATE_VERSION_STRING ", level " + std::to_string(kLevel); }

}  // namespace images
