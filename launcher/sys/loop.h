// A file as a block device (loop(4)), for file systems that are mounted from nothing else.
#pragma once

#include <string>

#include "launcher/sys/fd.h"
#include "profiles/base/result.h"

namespace sys {

struct LoopDevice {
  std::string path;  // "/dev/loop3"
  Fd fd;             // while it is open, the device keeps the file
};

// Read-only, and given back by the kernel when nobody uses it any more.
base::Result<LoopDevice> attach_loop(const std::string& file);

}  // namespace sys
