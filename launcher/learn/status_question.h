// One request to FPM's private status socket, where a whole script may run (supervise/ping.h asks for less). Never blocks: the
// loop polls fd() for POLLIN and calls advance().
#pragma once

#include <optional>
#include <string>

#include "launcher/supervise/fastcgi.h"
#include "launcher/sys/fd.h"
#include "profiles/base/result.h"

namespace launcher {

class StatusQuestion {
 public:
  // Borrows an O_PATH fd of the socket's inode, which has no name.
  static base::Result<StatusQuestion> ask(int socket_inode, const std::string& script);
  int fd() const { return connection_.get(); }
  // The answer's body once it is whole; an error is an answer that never will be.
  base::Result<std::optional<std::string>> advance();

 private:
  sys::Fd connection_;
  FastcgiParser parser_;
};

}  // namespace launcher
