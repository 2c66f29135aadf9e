#include "images/store/progress.h"

#include <unistd.h>

#include <cstdio>

#include "profiles/base/text.h"

namespace images {

void progress(const std::string& what) {
  static const bool is_seen = ::isatty(STDERR_FILENO) == 1;
  if (!is_seen) return;
  constexpr std::size_t kMost = 78;  // a line that is wrapped is not taken away
  // back to the first column, and what was there goes
  std::fprintf(stderr, "\r\033[K%s", base::escape_control(what).substr(0, kMost).c_str());
  std::fflush(stderr);
}

}  // namespace images
