// What an image holds, as people and programs ask for it: counts, packages, and what attacks could use.
#pragma once

#include <nlohmann/json.hpp>

#include "images/oci/read.h"

namespace images {

// {"name", "digest", "config", "layers", "files", "bytes", "executables", "setuid", "not_roots", "extensions", "extension_bytes", "packages", "policy", "attached"}
nlohmann::ordered_json look(const StoredImage& image);

}  // namespace images
