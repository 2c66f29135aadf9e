// The documents of an image that was just made: what scanners, engines and auditors ask for beside its layers.
#pragma once

#include <string>
#include <vector>

#include "images/cli/workshop.h"
#include "images/oci/attach.h"

namespace images {

// SPDX 2.3, for --sbom too.
std::string sbom_of(const Workshop& shop, const Assembled& parts, const Image& image);
// SBOM, provenance, the flat policy and its filter as OCI knows it.
std::vector<Attachment> attachments_of(const Workshop& shop, const Assembled& parts, const Image& image);
// SBOM and provenance of the web server's image.
std::vector<Attachment> attachments_of_web(const Workshop& shop, const WebTrees& web, const Image& image);

}  // namespace images
