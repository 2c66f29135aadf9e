// Each path of the host looked at once, however many others lie below it or lead through it.
//
//   Looks looks;
//   const Look& folder = looks.at("/usr/lib");   // lstat(2); the second time from memory
#pragma once

#include <sys/stat.h>

#include <map>
#include <string>

namespace launcher {

struct Look {
  bool is_there = false;
  struct stat status = {};  // without following a link at the end
  std::string link = {};    // its text, read from the very link that `status` tells of; "" also when it was exchanged meanwhile
};

// For one moment's answer: what changes later is not seen.
class Looks {
 public:
  const Look& at(const std::string& path);

 private:
  std::map<std::string, Look> known_;
};

}  // namespace launcher
