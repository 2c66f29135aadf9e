// A layer: the paths of one concern as compressed tar, and its two digests. Its parts are the folders and what the builder
// made, then the files of each package, large ones and the code cut where their paths say; each is a gzip member of its own, so that
// what did not change is not compressed again.
//
//   const Layer layer = TRY(make_layer("runtime", tree, epoch, members));
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "images/layer/compression.h"
#include "images/tree/path_map.h"
#include "profiles/base/result.h"

namespace images {

struct Layer {
  std::string name;
  std::string blob;     // compressed
  std::string digest;   // of the blob
  std::string diff_id;  // of the tar
  std::uint64_t tar_size = 0;
  Compression compression = Compression::gzip;
};

// Members that were compressed before, by the digest of what they hold.
struct MemberStore {
  std::function<std::optional<std::string>(const std::string& digest)> find;
  std::function<void(const std::string& digest, const std::string& bytes)> keep;
};

base::Result<Layer> make_layer(const std::string& name, const PathMap& tree, std::int64_t epoch, const MemberStore& members,
                               Compression kind = Compression::gzip);

}  // namespace images
