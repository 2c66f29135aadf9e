// EROFS images of built roots, mounted where root alone can enter: one mount for all pools of an image.
//
//   const std::string folder = TRY(mount_root(image, "/srv/roots/wiki.erofs", "/run/fpmbox", MountedFor::boxes));
#pragma once

#include <string>

#include "launcher/sys/fd.h"
#include "profiles/base/result.h"

namespace launcher {

enum class MountedFor {
  boxes,         // it stays until another file is at that path, no pool runs from it and a root is mounted again, or the machine
                 // restarts: `ps` compares what runs with it
  this_process,  // in a mount namespace of its own, which this process then is in: nobody else sees it, and it ends with it
};

// `image` is open at `path`, O_PATH. Another file is another image. One that is mounted for boxes is taken by everybody.
base::Result<std::string> mount_root(const sys::Fd& image, const std::string& path, const std::string& run_directory, MountedFor whom);

}  // namespace launcher
