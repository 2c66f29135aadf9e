// Prepared: a plan with its resources acquired. Move-only. Everything that allocates, opens or can be refused by the host
// happens in prepare(), so that after clone only orders are carried out.
#pragma once

#include <linux/filter.h>

#include <string>
#include <vector>

#include "launcher/enforce/cgroup.h"
#include "launcher/enforce/child/orders.h"
#include "launcher/enforce/program_copy.h"
#include "launcher/enforce/sockets.h"
#include "launcher/facts/box_trial.h"
#include "launcher/plan/plan.h"
#include "launcher/sys/fd.h"
#include "launcher/sys/stopwatch.h"
#include "profiles/base/result.h"
#include "profiles/load/origins.h"

namespace launcher {

// A detached mount, and the row of the plan that asked for it.
struct AcquiredMount {
  sys::Fd tree;  // empty for procfs, which is made in the child
  std::string target;
  const MountOp* op = nullptr;
};

// The box's file tree: a detached tmpfs with everything that is not a mount already in it.
struct Tree {
  sys::Fd root;
  std::vector<AcquiredMount> mounts;
};

// 0, 1 and 2 of the program: the box's ends, and ours of those that are pipes.
struct Streams {
  sys::Fd input;   // /dev/null, unless the program has a caller to read from
  sys::Fd output;
  sys::Fd errors;  // empty: the same as `output`, one log
  sys::Fd our_input;
  sys::Fd our_output;
  sys::Fd our_errors;
};

struct Prepared {
  const Plan* plan = nullptr;    // the caller's
  PoolDirectory pool_directory;  // claimed: one launcher a pool
  Tree tree;
  std::vector<CgroupOfBox> cgroups;
  LiveSocket live;
  StatusSocket status;
  ProgramCopy copy;
  sys::Fd program;
  sys::Fd landlock;
  std::vector<sock_filter> filter;
  std::vector<FreshNamespace> namespaces;  // that were made ahead; clone makes what the plan wants besides
  Streams streams;
  sys::Fd handshake_parent;
  sys::Fd handshake_child;
  sys::Fd report_read;
  sys::Fd report_write;
  int watchers_socket = -1;  // the launcher's end towards who takes the box away after it: a copy of it in the box would hide the launcher's death
  // What `orders` points into.
  std::vector<child::Attach> attach;
  std::vector<child::Rlimit> rlimits;
  std::vector<char*> argv;
  std::vector<char*> environment;
  std::vector<int> parent_ends;
  std::vector<child::Join> join;  // row by row what `namespaces` has
  std::vector<int> cgroup_tasks;
  child::Orders orders{};
};

// Fills fds 3 to 15 of this process once, so that no later fd is one that the child places something on. Also makes sure
// that 0, 1 and 2 are open.
base::Status reserve_low_fds();

// Errors name what was being prepared and, through `origins`, the profile line that asked for it. A failure leaves nothing
// behind. `plan` must outlive what comes of it.
base::Result<Prepared> prepare(const Plan& plan, PoolDirectory claimed, const profiles::Origins& origins, sys::Stopwatch& laps);

// For a launch that fails while no janitor can: removes what others can see of it, the control groups and the live socket.
void take_back(const Prepared& box);

// What boxes that are no more left on the host: control groups of the pool's dead launchers, copies of programs that nobody
// runs. No box needs that they are gone, so that it is done while one sets itself up.
void remove_remains_of_others(const Prepared& box);

// tree.cc
base::Result<Tree> build_tree(const Plan& plan, const profiles::Origins& origins);
// ruleset.cc: empty when the plan has none. `program` gets the right to be executed.
base::Result<sys::Fd> build_ruleset(const Plan& plan, const Tree& tree, const sys::Fd& program);

// "filesystem.writable[data] (pool.yaml:7:15)", for error texts.
std::string describe_key(const std::string& key, const profiles::Origins& origins);

}  // namespace launcher
