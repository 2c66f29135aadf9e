// The documents that make up a profile: the file itself and all that it extends.
#pragma once

#include <string>
#include <vector>

#include "profiles/base/diagnostics.h"
#include "profiles/load/compose.h"
#include "profiles/load/document.h"

namespace profiles {

struct Layer {
  std::string file;
  Node document;  // without `extends`
};

// Base first. What cannot be read is reported and missing.
std::vector<Layer> read_layers(const std::string& catalog, const ReadFile& read, const DocumentStore& store, const std::string& file,
                               base::Diagnostics& diagnostics);

}  // namespace profiles
