// Packages by the digest of their bytes. What is in it was verified when it came, and is again whenever it is read.
#pragma once

#include <string>

#include "profiles/base/result.h"

namespace images {

class Vault {
 public:
  explicit Vault(std::string folder) : folder_(std::move(folder)) {}

  bool has(const std::string& digest) const;
  base::Result<std::string> read(const std::string& digest) const;
  base::Status keep(const std::string& digest, const std::string& bytes) const;  // refused when the digest is another

 private:
  std::string path_of(const std::string& digest) const { return folder_ + "/sha256/" + digest; }
  std::string folder_;
};

}  // namespace images
