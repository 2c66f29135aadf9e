#include "images/layer/gzip.h"

#include <libdeflate.h>

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

std::string compressor() { return "libdeflate " LIBDEFLATE_VERSION_STRING ", level " + std::to_string(kLevel); }

}  // namespace images
