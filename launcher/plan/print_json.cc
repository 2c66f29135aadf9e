// A plan for programs.

#include "launcher/plan/planner.h"
#include "profiles/base/json.h"

namespace launcher {
namespace {

using base::Json;

constexpr const char* kMountKinds[] = {"directory", "file", "symlink", "bind", "tmpfs", "devices", "device", "proc", "unreadable", "overlay", "copy"};
constexpr const char* kAccess[] = {"read", "write", "execute", "device"};
constexpr const char* kActions[] = {"allow", "report", "absent"};
constexpr const char* kGates[] = {"pinned_path", "notified", "none"};

Json mounts(const Plan& plan) {
  Json out = Json::array();
  for (const MountOp& op : plan.mounts) {
    Json row = {{"kind", kMountKinds[static_cast<int>(op.kind)]}, {"target", op.target}, {"key", op.key}};
    if (!op.source.empty()) row["source"] = op.source;
    if (op.kind == MountOp::Kind::file) row["content"] = op.content;
    row["read_only"] = op.read_only;
    row["noexec"] = op.no_exec;
    if (op.size != 0) row["size"] = op.size;
    if (op.inodes != 0) row["inodes"] = op.inodes;
    if (op.kind == MountOp::Kind::proc) row["hides_processes"] = op.hides_processes;
    out.push_back(std::move(row));
  }
  return out;
}

Json limits(const Plan& plan) {
  Json out = Json::array();
  for (const CgroupWrite& row : plan.cgroups)
    out.push_back({{"key", row.key}, {"cgroup", row.version}, {"parent", row.parent}, {"file", row.file}, {"value", row.value}});
  for (const RlimitValue& row : plan.rlimits) out.push_back({{"rlimit", row.name}, {"value", row.value}});
  return out;
}

Json syscalls(const Plan& plan) {
  Json out = Json::array();
  for (const FilterRule& rule : plan.filter.rules) {
    Json row = {{"name", rule.name}, {"number", rule.number}, {"action", kActions[static_cast<int>(rule.action)]}};
    for (const auto& argument : rule.arguments)
      row["arguments"].push_back({{"index", argument.index}, {"one_of", argument.one_of}, {"none_of", argument.none_of}, {"not_together", argument.not_together}, {"pointer", argument.pointer}});
    out.push_back(std::move(row));
  }
  return out;
}

Json landlock(const Plan& plan) {
  Json rules = Json::array();
  for (const LandlockRule& rule : plan.landlock.rules)
    rules.push_back({{"path", rule.path}, {"access", kAccess[static_cast<int>(rule.access)]}});
  return {{"abi", plan.landlock.abi}, {"rules", rules}, {"connects_freely", plan.landlock.connects_freely},
          {"connect_ports", plan.landlock.connect_ports}};
}

Json gaps(const Plan& plan) {
  Json out = Json::array();
  for (const Gap& gap : plan.gaps)
    out.push_back({{"layer", gap.layer}, {"reason", gap.reason}, {"fix", gap.fix}, {"required", gap.required}, {"stands_in", gap.stands_in}});
  return out;
}

Json live_socket(const SocketPlan& socket) {
  Json out;
  if (socket.tcp.empty()) {
    out = {{"unix", socket.unix_path}, {"owner", socket.owner}, {"group", socket.group}, {"mode", socket.mode}};
  } else {
    out = {{"tcp", socket.tcp}};
  }
  out["reachable_by"] = socket.reachable_by;
  return out;
}

}  // namespace

std::string print_json(const Plan& plan) {
  const Json out = {
      {"pool", plan.pool},
      {"enclosed", plan.enclosed},
      {"tier", !plan.in_container ? Json() : Json(plan.enclosed ? "B" : "A")},
      {"identity", {{"user", plan.user}, {"uid", plan.uid}, {"group", plan.group}, {"gid", plan.gid}, {"becomes_pool", plan.becomes_pool}, {"launcher", plan.supervisor_uid ? Json(*plan.supervisor_uid) : Json()}}},
      {"umask", plan.umask},
      {"namespaces", plan.namespaces},
      {"user_namespace", plan.user_namespace},
      {"mounts", mounts(plan)},
      {"limits", limits(plan)},
      {"landlock", landlock(plan)},
      {"memory", {{"deny_write_execute", plan.memory.deny_write_execute}, {"mdwe", plan.memory.mdwe}}},
      {"program", {{"source", plan.program.source}, {"argv", plan.program.argv}, {"environment", plan.program.environment}, {"fd", plan.filter.program_fd}, {"directory", plan.program.directory}, {"gate", kGates[static_cast<int>(plan.filter.exec_gate)]}}},
      {"syscalls", syscalls(plan)},
      {"denials", {{"report", plan.filter.report}, {"record", plan.filter.records}}},
      {"live_socket", plan.live.exists() ? live_socket(plan.live) : Json()},
      {"notes", plan.notes},
      {"gaps", gaps(plan)},
      {"corrected_command", plan.corrected_command},
  };
  // bytes that are not UTF-8 (a file name) must not end the program
  return out.dump(2) + "\n";
}

}  // namespace launcher
