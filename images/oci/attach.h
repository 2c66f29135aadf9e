// What belongs to an image and is not in it: documents as OCI artifacts that refer to it (image-spec 1.1, "subject"). They lie
// beside it in the layout, and registries list them as its referrers.
//
//   attach({{"application/spdx+json", "sbom.spdx.json", text}}, created, image);
//   gather(image);                                    // for an archive
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "images/oci/image.h"

namespace images {

struct Attachment {
  std::string type;  // of the document and of the artifact
  std::string name;  // as a file
  std::string bytes;
};

void attach(const std::vector<Attachment>& attachments, std::int64_t created, Image& image);

// Tools that load an archive refuse one with several manifests at its top. Image and documents go into an index below, which
// has the image's name: of such an index they take what is for their platform, and `skopeo copy --all` takes all of it.
void gather(Image& image);

}  // namespace images
