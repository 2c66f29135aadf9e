// An image's files as the root of a mount namespace: in memory, read-only but for what an engine gives a container (/tmp, /run/fpmbox,
// /var/lib/fpmbox, /dev) and the writable paths of its policy. Nothing of it is on a disk, and it goes with the namespace.
#pragma once

#include "images/oci/read.h"
#include "profiles/base/result.h"
#include "profiles/model/policy.h"

namespace images {

// In a mount namespace of its own, as root. The old root is gone afterwards.
base::Status enter_image(const StoredImage& image, const profiles::Policy& policy);

}  // namespace images
