// Where profiles are: the catalog, and what a word on the command line means.
#pragma once

#include <string>
#include <vector>

#include "profiles/base/result.h"

namespace cli {

inline constexpr const char* kPools = "/etc/fpmbox/pools";

// Folders in which the catalog may lie, in the order of looking: with `option` (--catalog) only that one, else beside
// the binary, where an installed tree has it, and where this build would install it.
std::vector<std::string> catalog_places(const std::string& option, const std::string& executable);

// The first of them that holds base.yaml; the error lists them.
base::Result<std::string> find_catalog(const std::string& option);

// Where an ordinary user keeps pool files, by the XDG base directory specification: fpmbox/pools in `config`, or in
// .config of `home`. "" when neither says.
std::string own_pools(const char* config, const char* home);

struct ProfileFile {
  std::string path;
  bool is_pool = true;  // false for a profile of the catalog
  friend bool operator==(const ProfileFile&, const ProfileFile&) = default;
};

// `word` is a path (with a slash, or ending in .yaml), a pool of `pools`, or a profile of the catalog, in this order.
base::Result<ProfileFile> resolve_profile(const std::string& word, const std::string& catalog,
                                          const std::string& pools = kPools);

// The profiles of a folder as paths, sorted. The catalog's table of syscall groups is none.
std::vector<std::string> profiles_in(const std::string& folder);

}  // namespace cli
