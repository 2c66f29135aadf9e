#include "launcher/harness/box_targets.h"

#include <algorithm>

#include "launcher/plan/inside.h"

namespace harness {
namespace {

using launcher::MountOp;
using launcher::Plan;

std::string target_of(const Plan& plan, std::string_view key) {
  const auto found = std::find_if(plan.mounts.begin(), plan.mounts.end(), [&](const MountOp& op) { return op.kind == MountOp::Kind::bind && op.key == key; });
  return found == plan.mounts.end() ? "" : found->target;
}

// A folder before a file: acts make files in it.
std::string first_writable(const Plan& plan) {
  std::string file;
  for (const MountOp& op : plan.mounts) {
    if (!op.key.starts_with("filesystem.writable[")) continue;
    if (op.is_directory) return op.target;
    if (file.empty()) file = op.target;
  }
  return file;
}

const MountOp* tmp_of(const Plan& plan) {
  for (const MountOp& op : plan.mounts)
    if (op.kind == MountOp::Kind::tmpfs && op.target == launcher::inside::kTmp) return &op;
  return nullptr;
}

}  // namespace

Targets box_targets(const Plan& plan, const profiles::Policy& policy) {
  Targets out = {{"tmp", launcher::inside::kTmp},
                 {"code", target_of(plan, "filesystem.code")},
                 {"data", first_writable(plan)},
                 {"sessions", launcher::inside::kSessions},
                 {"own_socket", plan.live.unix_path},
                 {"nofile", std::to_string(policy.limits.nofile)},
                 {"k", std::to_string(plan.filter.program_fd)}};
  if (policy.limits.pids_max) out["pid_limit"] = std::to_string(*policy.limits.pids_max);
  if (policy.limits.memory_max) out["memory_limit"] = std::to_string(policy.limits.memory_max->count);
  if (const MountOp* const tmp = tmp_of(plan)) {
    out["tmp_bytes"] = std::to_string(tmp->size);
    out["tmp_inodes"] = std::to_string(tmp->inodes);
  }
  return out;
}

}  // namespace harness
