// A trial: the pool's box as it is planned, but for the rows of this file. Nothing that stops an attack is among them.
#include <algorithm>

#include "launcher/plan/facets.h"
#include "launcher/plan/inside.h"

namespace launcher {
namespace {

// Servers of the host: what is tried must not reach the site's own database or send its mail.
bool leads_to_a_server(const MountOp& op) { return op.key.starts_with("connect[") || op.key == "mail.unix"; }

void show_copies(const Trial& trial, std::vector<MountOp>& mounts) {
  for (MountOp& op : mounts) {
    if (op.target == inside::kSessions) op.source = trial.folder + "/sessions";
    if (const auto copy = trial.copies.find(op.target); copy != trial.copies.end()) op.source = copy->second;
  }
}

MountOp acts_folder(const Trial& trial) {
  return {.kind = MountOp::Kind::bind, .target = inside::kTrial, .source = trial.folder + "/acts", .key = "test"};
}

void leave_servers_out(Plan& plan) {
  std::erase_if(plan.mounts, leads_to_a_server);
  plan.landlock.connect_ports.clear();
}

// The same walls around another program. Landlock's rule for the dynamic loader stays what it is for php-fpm.
void replace_program(const Trial& trial, Plan& plan) {
  plan.program = {.source = trial.program, .interpreter = {}, .argv = {"fpmbox"}, .environment = {}, .has_streams = true};
  plan.program.argv.insert(plan.program.argv.end(), trial.arguments.begin(), trial.arguments.end());
  plan.pool_directory = {};
  plan.live = plan.status = {};
}

}  // namespace

PoolDirectoryPlan plan_trial_directory(const PlanInput& input) {
  PoolDirectoryPlan out{.path = input.facts.run_directory + "/" + input.request.trial->name, .mode = 0700};
  if (!input.facts.ordinary_user) return out;
  out.owner = input.facts.ordinary_user->uid;
  out.group = input.facts.ordinary_user->gid;
  return out;
}

SocketPlan plan_trial_socket(const PlanInput& input) {
  const PoolDirectoryPlan directory = plan_trial_directory(input);
  SocketPlan out;
  out.key = inside::kLiveSocket;
  out.directory = directory.path;
  out.unix_path = directory.path + "/" + input.request.trial->socket;
  out.owner = directory.owner;
  out.group = directory.group;
  out.mode = 0600;
  out.backlog = input.policy.listen.backlog;
  out.reachable_by = input.facts.ordinary_user ? "you" : "root";
  return out;
}

void plan_trial(const PlanInput& input, Plan& plan) {
  const Trial& trial = *input.request.trial;
  plan.pool = trial.name;
  plan.state_directory = trial.folder;
  show_copies(trial, plan.mounts);
  if (!trial.is_live) leave_servers_out(plan);
  if (trial.program.empty())
    plan.mounts.push_back(acts_folder(trial));
  else
    replace_program(trial, plan);
}

}  // namespace launcher
