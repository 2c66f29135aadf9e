// Paths of a running box, looked at from outside through its own root, in which every link is followed as the box would
// follow it and none leads out.
#pragma once

#include <sys/types.h>

#include <string>

#include "launcher/sys/fd.h"
#include "profiles/base/result.h"

namespace launcher {

struct BoxPath {
  std::string text;     // canonical as far as it exists: "/srv/wiki/www-1/data/x"
  bool exists = false;
};

class BoxPaths {
 public:
  // `pid`: any process of the box.
  static base::Result<BoxPaths> open(pid_t pid);
  // A path as `process` gave it to a call, relative to `directory` (an fd of it, or AT_FDCWD). With `follows`, what a link at its
  // end leads to; otherwise the link itself.
  BoxPath find(pid_t process, int directory, const std::string& path, bool follows) const;

 private:
  BoxPath find_absolute(const std::string& path, bool follows) const;
  sys::Fd root_;
};

}  // namespace launcher
