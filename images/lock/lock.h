// RECIPE.lock: which packages an image is made of, to the byte. With it and a vault an image is built without asking anybody.
//
//   const Lock lock = TRY(read_lock(text));
//   const std::string text = write(lock);      // read_lock(write(lock)) == lock
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "profiles/base/result.h"

namespace images {

struct LockedSuite {
  std::string name;
  std::string mirror;
  std::vector<std::string> components;
  std::vector<std::string> fingerprints;  // of the keys that signed it
  std::int64_t date = 0;                  // of its Release file
  std::int64_t valid_until = 0;           // 0: it says no end
  friend bool operator==(const LockedSuite&, const LockedSuite&) = default;
};

struct LockedPackage {
  std::string name;
  std::string version;
  std::string arch;
  std::string source;
  std::string source_version;
  std::string sha256;
  std::uint64_t size = 0;
  std::string uri;
  friend bool operator==(const LockedPackage&, const LockedPackage&) = default;
};

struct Lock {
  std::string wanted;  // digest of what was asked for: suites, packages, PHP's version and extensions
  std::vector<LockedSuite> suites;
  std::vector<LockedPackage> packages;  // by name
  friend bool operator==(const Lock&, const Lock&) = default;
};

base::Result<Lock> read_lock(const std::string& text);
std::string write(const Lock& lock);

// The time of the newest index: what an image of this lock says of its making.
std::int64_t epoch_of(const Lock& lock);

// What `to` has that `from` has not, a line each: "+ NAME VERSION", "- NAME VERSION", "  NAME OLD -> NEW".
std::vector<std::string> difference(const Lock& from, const Lock& to);

}  // namespace images
