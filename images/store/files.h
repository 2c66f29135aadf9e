// Files that come whole or not at all: written beside their name, then renamed.
#pragma once

#include <cstdint>
#include <string>

#include "launcher/sys/fd.h"
#include "profiles/base/result.h"

namespace images {

base::Status write_whole(const std::string& path, const std::string& bytes);
// A plain file, links to it followed. A FIFO or a device in its place is an error at once: whoever offers an image may offer those.
base::Result<std::string> read_regular(const std::string& path, std::uint64_t limit);
// A plain file that nobody but the caller and root can have written, nor put there; for what is believed by its place alone.
base::Result<std::string> read_own(const std::string& path, std::uint64_t limit);
// As mkdir -p, 0755.
base::Result<sys::Fd> make_folders(const std::string& path);

}  // namespace images
