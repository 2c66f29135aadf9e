// One function per part of the plan. Each takes what it needs and fills its rows; planner.cc calls them in order.
#pragma once

#include "launcher/facts/host_facts.h"
#include "launcher/plan/plan.h"
#include "launcher/plan/planner.h"
#include "launcher/plan/render_php.h"

namespace launcher {

// Collects gaps and knows which layers the profile lets go (enforcement.best_effort).
class Gaps {
 public:
  Gaps(const profiles::Enforcement& enforcement, std::vector<Gap>& out) : enforcement_(enforcement), out_(out) {}
  void add(std::string layer, std::string reason, std::string fix);
  // What no setting can give to a box of an ordinary user, who chose to start it so: printed, and no reason to stop.
  void inherent(std::string layer, std::string reason, std::string fix);
  // What no profile can do without.
  void demand(std::string layer, std::string reason, std::string fix);
  // What a container runtime did not give and a wall of ours holds in its place: printed, and no reason to stop.
  void cover(std::string layer, std::string reason, std::string stands_in, std::string fix);

 private:
  const profiles::Enforcement& enforcement_;
  std::vector<Gap>& out_;
};

struct CodePaths {
  std::string named;     // as the pool file says, what the web server passes
  std::string resolved;  // the version it leads to
  std::string source;    // where this process finds that: elsewhere when it lies in an image
  bool pinned = false;   // named is a symlink to a version, or in an image
};
CodePaths code_paths(const profiles::Policy& policy, const HostFacts& facts);

// The host's own /var/run is a link, and none is followed at the launch: where a path lies when this link is the only one on its way.
std::string past_run_link(const HostFacts& facts, const std::string& path);

// Inside path of generated configuration: the box's /etc/fpmbox, or a host folder when there is no box of mounts; a command has
// another than the pool that runs beside it.
std::string config_directory(const PlanInput& input);
std::string sessions_directory(const PlanInput& input);
std::string state_directory(const PlanInput& input);

std::vector<MountOp> plan_mounts(const PlanInput& input, const PhpConfiguration& php);
// What a box of an ordinary user lacks, whatever the profile says.
void plan_ordinary_user(const PlanInput& input, Gaps& gaps);
// What the container around us gives and does not give, against what was found in it; after all other parts.
void plan_container(const PlanInput& input, Plan& plan, Gaps& gaps);
void plan_limits(const PlanInput& input, Plan& plan, Gaps& gaps);
LandlockPlan plan_landlock(const PlanInput& input, const std::vector<MountOp>& mounts, const ProgramPlan& program, Gaps& gaps);
// memory: rows of the filter, which has to be planned before.
void plan_memory(const PlanInput& input, Plan& plan, Gaps& gaps);
FilterPlan plan_syscalls(const PlanInput& input, Gaps& gaps);
// The program of the box: php-fpm with its sockets, or what the request's first word names.
ProgramPlan plan_service(const PlanInput& input, const PhpConfiguration& php, const Plan& plan);
ProgramPlan plan_command(const PlanInput& input, base::Diagnostics& diagnostics);
PoolDirectoryPlan plan_pool_directory(const PlanInput& input);
SocketPlan plan_live_socket(const PlanInput& input);
SocketPlan plan_status_socket();
// The web server's group, where the launcher can give it the socket.
std::optional<gid_t> group_of_listener(const PlanInput& input);
// Of a trial: its own folder and socket; and afterwards all other rows in which it differs.
PoolDirectoryPlan plan_trial_directory(const PlanInput& input);
SocketPlan plan_trial_socket(const PlanInput& input);
void plan_trial(const PlanInput& input, Plan& plan);
// Whether the box stays in the host's network (network.mode: host).
bool shares_network(const profiles::Policy& policy);
// Whether it connects to anything at all: by Unix sockets, too.
bool connects_out(const profiles::Policy& policy);
// Ports that the profile names for connections out of the box, 53 beside them for names; empty when it names none.
std::vector<std::uint16_t> named_ports(const profiles::Policy& policy);
void plan_network(const PlanInput& input, Plan& plan, Gaps& gaps);
// In a container without namespaces: no way out by sockets where the policy names none. After the filter.
void close_ways_out(const PlanInput& input, Plan& plan);
void plan_connections(const PlanInput& input, Gaps& gaps);

}  // namespace launcher
