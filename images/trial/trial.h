// An image started as an engine would start it, without one: its entrypoint as PID 1 of namespaces of its own, with the
// capabilities that engines leave, and what its profile's expect: says asked from within.
//
//   const int code = try_image(image, policy, acts);      // prints what it found; 0 when all holds
#pragma once

#include "images/oci/read.h"
#include "images/trial/acts.h"
#include "profiles/base/result.h"
#include "profiles/model/policy.h"

namespace images {

// The policy that the image carries.
base::Result<profiles::Policy> policy_of(const StoredImage& image);

// As root. Whatever it starts and mounts ends with it.
base::Result<int> try_image(StoredImage image, const profiles::Policy& policy, const TrialActs& acts);

}  // namespace images
