// The catalogue of acts: files of YAML, read as strictly as profiles.
//
//   base::Diagnostics diagnostics;
//   const Catalogue acts = read_catalogue(files, {layer_names(), condition_names()}, diagnostics);   // every mistake with file:line:column
#pragma once

#include <string>
#include <vector>

#include "launcher/harness/act.h"
#include "profiles/base/diagnostics.h"

namespace harness {

struct CatalogueFile {
  std::string path;
  std::string text;
};

struct Catalogue {
  std::vector<Act> acts;  // in the order of files and of acts in them
  friend bool operator==(const Catalogue&, const Catalogue&) = default;
};

// The words that acts may use of other tables.
struct Vocabulary {
  std::vector<std::string> layers;
  std::vector<std::string> conditions;
};

// A mistake leaves its act out. Ids are unique over all files; a file GROUP.yaml holds acts of that group.
Catalogue read_catalogue(const std::vector<CatalogueFile>& files, const Vocabulary& words,
                         base::Diagnostics& diagnostics);

// "files", "exec", ...: every group once, in order.
std::vector<std::string> groups_of(const Catalogue& catalogue);

// The keys of an act with their meaning, for `fpmbox generate acts`.
struct ActKey {
  std::string key;
  std::string help;
};
std::vector<ActKey> act_keys();

}  // namespace harness
