// Where an image comes from, as programs check it: an in-toto statement (v1) with SLSA's provenance predicate (v1). Its
// materials are the lock's packages with their digests, the policy, the launcher and the site's code. The same inputs give
// the same text: it names no machine, no user and no time of a build.
#pragma once

#include <string>

#include "images/lock/lock.h"
#include "images/tree/path_map.h"

namespace images {

struct ProvenanceInput {
  std::string name;             // of the image
  std::string manifest_digest;
  std::string distribution;     // "debian-12"
  std::string compressor;       // what else the bytes hang on
  std::string policy;           // its text; empty where none is in the image
  std::string launcher;         // its bytes; likewise
  const Lock& lock;
  const PathMap& code;
};
std::string provenance(const ProvenanceInput& input);

// Of paths, kinds, links and contents; owners and times are the builder's own.
std::string digest_of(const PathMap& tree);

}  // namespace images
