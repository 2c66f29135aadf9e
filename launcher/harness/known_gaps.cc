#include "launcher/harness/known_gaps.h"

#include <algorithm>

#include "launcher/harness/verdict.h"
#include "profiles/base/text.h"

namespace harness {
namespace {

// "/tmp, /srv/data: not mounted noexec": whole paths, none of which is the beginning of another.
bool names(const std::string& reason, const std::string& folder) {
  const std::string listed = ", " + reason.substr(0, reason.find(": ")) + ", ";
  return !folder.empty() && listed.find(", " + folder + ", ") != listed.npos;
}

bool is_behind(const Act& act, const std::vector<std::string>& layers) { return !act.layers.empty() && is_among(act.layers.front(), layers); }

bool aims_at(const Act& act, const Targets& targets, const std::string& reason) {
  if (!act.native) return false;
  const auto& arguments = act.native->args.all;
  return std::any_of(arguments.begin(), arguments.end(), [&](const NativeArgument& argument) {
    const auto found = targets.find(argument.text);
    return argument.kind == NativeArgument::Kind::target && found != targets.end() && names(reason, found->second);
  });
}

bool is_meant(const Act& act, const Targets& targets, const KnownGap& known, const SaidGap& said) {
  return is_behind(act, known.layers) && aims_at(act, targets, said.reason);
}

bool is_said(std::string_view gap, const std::vector<SaidGap>& said) {
  return gap.empty() || std::any_of(said.begin(), said.end(), [&](const SaidGap& one) { return one.gap == gap; });
}

}  // namespace

const std::vector<KnownGap>& known_gaps() {
  static const std::vector<KnownGap> kGaps = {
      {"namespaces", {}, {"neighbours/master-killed"}, "a script can end its own pool: php-fpm's master is not PID 1, whom a SIGKILL does not reach"},
      {"namespaces", {}, {"host/tty", "privileges/suid-programs"}, "names of the container's files are seen: Landlock looks at what is opened"},
      {"connect", {}, {"bypasses/basedir-socket", "fastcgi/neighbour-socket", "neighbours/unix-socket", "neighbours/unix-socket-native"}, "the pool may connect, and the socket is everybody's to write"},
      {"writable", {"noexec"}, {}, "the folder is not mounted noexec"},
      {"writable", {"nosuid"}, {}, "the folder is not mounted nosuid; no_new_privs makes such bits idle"},
      {"tmp", {}, {"resources/tmp-files", "resources/tmp-size"}, "/tmp is no tmpfs with a size of its own"},
      {"tmp.inodes", {}, {"resources/tmp-files"}, "/tmp has no number of files of its own"},
  };
  return kGaps;
}

const std::vector<OtherAnswer>& other_answers() {
  static const std::vector<OtherAnswer> kAnswers = {
      {"", {}, {"proc/keys"}, {"covered"}, "the engine covers it with /dev/null"},
      {"", {"seccomp"}, {}, {"ENOSYS"}, "the engine's filter answers before ours"},
      {"proc", {}, {"bypasses/own-memory", "bypasses/own-memory-read", "exec/own-code", "network/interfaces", "proc/oom-score", "proc/own-pages", "proc/own-program", "proc/uid-map"},
       {"ENOENT", "ENOENT at open", "no libc"}, "the box has no /proc"},
      {"namespaces", {"view"}, {}, {"EACCES"}, "Landlock is the view: names are there, and nothing of them opens"},
      {"namespaces", {}, {"bypasses/own-memory", "network/interfaces"}, {"no libc", "EACCES at open"}, "Landlock keeps the box from /proc"},
      {"namespaces", {}, {"bypasses/basedir-socket", "fastcgi/admin-value", "fastcgi/neighbour-runs-mine", "fastcgi/neighbour-socket", "fastcgi/own-script", "fastcgi/own-socket",
                          "fastcgi/status-page", "fastcgi/status-socket", "fastcgi/value", "neighbours/unix-socket", "neighbours/unix-socket-native"},
       {"EPERM"}, "the filter refuses every socket"},
      {"connect", {}, {"fastcgi/admin-value", "fastcgi/own-script", "fastcgi/own-socket", "fastcgi/status-page", "fastcgi/value"}, {"EACCES"}, "the pool may connect, and these sockets' modes keep it from them"},
      {"connect", {}, {"fastcgi/neighbour-runs-mine"}, {"neighbour"}, "the pool may connect, and reaches a neighbour's socket that is everybody's to write: no php-fpm listens there that would start the script"},
      {"tmp", {}, {"resources/tmp-size"}, {"SIGXFSZ; the pool answers"}, "no file may be larger than filesystem.tmp.size"},
  };
  return kAnswers;
}

const OtherAnswer* find_other_answer(const Act& act, const std::string& outcome, const std::vector<SaidGap>& said) {
  const auto& all = other_answers();
  const auto found = std::find_if(all.begin(), all.end(), [&](const OtherAnswer& one) {
    const bool is_meant = is_among(act.id, one.acts) || is_behind(act, one.layers);
    return is_meant && std::find(one.outcomes.begin(), one.outcomes.end(), outcome) != one.outcomes.end() && is_said(one.gap, said);
  });
  return found == all.end() ? nullptr : &*found;
}

const KnownGap* gap_behind(const Act& act, const Targets& targets, const std::vector<SaidGap>& said) {
  for (const KnownGap& one : known_gaps())
    for (const SaidGap& gap : said)
      if (gap.gap == one.gap && (is_among(act.id, one.acts) || is_meant(act, targets, one, gap))) return &one;
  return nullptr;
}

const SaidGap* gap_without_proc(const std::vector<SaidGap>& said) {
  const auto found = std::find_if(said.begin(), said.end(), [](const SaidGap& one) { return one.gap == "proc" || one.gap == "namespaces"; });
  return found == said.end() ? nullptr : &*found;
}

std::vector<SaidGap> gaps_said(const std::string& log) {
  constexpr std::string_view kMark = ": gap: ", kEnd = ": ";
  std::vector<SaidGap> out;
  for (const std::string& line : base::split(log, '\n')) {
    const auto mark = line.find(kMark);
    if (mark == line.npos) continue;
    const std::string said = line.substr(mark + kMark.size());
    const auto end = std::min(said.find(kEnd), said.size());
    out.push_back({said.substr(0, end), said.substr(std::min(end + kEnd.size(), said.size()))});
  }
  return out;
}

}  // namespace harness
