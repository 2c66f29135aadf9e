// Is what runs still what lies on disk? Asked of the kernel, not of a package manager.
#pragma once

#include <string>
#include <vector>

#include "launcher/boxes/record.h"

namespace launcher {

struct Outdated {
  enum class What { library, php, program, root, launcher, profile, code };
  What what = What::library;
  std::string subject;  // a path
  std::string detail;   // "removed", or what the code's link leads to now
  friend bool operator==(const Outdated&, const Outdated&) = default;
};

// "library /usr/lib/x86_64-linux-gnu/libxml2.so.2 was replaced"
std::string describe(const Outdated& one);
const char* name_of(Outdated::What what);  // for programs

// What changes with a file's content: inode, size and time of the last write. "" when it is not there.
std::string state_of_file(const std::string& path);

// Why a restart would make this running box another one; empty when it would not. What cannot be
// looked at is not reported: a box is not called outdated for that.
std::vector<Outdated> find_outdated(const BoxRecord& record);

}  // namespace launcher
