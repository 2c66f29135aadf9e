// A plan as text, layer by layer in the order in which they are set up. Golden tests compare it.
#include <sched.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "launcher/plan/inside.h"
#include "launcher/plan/planner.h"
#include "profiles/base/text.h"
#include "profiles/base/units.h"

namespace launcher {
namespace {

struct Named {
  std::uint64_t bit;
  const char* name;
};
constexpr std::array kNamespaceNames = {Named{CLONE_NEWNS, "mount"}, Named{CLONE_NEWPID, "pid"}, Named{CLONE_NEWNET, "network"},
                                        Named{CLONE_NEWIPC, "ipc"},  Named{CLONE_NEWUTS, "uts"}, Named{CLONE_NEWCGROUP, "cgroup"},
                                        Named{CLONE_NEWUSER, "user"}};

std::string octal(mode_t mode) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "%04o", static_cast<unsigned>(mode));
  return text.data();
}

// "  code            /srv/x read-only ..."
std::string row(const std::string& name, const std::string& what) {
  std::string out = "  " + name;
  out.resize(std::max<std::size_t>(out.size() + 1, 18), ' ');
  return out + what + "\n";
}

std::string namespaces(const Plan& plan) {
  std::vector<std::string> names;
  for (const Named& named : kNamespaceNames)
    if ((plan.namespaces & named.bit) != 0) names.emplace_back(named.name);
  return names.empty() ? "none of our own" : base::join(names, ", ");
}

std::string flags(const MountOp& op) {
  std::string out = op.read_only ? "read-only" : "writable";
  out += ", nosuid, nodev";
  if (op.no_exec) out += ", noexec";
  return out;
}

std::string size_of(const MountOp& op) {
  return base::format(base::Bytes{op.size}) + ", " + std::to_string(op.inodes) + " inodes, " + octal(op.mode);
}

std::string mount(const MountOp& op) {
  const std::string from = op.source == op.target ? "" : " from " + op.source;
  switch (op.kind) {
    case MountOp::Kind::directory: return op.target + ": empty folder";
    case MountOp::Kind::file: return op.target + ": generated, " + std::to_string(op.content.size()) + " bytes";
    case MountOp::Kind::symlink: return op.target + " -> " + op.source;
    case MountOp::Kind::overlay: return op.target + from + ": every change goes to a scratch layer" + (op.handed_over ? ", all of it the pool's user's" : "");
    case MountOp::Kind::copy: return op.target + from + ": a scratch copy";
    case MountOp::Kind::bind: return op.target + from + ": " + flags(op);
    case MountOp::Kind::tmpfs: return op.target + ": empty at every start, " + size_of(op) + ", " + flags(op);
    case MountOp::Kind::device: return op.target + ": the host's own";
    case MountOp::Kind::devices: return op.target + ": null zero full random urandom, read-only";
    case MountOp::Kind::proc: return op.target + ": this box's processes only" + (op.hides_processes ? "" : ", visible to each other");
    case MountOp::Kind::unreadable: return op.target + ": an unreadable copy of the box's own, " + flags(op);
  }
  return {};
}

std::string tcp(const LandlockPlan& plan) {
  if (plan.connects_freely) return "TCP to everywhere";
  if (plan.connect_ports.empty()) return "no TCP";
  std::vector<std::string> ports;
  for (const std::uint16_t port : plan.connect_ports) ports.push_back(std::to_string(port));
  return "TCP to ports " + base::join(ports, ", ");
}

std::string landlock(const Plan& plan) {
  if (plan.landlock.abi == 0) return row("landlock", "not on this kernel");
  std::string out = row("landlock", "ABI " + std::to_string(plan.landlock.abi) + "; " + tcp(plan.landlock) +
                                        ", no signal and no abstract socket leaves the box");
  constexpr std::array kNames = {"read", "write", "execute", "device"};
  for (const LandlockRule& rule : plan.landlock.rules)
    out += row("", std::string(kNames[static_cast<std::size_t>(rule.access)]) + " " + rule.path);
  out += row("", "execute the copy of " + plan.program.source);
  return out;
}

std::string arguments_text(const FilterRule& rule) {
  std::vector<std::string> parts;
  for (const auto& argument : rule.arguments) {
    std::string part = "argument " + std::to_string(argument.index);
    if (argument.none_of != 0) part += " none of bits " + std::to_string(argument.none_of);
    if (argument.not_together != 0) part += " not all of bits " + std::to_string(argument.not_together);
    for (std::size_t i = 0; i < argument.one_of.size(); ++i) part += (i == 0 ? " one of " : ", ") + std::to_string(argument.one_of[i]);
    parts.push_back(part);
  }
  return base::join(parts, "; ");
}

std::string names_of(const FilterPlan& filter, FilterRule::Action action) {
  std::vector<std::string> names;
  for (const FilterRule& rule : filter.rules)
    if (rule.action == action && rule.arguments.empty()) names.push_back(rule.name);
  return std::to_string(names.size()) + ": " + base::join(names, " ");
}

std::string syscalls(const FilterPlan& filter) {
  std::string out = row("syscalls", std::string("unknown numbers ENOSYS, other architectures killed, everything else ") +
                                        (filter.records ? "RECORDED: no boundary" : "EPERM"));
  out += row("", "allowed " + names_of(filter, FilterRule::Action::allow));
  for (const FilterRule& rule : filter.rules)
    if (!rule.arguments.empty()) out += row("", "allowed " + rule.name + " with " + arguments_text(rule));
  out += row("", std::string(filter.report ? "refused and reported " : "refused ") + names_of(filter, FilterRule::Action::report));
  if (filter.records) out += row("", "allowed and recorded " + names_of(filter, FilterRule::Action::record));
  out += row("", "as if absent " + names_of(filter, FilterRule::Action::absent));
  return out;
}

std::string memory(const MemoryPlan& plan) {
  if (!plan.deny_write_execute) return row("memory", "may be writable and executable");
  return row("memory", std::string("never writable and executable, nor executable later: ") + (plan.mdwe ? "PR_SET_MDWE and the filter" : "the filter"));
}

std::string identity(const Plan& plan) {
  return row("identity", plan.user + " (uid " + std::to_string(plan.uid) + "), group " + plan.group + " (gid " +
                             std::to_string(plan.gid) + "), " + (plan.live.exists() ? "FPM's master too; " : "") +
                             (plan.user_namespace ? "the only ids of its user namespace" : "no other groups"));
}

std::string sockets(const Plan& plan) {
  if (!plan.live.exists()) return {};
  const std::string where = plan.live.tcp.empty() ? plan.live.unix_path + ", " + octal(plan.live.mode) : plan.live.tcp;
  return row("live socket", where + "; reachable by " + plan.live.reachable_by) +
         row("status socket", "reachable by " + plan.status.reachable_by);
}

std::string limits(const Plan& plan) {
  std::string out;
  for (const CgroupWrite& write : plan.cgroups)
    out += row(out.empty() ? "limits" : "", write.key.substr(7) + " = " + write.value + " (cgroup v" + std::to_string(write.version) +
                                                ", " + write.file + " below " + write.parent + ")");
  for (const RlimitValue& limit : plan.rlimits)
    out += row(out.empty() ? "limits" : "", "rlimit " + limit.name + " = " + std::to_string(limit.value));
  if (plan.processors != 0) out += row("", "on " + std::to_string(plan.processors) + " processors alone");
  return out;
}

// In the order of ExecGate.
constexpr std::array kGates = {"with a path at an address where nothing can be mapped again",
                               "the launcher lets that one through and refuses every later one",
                               "but an absolute path beside it is not refused"};

bool has_programs(const Plan& plan) {
  const auto& rules = plan.filter.rules;
  return std::any_of(rules.begin(), rules.end(),
                     [](const FilterRule& rule) { return rule.name == "execve" && rule.action == FilterRule::Action::allow; });
}

std::string program(const Plan& plan) {
  const std::string copy = plan.user_namespace ? "an unreadable copy of the box's own of "
                           : plan.enclosed     ? "an unreadable copy in memory of "
                                               : "an unreadable root-owned copy of ";
  std::string out = row("binary", copy + plan.program.source + ": no process of the box is dumpable");
  out += row("exec", "once, by fd " + std::to_string(plan.filter.program_fd) + ", on which nothing else can be put; " +
                         kGates[static_cast<std::size_t>(plan.filter.exec_gate)]);
  if (has_programs(plan)) out += row("", "and execve, of what Landlock lets it execute: the programs that the profile names");
  out += row("command", base::join(plan.program.argv, " ") + (plan.program.directory == "/" ? "" : " in " + plan.program.directory));
  if (plan.program.has_streams) out += row("streams", "its caller's, through pipes: no terminal and no file of the caller comes in");
  return out + row("environment", base::join(plan.program.environment, " "));
}

std::string launcher_identity(const Plan& plan) {
  if (plan.becomes_pool || plan.keeps_ids) return row("launcher", plan.user + ", without any capability once the box runs");
  if (plan.user_namespace) return row("launcher", "stays you, gives up all capabilities of the user namespace once the box runs");
  if (!plan.supervisor_uid) return {};
  return row("launcher", std::string("becomes ") + kSupervisorUser + " (uid " + std::to_string(*plan.supervisor_uid) +
                             ") with CAP_KILL alone once the box runs");
}

std::string tier(const Plan& plan) {
  if (!plan.in_container) return "\n";
  return plan.enclosed ? ", in a container that allows no namespaces (tier B)\n" : ", in a container that allows a box inside (tier A)\n";
}

std::string gaps(const Plan& plan) {
  std::string out;
  for (const Gap& gap : plan.gaps) {
    const char* weight = gap.required ? "REQUIRED" : gap.stands_in.empty() ? "best effort" : "covered";
    const std::string instead = gap.stands_in.empty() ? "" : "; in its place: " + gap.stands_in;
    out += "gap: " + gap.layer + " (" + weight + "): " + gap.reason + instead + "; " + gap.fix + "\n";
  }
  return out;
}

}  // namespace

std::string print(const Plan& plan) {
  std::string out = (plan.live.exists() ? "pool " : "command beside pool ") + plan.pool + tier(plan);
  out += identity(plan) + row("namespaces", namespaces(plan));
  if (!plan.enclosed) out += row("root", "a fresh tmpfs, read-only; the host's tree is detached");
  for (const MountOp& op : plan.mounts) out += row("", mount(op));
  out += limits(plan);
  out += row("capabilities", "none, and none to come: bounding set empty, securebits locked, no_new_privs");
  out += memory(plan.memory) + landlock(plan) + program(plan) + syscalls(plan.filter) + sockets(plan) + launcher_identity(plan);
  for (const std::string& note : plan.notes) out += "note: " + note + "\n";
  out += gaps(plan);
  return plan.corrected_command.empty() ? out : out + "the engine can give more:\n" + plan.corrected_command + "\n";
}

}  // namespace launcher
