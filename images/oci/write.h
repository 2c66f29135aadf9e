// An image on disk: an OCI layout (a folder), or one archive that podman load, docker load (20.10 and later) and skopeo take.
// Both come whole or not at all.
#pragma once

#include <string>

#include "images/oci/image.h"
#include "profiles/base/result.h"

namespace images {

// The archive's bytes: an OCI layout and Docker's manifest.json in one tar.
base::Result<std::string> archive_of(const Image& image);
base::Status write_archive(const Image& image, const std::string& path);
// What is there is replaced if it is an OCI layout, and refused if it is anything else.
base::Status write_layout(const Image& image, const std::string& path);

}  // namespace images
