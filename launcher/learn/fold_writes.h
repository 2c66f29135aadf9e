// From single writes to the fewest lines of `filesystem.writable`. Pure.
//
// A file that was there and was rewritten in place is granted alone. Where entries of a folder change (new files, locks, a
// temporary file renamed over another) it takes the folder: of those that the code has, for what is made in the run is not
// there at the next start. The code's own root is never granted.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "launcher/learn/record.h"

namespace launcher {

enum class Before { missing, file, folder };  // what the code had at a path, before the recording

struct FoldInput {
  std::string code;                     // the version's own path
  std::vector<std::string> granted;     // paths of filesystem.writable, relative to it
  std::function<Before(const std::string& relative)> before;
  std::set<std::string> scripts = {};   // relative: PHP files that were read, and so perhaps executed
};

struct WritableLine {
  std::string path;     // relative to the code
  std::string script;
  std::string because;  // "made data/cache/x"
  std::vector<std::string> warnings = {};
  friend bool operator==(const WritableLine&, const WritableLine&) = default;
};

struct Folded {
  std::vector<WritableLine> lines;
  std::vector<WritableLine> outside;  // absolute paths that no line can grant
  std::vector<WritableLine> in_root;  // entries of the code's root, likewise
};

Folded fold_writes(const FirstSeen<WrittenPath>& writes, const FoldInput& input);

}  // namespace launcher
