// Paths of an image as tar, to the byte: ustar, and a pax header only where ustar cannot say it. No names of users, no
// other times than mtime, so that the same tree gives the same bytes everywhere.
//
//   TarWriter tar(epoch);
//   for (const auto& [path, entry] : tree.entries()) TRY(tar.add(path, entry));
//   const std::string bytes = tar.take() + TarWriter::end();
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "images/tree/path_map.h"
#include "profiles/base/result.h"

namespace images {

class TarWriter {
 public:
  // Times later than `epoch`, and files without one, get `epoch`.
  explicit TarWriter(std::int64_t epoch) : epoch_(epoch) {}

  base::Status add(const std::string& path, const Entry& entry);
  std::size_t size() const { return out_.size(); }
  std::string take() { return std::exchange(out_, {}); }  // what was added since the last time
  static std::string end() { return std::string(1024, '\0'); }

 private:
  std::int64_t epoch_;
  std::string out_;
};

}  // namespace images
