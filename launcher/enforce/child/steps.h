// The steps between clone and exec, in their order. The order is the design: each row says why it stands where it does.
#pragma once

#include <stddef.h>

#include "launcher/enforce/child/orders.h"

namespace child {

enum class Where : unsigned char { always, box_only };

struct Step {
  const char* name;
  Where where;
  const char* reason;
  // 0, or an errno. May set `subject` to the index of the row it failed on.
  int (*run)(const Orders& orders, int& subject);
};

extern const Step kSteps[];
extern const size_t kStepCount;

// mounts.cc
int make_tree_private(const Orders&, int&);
int attach_root(const Orders&, int&);
int attach_mounts(const Orders&, int&);
int pivot(const Orders&, int&);
// privileges.cc
int empty_bounding_set(const Orders&, int&);
int lock_securebits(const Orders&, int&);
int drop_identity(const Orders&, int&);
int clear_capabilities(const Orders&, int&);
int set_no_new_privs(const Orders&, int&);
int read_back(const Orders&, int&);
// process.cc
int leave_launcher(const Orders&, int&);
int pin_path(const Orders&, int&);
int await_go(const Orders&, int&);
int join_namespaces(const Orders&, int&);
int join_cgroups(const Orders&, int&);
int new_session(const Orders&, int&);
int set_hostname(const Orders&, int&);
int leave_cgroup_namespace(const Orders&, int&);
int place_fds(const Orders&, int&);
int lower_limits(const Orders&, int&);
int enter_directory(const Orders&, int&);
int die_with_launcher(const Orders&, int&);
int reset_signals(const Orders&, int&);
int deny_write_execute(const Orders&, int&);
int restrict_by_landlock(const Orders&, int&);
int load_filter(const Orders&, int&);
int execute(const Orders&, int&);

}  // namespace child
