#include "launcher/facts/looks.h"

#include <limits.h>
#include <unistd.h>

#include "launcher/sys/file.h"

namespace launcher {
namespace {

Look look(const std::string& path) {
  Look out;
  out.is_there = ::lstat(path.c_str(), &out.status) == 0;
  if (!out.is_there || !S_ISLNK(out.status.st_mode)) return out;
  const auto link = sys::open(path, O_PATH | O_NOFOLLOW);  // owner and text of one and the same link; no text: it is none now
  char text[PATH_MAX] = {};
  out.is_there = link && ::fstat(link.value().get(), &out.status) == 0;
  if (out.is_there && ::readlinkat(link.value().get(), "", text, sizeof text - 1) > 0) out.link = text;
  return out;
}

}  // namespace

const Look& Looks::at(const std::string& path) {
  const auto found = known_.find(path);
  return found != known_.end() ? found->second : known_.emplace(path, look(path)).first->second;
}

}  // namespace launcher
