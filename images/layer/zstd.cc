#include "images/layer/zstd.h"

#include <zstd.h>

#include <algorithm>
#include <memory>

#include "images/store/refuse.h"

namespace images {
namespace {

constexpr int kLevel = 9;
constexpr int kLargestWindow = 27;  // 128 MiB of memory, whatever a frame asks for
constexpr std::size_t kStep = 4 << 20;

}  // namespace

base::Result<std::string> zstd(std::string_view bytes) {
  std::string out(ZSTD_compressBound(bytes.size()), '\0');
  const std::size_t length = ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), kLevel);
  if (ZSTD_isError(length) != 0) return refuse(std::string("zstd: ") + ZSTD_getErrorName(length));
  out.resize(length);
  return out;
}

base::Result<std::string> unzstd(std::string_view bytes, std::uint64_t limit) {
  const std::unique_ptr<ZSTD_DStream, std::size_t (*)(ZSTD_DStream*)> engine(ZSTD_createDStream(), ZSTD_freeDStream);
  if (!engine || ZSTD_isError(ZSTD_DCtx_setParameter(engine.get(), ZSTD_d_windowLogMax, kLargestWindow)) != 0) return refuse("zstd: out of memory");
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  std::string out;
  // one for all calls, each of which ends with a frame: room made in `out` would be filled with zeros for every empty one
  const std::unique_ptr<char[]> buffer(new char[kStep]);
  std::size_t wanted = 0;  // 0: a frame has ended
  while (in.pos < in.size || wanted != 0) {
    const std::size_t before = in.pos;
    ZSTD_outBuffer room{buffer.get(), static_cast<std::size_t>(std::min<std::uint64_t>(kStep, limit + 1 - out.size())), 0};
    wanted = ZSTD_decompressStream(engine.get(), &room, &in);
    if (ZSTD_isError(wanted) != 0) return refuse(std::string("a damaged zstd frame: ") + ZSTD_getErrorName(wanted));
    out.append(buffer.get(), room.pos);
    if (out.size() > limit) return refuse("a zstd frame that holds more than " + std::to_string(limit) + " bytes");
    if (room.pos == 0 && in.pos == before) return refuse("a zstd frame that is cut off");
  }
  return out;
}

std::string zstd_compressor() { return "libzstd " ZSTD_VERSION_STRING ", level " + std::to_string(kLevel); }

}  // namespace images
