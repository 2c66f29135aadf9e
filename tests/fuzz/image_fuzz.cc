// An image that somebody offers, and what of one is kept in a cache. The first byte says as what the rest is read: an archive of
// a layout, compressed layers, an outline, files of a site's code that name its libraries.
#include <nlohmann/json.hpp>

#include "images/layer/compression.h"
#include "images/oci/attach.h"
#include "images/oci/read.h"
#include "images/oci/write.h"
#include "images/store/digest.h"
#include "images/tree/components.h"
#include "images/tree/outline.h"
#include "profiles/base/text.h"
#include "tests/fuzz/standalone.h"

#include <sys/mman.h>
#include <unistd.h>

using namespace images;

namespace {

constexpr std::uint64_t kLimit = 1 << 20;

void read_archive(std::string_view bytes) {
  const int file = ::memfd_create("image", MFD_CLOEXEC);
  if (file < 0 || ::write(file, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) std::abort();
  const auto image = read_image("/proc/self/fd/" + std::to_string(file));
  ::close(file);
  if (!image) {
    FUZZ_REQUIRE(!image.error().text().empty());
    return;
  }
  for (const StoredLayer& layer : image.value().layers) FUZZ_REQUIRE(layer.diff_id.starts_with("sha256:"));
  for (const StoredAttachment& one : image.value().attachments) FUZZ_REQUIRE(one.digest == "sha256:" + sha256(one.bytes));
}

void read_code(std::string_view bytes) {
  PathMap code;
  for (const char* path : {"composer.lock", "wp-content/plugins/a/a.php", "wp-content/themes/a/style.css", "wp-includes/version.php", "core/Version.php", "plugins/A/plugin.json"})
    if (!code.add(path, {.mode = 0444, .content = content(std::string(bytes))})) std::abort();
  for (const Component& one : components_of(code)) FUZZ_REQUIRE(one.purl.starts_with("pkg:") && one.purl.find_first_of(" \n\t?#") == std::string::npos);
}

void read_as(unsigned char kind, std::string_view bytes) {
  switch (kind % 5) {
    case 0: read_archive(bytes); break;
    case 1:
    case 2: {
      const auto out = decompress(kind % 5 == 1 ? Compression::gzip : Compression::zstd, bytes, kLimit);
      FUZZ_REQUIRE(!out || out.value().size() <= kLimit);
      break;
    }
    case 3:
      if (const auto tree = read_outline(bytes))
        for (const auto& [path, entry] : tree.value().entries()) FUZZ_REQUIRE(base::is_normal_relative(path) && !entry.content);
      break;
    case 4: read_code(bytes); break;
  }
}

PathMap tree() {
  PathMap out;
  if (!out.add("usr/x", {.mode = 0644, .content = content("text")}) || !out.add("lib", {.kind = Entry::Kind::symlink, .mode = 0777, .target = "usr"})) std::abort();
  return out;
}

std::string archive(bool gathered) {
  std::vector<Layer> layers;
  layers.push_back(make_layer("one", tree(), 1000, {}).value());
  About about;
  about.name = "localhost/x:1";
  Image image = make_image(std::move(layers), about);
  attach({{"text/plain", "note", "x"}}, 1000, image);
  if (gathered) gather(image);
  return archive_of(image).value();
}

[[maybe_unused]] std::vector<std::string> seeds() {  // libFuzzer takes the corpus
  const std::string zero(1, '\0'), text(3000, 'x');
  return {zero + archive(false), zero + archive(true), "\1" + compress(Compression::gzip, text).value(), "\2" + compress(Compression::zstd, text).value(), "\3" + write_outline(tree()).value(),
          "\4{\"packages\": [{\"name\": \"a/b\", \"version\": \"1\"}]}", "\4<?php /* Plugin Name: X\nTheme Name: Y\nVersion: 1 */ $wp_version = '1'; const VERSION = '2'; // Piwik"};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size != 0) read_as(data[0], std::string_view(reinterpret_cast<const char*>(data) + 1, size - 1));
  return 0;
}

FUZZ_MAIN(seeds())
