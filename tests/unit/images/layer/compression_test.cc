#include "images/layer/compression.h"

#include <doctest/doctest.h>


using namespace images;

namespace {

std::string text() {
  std::string out;
  for (int i = 0; i < 200'000; ++i) out += std::to_string(i * 7919 % 1000);
  return out;
}

}  // namespace

// What takes a frame's whole buffer anew for each takes minutes for so many: the tests' own time limit ends it.
TEST_CASE("many empty frames are nothing") {
  const std::string empty = compress(Compression::zstd, "").value();
  std::string all;
  while (all.size() < 1 << 20) all += empty;
  CHECK_EQ(decompress(Compression::zstd, all, 100 << 20).value(), "");
}

TEST_CASE("members behind each other come back as one, within the limit, whole or not at all") {
  const std::string one = text(), two(3 << 20, '\0');
  for (const Compression kind : {Compression::gzip, Compression::zstd}) {
    CAPTURE(compressor(kind));
    const std::string packed = compress(kind, one).value() + compress(kind, two).value();
    CHECK_LT(packed.size(), one.size());
    CHECK_EQ(decompress(kind, packed, 100 << 20).value(), one + two);
    CHECK_EQ(decompress(kind, packed, one.size() + two.size()).value(), one + two);
    CHECK_FALSE(decompress(kind, packed, one.size() + two.size() - 1).ok());  // a bomb
    CHECK_FALSE(decompress(kind, packed.substr(0, packed.size() - 1), 100 << 20).ok());
    CHECK_FALSE(decompress(kind, packed.substr(0, 1000), 100 << 20).ok());
    CHECK_FALSE(decompress(kind, "hello", 100 << 20).ok());
    CHECK_EQ(decompress(kind, "", 10).value(), "");
    CHECK_EQ(compress(kind, one).value(), compress(kind, one).value());
  }
  CHECK_EQ(layer_type(Compression::zstd), "application/vnd.oci.image.layer.v1.tar+zstd");
  CHECK_EQ(layer_type(Compression::gzip), "application/vnd.oci.image.layer.v1.tar+gzip");
}
