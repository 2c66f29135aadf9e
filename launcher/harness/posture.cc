#include "launcher/harness/posture.h"

#include <sched.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <set>

#include "launcher/enforce/verify.h"
#include "profiles/base/text.h"
#include "profiles/base/units.h"

namespace harness {
namespace {

using launcher::MountOp;
using launcher::Plan;
using State = CheckResult::State;

class Rows {
 public:
  void held(const std::string& name, const std::string& what) { all_.push_back({"posture/" + name, what, State::held, {}}); }
  void failed(const std::string& name, const std::string& what, const std::string& why) { all_.push_back({"posture/" + name, what, State::failed, why}); }
  void skipped(const std::string& name, const std::string& what, const std::string& why) { all_.push_back({"posture/" + name, what, State::skipped, why}); }
  // `mistakes` is empty when it holds.
  void row(const std::string& name, const std::string& what, const std::string& mistakes) {
    mistakes.empty() ? held(name, what) : failed(name, what, mistakes);
  }
  std::vector<CheckResult> take() { return std::move(all_); }

 private:
  std::vector<CheckResult> all_;
};

void add(std::string& mistakes, const std::string& one) { mistakes += (mistakes.empty() ? "" : "; ") + one; }

struct Namespace {
  std::uint64_t bit;
  const char* name;
};
constexpr std::array kNamespaces = {Namespace{CLONE_NEWNS, "mnt"}, Namespace{CLONE_NEWPID, "pid"}, Namespace{CLONE_NEWNET, "net"},
                                    Namespace{CLONE_NEWIPC, "ipc"}, Namespace{CLONE_NEWUTS, "uts"}, Namespace{CLONE_NEWCGROUP, "cgroup"}};

void compare_identity(const Running& running, const Plan& plan, Rows& rows) {
  const auto verified = launcher::verify_status(running.status, plan);
  rows.row("identity", "user, groups, no capability, no_new_privs, a filter", verified ? "" : verified.error().text());
}

void compare_namespaces(const Running& running, const Plan& plan, Rows& rows) {
  for (const Namespace& row : kNamespaces) {
    if ((plan.namespaces & row.bit) == 0) continue;
    const auto theirs = running.namespaces.find(row.name), ours = running.own_namespaces.find(row.name);
    const bool is_known = theirs != running.namespaces.end() && ours != running.own_namespaces.end();
    const bool is_own = is_known && theirs->second != ours->second;
    rows.row(std::string("namespace-") + row.name, "a namespace of its own", is_own ? "" : is_known ? "it is the one of whoever made it" : "it cannot be read");
  }
}

// proc(5): "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue"
struct MountLine {
  std::string target;
  std::set<std::string> flags;
  std::string type;
  std::set<std::string> options;
};

std::set<std::string> set_of(const std::string& text) {
  const auto words = base::split(text, ',');
  return {words.begin(), words.end()};
}

// \040 is a space.
std::string unescaped(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_octal = text[i] == '\\' && i + 3 < text.size() && text.find_first_not_of("01234567", i + 1) >= i + 4;
    out += is_octal ? static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0')) : text[i];
    if (is_octal) i += 3;
  }
  return out;
}

std::map<std::string, MountLine> mounts_of(const std::string& mountinfo) {
  std::map<std::string, MountLine> out;
  for (const std::string& line : base::split(mountinfo, '\n')) {
    const auto words = base::split(line, ' ');
    const auto dash = std::find(words.begin(), words.end(), "-");
    if (words.size() < 10 || words.end() - dash < 4) continue;
    const std::string target = unescaped(words[4]);
    out[target] = {target, set_of(words[5]), dash[1], set_of(dash[3])};  // the last one on a path is the one that is seen
  }
  return out;
}

bool is_mount(const MountOp& op) {
  switch (op.kind) {
    case MountOp::Kind::bind:
    case MountOp::Kind::tmpfs:
    case MountOp::Kind::devices:
    case MountOp::Kind::device:
    case MountOp::Kind::unreadable:
    case MountOp::Kind::overlay:
    case MountOp::Kind::copy:
    case MountOp::Kind::proc: return true;
    case MountOp::Kind::directory:
    case MountOp::Kind::file:
    case MountOp::Kind::symlink: return false;
  }
  return false;
}

// proc(5); before Linux 5.8 a number.
bool hides_processes(const MountLine& line) { return line.options.contains("hidepid=invisible") || line.options.contains("hidepid=2"); }

std::string missing_flags(const MountOp& op, const MountLine& line) {
  const bool is_device = op.kind == MountOp::Kind::devices || op.kind == MountOp::Kind::device;
  const struct {
    const char* flag;
    bool wanted;
  } rows[] = {{"ro", op.read_only || is_device}, {"nosuid", true}, {"nodev", !is_device}, {"noexec", op.no_exec || is_device}};
  std::string out;
  for (const auto& row : rows)
    if (row.wanted && !line.flags.contains(row.flag)) add(out, std::string("it is not ") + row.flag);
  if (op.kind == MountOp::Kind::proc) out.clear();  // its flags are the child's; that it is of the box's own processes, acts show
  if (op.kind == MountOp::Kind::proc && op.hides_processes && !hides_processes(line)) add(out, "it shows processes to each other");
  if (!op.read_only && line.flags.contains("ro")) add(out, "it is read-only");
  return out;
}

// tmpfs(5): "size=65536k,nr_inodes=16384,mode=700"
std::string wrong_size(const MountOp& op, const MountLine& line) {
  if (op.kind != MountOp::Kind::tmpfs) return {};
  std::string out;
  for (const auto& [option, wanted] : {std::pair("size=", op.size), std::pair("nr_inodes=", op.inodes)}) {
    const std::string prefix = option;
    const auto found = std::find_if(line.options.begin(), line.options.end(), [&](const std::string& one) { return one.starts_with(prefix); });
    std::string value = found == line.options.end() ? "" : found->substr(prefix.size());
    const std::uint64_t unit = value.ends_with('k') ? 1024 : 1;
    if (unit != 1) value.pop_back();
    const auto number = base::parse_unsigned(value);
    if (!number || *number * unit != wanted) add(out, prefix + (number ? std::to_string(*number * unit) : "(none)") + ", not " + std::to_string(wanted));
  }
  return out;
}

void compare_mounts(const Running& running, const Plan& plan, Rows& rows) {
  if (plan.enclosed) return rows.skipped("mounts", "mounts of its own, with their flags", "a box in tier B has those of its container: the gap namespaces");
  const auto seen = mounts_of(running.mountinfo);
  std::set<std::string> planned = {"/"};
  for (const MountOp& op : plan.mounts) {
    if (!is_mount(op)) continue;
    planned.insert(op.target);
    const auto line = seen.find(op.target);
    std::string mistakes = line == seen.end() ? "it is not mounted" : missing_flags(op, line->second);
    if (const std::string size = line == seen.end() ? "" : wrong_size(op, line->second); !size.empty()) add(mistakes, size);
    rows.row("mount" + op.target, op.read_only ? "mounted read-only, with its flags" : "mounted writable, with its flags", mistakes);
  }
  const auto root = seen.find("/");
  rows.row("mount/", "the root is read-only", root != seen.end() && root->second.flags.contains("ro") ? "" : "it is not");
  std::string others;
  for (const auto& [target, line] : seen) {
    const bool is_below_bind = std::any_of(plan.mounts.begin(), plan.mounts.end(), [&target = target](const MountOp& op) {
      return op.kind == MountOp::Kind::bind && target.starts_with(op.target + "/");
    });
    if (!planned.contains(target) && !is_below_bind) add(others, target);
  }
  rows.row("no-other-mount", "nothing is mounted that no row asked for", others.empty() ? "" : "mounted all the same: " + others.substr(0, 300));
}

void compare_files(const Running& running, const Plan& plan, Rows& rows) {
  const std::string what = "generated, and read from inside the box as the plan has it";
  for (const MountOp& op : plan.mounts) {
    if (op.kind != MountOp::Kind::file) continue;
    const std::string name = "file" + op.target;
    if (!running.files_obstacle.empty()) {
      rows.skipped(name, what, running.files_obstacle);
      continue;
    }
    const auto found = running.files.find(op.target);
    rows.row(name, what, found == running.files.end() ? "it is not there" : found->second == op.content ? "" : "its text is another");
  }
}

// As PHP reads settings and gives them back.
std::string in_short(const std::string& value) {
  constexpr const char* kOff[] = {"", "0", "off", "no", "false", "none", "disable"};
  constexpr const char* kOn[] = {"1", "on", "yes", "true"};
  if (std::find(std::begin(kOff), std::end(kOff), value) != std::end(kOff)) return "0";
  return std::find(std::begin(kOn), std::end(kOn), value) != std::end(kOn) ? "1" : value;
}

void compare_settings(const Running& running, const Plan& plan, Rows& rows) {
  for (const auto& [key, value] : settings_of_command(plan)) {
    const std::string name = "command/" + key, what = "started with -d " + key + "=" + value;
    const auto found = running.settings.find(key);
    if (!running.settings_obstacle.empty())
      rows.skipped(name, what, running.settings_obstacle);
    else if (found == running.settings.end())
      rows.skipped(name, what, "this PHP has no such setting");
    else
      rows.row(name, what, in_short(found->second) == in_short(value) ? "" : "it is `" + found->second + "`");
  }
}

// proc(5): "Umask:\t0022", since Linux 4.7.
void compare_umask(const Running& running, const Plan& plan, Rows& rows) {
  const std::string what = "rights that new files lack", key = "Umask:\t";
  const auto lines = base::split(running.status, '\n');
  const auto line = std::find_if(lines.begin(), lines.end(), [&](const std::string& one) { return one.starts_with(key); });
  if (line == lines.end()) return rows.skipped("umask", what, "this kernel does not say it");
  const bool is_so = std::strtoul(line->c_str() + key.size(), nullptr, 8) == plan.umask;
  rows.row("umask", what, is_so ? "" : "it is " + line->substr(key.size()));
}

struct LimitName {
  const char* plan;
  const char* kernel;
};
constexpr LimitName kLimits[] = {{"nofile", "Max open files"}, {"core", "Max core file size"}, {"nproc", "Max processes"}};

void compare_rlimits(const Running& running, const Plan& plan, Rows& rows) {
  const auto lines = base::split(running.limits, '\n');
  for (const launcher::RlimitValue& limit : plan.rlimits) {
    const auto name = std::find_if(std::begin(kLimits), std::end(kLimits), [&](const LimitName& one) { return one.plan == limit.name; });
    if (name == std::end(kLimits)) continue;
    const auto line = std::find_if(lines.begin(), lines.end(), [&](const std::string& one) { return one.starts_with(name->kernel); });
    std::vector<std::string> words = line == lines.end() ? std::vector<std::string>() : base::split(line->substr(std::strlen(name->kernel)), ' ');
    std::erase(words, "");
    const std::string wanted = std::to_string(limit.value);
    const bool is_so = words.size() >= 2 && words[0] == wanted && words[1] == wanted;
    rows.row("rlimit-" + limit.name, "soft and hard " + wanted, is_so ? "" : words.size() >= 2 ? "soft " + words[0] + ", hard " + words[1] : "it cannot be read");
  }
}

// The kernel rounds memory down to pages, and v1 writes a quota without its period.
bool is_same_limit(const std::string& found, const std::string& wanted) {
  if (found == wanted) return true;
  constexpr std::uint64_t kPage = 4096;
  const auto a = base::parse_unsigned(found), b = base::parse_unsigned(wanted);
  return a && b && *a == *b / kPage * kPage;
}

void compare_cgroups(const Running& running, const Plan& plan, Rows& rows) {
  for (const launcher::CgroupWrite& write : plan.cgroups) {
    const auto found = running.cgroup_files.find(write.parent + "/" + write.file);
    const std::string there = found == running.cgroup_files.end() ? "" : found->second;
    rows.row("limit-" + write.file, write.key + " is " + write.value, is_same_limit(there, write.value) ? "" : "it is `" + there + "`");
  }
}

void compare_memory(const Running& running, const Plan& plan, Rows& rows) {
  const bool belongs_to_pool = !running.memory_owner || (plan.user_namespace ? *running.memory_owner == plan.uid : *running.memory_owner != 0);
  rows.row("not-dumpable", "no process of it can be traced or dumped", belongs_to_pool ? "/proc/PID/mem belongs to the pool" : "");
}

void compare_filter(const Running& running, const std::vector<sock_filter>& filter, Rows& rows) {
  const std::string what = "the kernel has the plan's filter, instruction by instruction";
  if (!running.filter) return rows.skipped("filter", what, running.filter_obstacle);
  const bool is_same = running.filter->size() == filter.size() && std::memcmp(running.filter->data(), filter.data(), filter.size() * sizeof(sock_filter)) == 0;
  rows.row("filter", what, is_same ? "" : "another one, of " + std::to_string(running.filter->size()) + " instructions");
}

}  // namespace

std::vector<std::pair<std::string, std::string>> settings_of_command(const Plan& plan) {
  std::vector<std::pair<std::string, std::string>> out;
  for (std::size_t i = 1; i < plan.program.argv.size(); ++i) {
    const auto equals = plan.program.argv[i].find('=');
    if (plan.program.argv[i - 1] == "-d" && equals != std::string::npos) out.emplace_back(plan.program.argv[i].substr(0, equals), plan.program.argv[i].substr(equals + 1));
  }
  return out;
}

std::vector<CheckResult> compare(const Running& running, const Plan& plan, const std::vector<sock_filter>& filter) {
  Rows rows;
  compare_identity(running, plan, rows);
  compare_memory(running, plan, rows);
  compare_namespaces(running, plan, rows);
  compare_mounts(running, plan, rows);
  compare_files(running, plan, rows);
  compare_settings(running, plan, rows);
  compare_umask(running, plan, rows);
  compare_rlimits(running, plan, rows);
  compare_cgroups(running, plan, rows);
  compare_filter(running, filter, rows);
  return rows.take();
}

}  // namespace harness
