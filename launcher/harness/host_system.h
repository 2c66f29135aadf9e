// What php-fpm needs of this machine in a file tree of another confinement, all of it read-only: /usr, what a merged /usr leaves at
// the root, and the few settings that it and its libraries read.
//
//   for (const HostEntry& entry : system_entries(host.entries("/"))) ...
#pragma once

#include <string>
#include <vector>

#include "launcher/harness/layers.h"

namespace harness {

// What is seen inside beside it.
struct Binds {
  struct Placed {
    std::string source;
    std::string target;
    bool is_read_only = true;
    bool is_sealed = false;  // noexec, nosuid, nodev
  };
  std::vector<std::string> read_only;  // each under its own path
  std::vector<std::string> writable;   // over them
  std::vector<Placed> placed = {};     // under another path, in containers alone
};

// Those of the root's entries that lead to programs and libraries: links into /usr, or folders.
std::vector<HostEntry> system_entries(const std::vector<HostEntry>& root);

// None of these must be there.
const std::vector<std::string>& system_settings();

}  // namespace harness
