// EROFS images of built roots, mounted where root alone can enter: one mount for all pools of an image.
//
//   const std::string folder = TRY(mount_root(image, "/srv/roots/wiki.erofs", "/run/fpmbox"));
#pragma once

#include <string>

#include "launcher/sys/fd.h"
#include "profiles/base/result.h"

namespace launcher {

// `image` is open at `path`, O_PATH. The mount stays until another file is at that path, no pool runs from it and a root is
// mounted again, or the machine restarts: `ps` compares what runs with it. Another file is another image.
base::Result<std::string> mount_root(const sys::Fd& image, const std::string& path, const std::string& run_directory);

}  // namespace launcher
