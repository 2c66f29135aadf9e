// Invented files for tests, and the real catalog.
#pragma once

#include <cerrno>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "profiles/load/compose.h"

namespace profiles::test {

inline const std::string kCatalog = SOURCE_DIR "/profiles/catalog";

inline base::Result<std::string> from_disk(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return base::Error{"open", path, ENOENT, {}};
  std::ostringstream content;
  content << stream.rdbuf();
  return content.str();
}

struct Files {
  std::map<std::string, std::string> content;
  bool with_catalog = false;

  base::Result<std::string> operator()(const std::string& path) const {
    if (const auto found = content.find(path); found != content.end()) return found->second;
    if (with_catalog && path.starts_with(kCatalog)) return from_disk(path);
    return base::Error{"open", path, ENOENT, {}};
  }
};

inline std::vector<std::string> texts(const base::Diagnostics& diagnostics) {
  std::vector<std::string> lines;
  for (const base::Diagnostic& diagnostic : diagnostics.all()) lines.push_back(diagnostic.text());
  return lines;
}

// "a\nb", for comparing what was reported with what should have been.
inline std::string report(const base::Diagnostics& diagnostics) {
  std::string all;
  for (const std::string& line : texts(diagnostics)) all += (all.empty() ? "" : "\n") + line;
  return all;
}

// One file, "pool.yaml", without a catalog unless it extends one.
inline Composed compose_text(const std::string& text, base::Diagnostics& diagnostics) {
  return compose(kCatalog, Files{{{"pool.yaml", text}}, true}, "pool.yaml", diagnostics);
}

}  // namespace profiles::test
