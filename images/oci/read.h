// An image from disk, checked against the image-spec: sizes and digests of all blobs, media types, diff_ids, no path twice
// in a layer, parents before children; of what is attached to it, that it refers to this image; and of docker's manifest.json,
// that it leads to the same one. What nothing refers to is in no archive.
//
//   const StoredImage image = TRY(read_image("wiki.tar"));
#pragma once

#include <string>
#include <vector>

#include "images/package/tar_reader.h"
#include "profiles/base/result.h"

namespace images {

struct StoredLayer {
  std::string digest;
  std::string diff_id;
  std::uint64_t size = 0;  // compressed
  std::string name;
  std::vector<Member> members;
};

struct StoredAttachment {  // images/oci/attach.h
  std::string type;
  std::string name;
  std::string digest;      // of the document
  std::string bytes;
};

struct StoredImage {
  std::string name;
  std::string manifest_digest;
  std::string config;  // JSON, as parse_json() takes it
  std::vector<StoredLayer> layers;
  std::vector<StoredAttachment> attachments;
};

// `path` is an OCI layout or an archive of one, with just one image and what is attached to it.
base::Result<StoredImage> read_image(const std::string& path);

}  // namespace images
