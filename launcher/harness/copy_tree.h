// Copies of folders and their removal, where somebody else may have filled them: by fds, no link is followed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "profiles/base/result.h"

namespace harness {

// What may still be copied. Clones (FICLONE) of the same file system cost nothing and count for nothing.
struct CopyBudget {
  std::uint64_t bytes = 0;
  std::uint64_t entries = 0;
  std::uint64_t left_out = 0;                // files that are not in the copy
  std::vector<std::string> names_left_out;  // the first of them
};

// `from` (a file or a folder) becomes NAME in `directory`, with owners and modes, but without setuid bits. Sockets, devices and
// pipes are left out.
base::Status copy_tree(const std::string& from, int directory, const std::string& name, CopyBudget& budget);

// NAME and all below it; that it is not there is no error.
base::Status remove_tree(int directory, const std::string& name);

}  // namespace harness
