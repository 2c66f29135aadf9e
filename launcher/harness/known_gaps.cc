#include "launcher/harness/known_gaps.h"

#include <algorithm>

#include "launcher/harness/verdict.h"
#include "profiles/base/text.h"

namespace harness {

const std::vector<KnownGap>& known_gaps() {
  static const std::vector<KnownGap> kGaps = {
      {"namespaces", {}, {"neighbours/master-killed"}, "a script can end its own pool: php-fpm's master is not PID 1, whom a SIGKILL does not reach"},
      {"namespaces", {}, {"host/tty", "privileges/suid-programs"}, "names of the container's files are seen: Landlock looks at what is opened"},
      {"connect", {}, {"bypasses/basedir-socket", "fastcgi/neighbour-socket", "neighbours/unix-socket", "neighbours/unix-socket-native"}, "the pool may connect, and the socket is everybody's to write"},
      {"writable", {"noexec"}, {}, "the folder is not mounted noexec"},
      {"writable", {"nosuid"}, {}, "the folder is not mounted nosuid; no_new_privs makes such bits idle"},
      {"tmp", {"tmp_limits"}, {}, "/tmp is no tmpfs with a size of its own"},
      {"tmp.inodes", {}, {"resources/tmp-files"}, "/tmp has no number of files of its own"},
  };
  return kGaps;
}

const KnownGap* gap_behind(const Act& act, const std::vector<std::string>& said) {
  for (const KnownGap& one : known_gaps()) {
    const bool is_meant = is_among(act.id, one.acts) || (!act.layers.empty() && is_among(act.layers.front(), one.layers));
    if (is_meant && is_among(one.gap, said)) return &one;
  }
  return nullptr;
}

std::vector<std::string> gaps_said(const std::string& log) {
  const std::string mark = ": gap: ";
  std::vector<std::string> out;
  for (const std::string& line : base::split(log, '\n'))
    if (const auto at = line.find(mark); at != line.npos) out.push_back(line.substr(at + mark.size(), line.find(':', at + mark.size()) - at - mark.size()));
  return out;
}

}  // namespace harness
