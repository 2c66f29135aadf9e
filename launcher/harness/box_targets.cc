#include "launcher/harness/box_targets.h"

#include <algorithm>

#include "launcher/plan/inside.h"

namespace harness {
namespace {

using launcher::MountOp;
using launcher::Plan;

MountOp code_of(const Plan& plan) {
  const auto found = std::find_if(plan.mounts.begin(), plan.mounts.end(), [](const MountOp& op) { return op.kind == MountOp::Kind::bind && op.key == "filesystem.code"; });
  return found == plan.mounts.end() ? MountOp() : *found;
}

constexpr std::uint64_t kMemoryBeyond = 128ULL * 1024 * 1024;
constexpr std::uint64_t kTmpBeyond = 16ULL * 1024 * 1024;
constexpr std::uint64_t kCountBeyond = 50;

// What an act asks for is more than the box may have, and on both sides the same.
void add_limits(const profiles::Limits& limits, const profiles::Tmp& tmp, Targets& out) {
  constexpr std::uint64_t kUnlimited = 256ULL * 1024 * 1024;
  out["nofile"] = std::to_string(limits.nofile);
  out["files_beyond"] = std::to_string(limits.nofile + kCountBeyond);
  if (limits.pids_max) out["pid_limit"] = std::to_string(*limits.pids_max);
  if (limits.memory_max) out["memory_limit"] = std::to_string(limits.memory_max->count);
  out["memory_beyond"] = std::to_string((limits.memory_max ? limits.memory_max->count : kUnlimited) + kMemoryBeyond);
  out["tmp_bytes"] = std::to_string(tmp.size.count);
  out["tmp_beyond"] = std::to_string(tmp.size.count + kTmpBeyond);
  out["tmp_inodes"] = std::to_string(tmp.inodes);
  out["inodes_beyond"] = std::to_string(tmp.inodes + kCountBeyond);
}

}  // namespace

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

std::string code_on_host(const Plan& plan) { return code_of(plan).source; }

std::string sessions_of(const std::string& pool, bool is_enclosed) {
  return is_enclosed ? "/var/lib/fpmbox/" + pool + "/sessions" : launcher::inside::kSessions;
}

Targets policy_targets(const profiles::Policy& policy) {
  Targets out = {{"tmp", launcher::inside::kTmp}, {"code", policy.filesystem.code.text}, {"sessions", launcher::inside::kSessions}, {"status_socket", launcher::inside::kStatusSocket}};
  add_limits(policy.limits, policy.filesystem.tmp, out);
  return out;
}

Targets box_targets(const Plan& plan, const profiles::Policy& policy) {
  Targets out = policy_targets(policy);
  out["code"] = code_of(plan).target;
  out["data"] = first_writable(plan);
  out["own_socket"] = plan.live.unix_path;
  out["loader"] = plan.program.interpreter;
  return out;
}

}  // namespace harness
