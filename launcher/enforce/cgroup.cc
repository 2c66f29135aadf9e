#include "launcher/enforce/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>

#include "launcher/enforce/stale.h"
#include "launcher/sys/file.h"
#include "profiles/base/text.h"

namespace launcher {
namespace {

using base::Error;
using base::Status;

Status write_value(int directory, const std::string& file, const std::string& value) {
  sys::Fd open = TRY(sys::open_at(directory, file, O_WRONLY));
  auto written = sys::write_all(open.get(), value);
  if (!written) return Error{"write " + value, file, written.error().code, {}};
  return base::success();
}

// cgroup-v2.rst, "No Internal Process Constraint": controllers can be handed down only by a group without processes. If we
// are alone in ours (a unit with Delegate=yes), we move into a leaf.
Status hand_down(const sys::Fd& parent, const std::string& controller) {
  auto enabled = write_value(parent.get(), "cgroup.subtree_control", "+" + controller);
  if (enabled || enabled.error().code != EBUSY) return enabled;
  const sys::Fd members = TRY(sys::open_at(parent.get(), "cgroup.procs", O_RDONLY));
  const std::string pids = TRY(sys::read_all(members.get(), 1 << 16));
  if (pids != std::to_string(::getpid()) + "\n")
    return Error{"the launcher's cgroup holds other processes; run it as a unit with Delegate=yes", {}, EBUSY, {}};
  TRY(sys::make_directory_at(parent.get(), "launcher", 0755));
  const sys::Fd leaf = TRY(sys::open_at(parent.get(), "launcher", O_PATH | O_DIRECTORY));
  TRY(write_value(leaf.get(), "cgroup.procs", std::to_string(::getpid())));
  return write_value(parent.get(), "cgroup.subtree_control", "+" + controller);
}

// A kernel that does not count so keeps the limit all the same, in silence.
Status limit(CgroupOfBox& box, const CgroupWrite& row) {
  auto done = write_value(box.group.get(), row.file, row.value);
  if (!done) return std::move(done).take_error().during(row.key);
  if (row.counter_file.empty()) return base::success();
  if (auto counter = sys::open_at(box.group.get(), row.counter_file, O_RDONLY))
    box.counters.push_back({row.key, row.counter, std::move(counter).value(), row.version == 2});
  return base::success();
}

bool is_version_2(int group) {
  struct statfs tree {};
  return ::fstatfs(group, &tree) == 0 && tree.f_type == CGROUP2_SUPER_MAGIC;
}

Status open_group(CgroupOfBox& box) {
  box.group = TRY(sys::open_at(box.parent.get(), box.name, O_RDONLY | O_DIRECTORY));
  // Who moves another process waits until every CPU has passed through the scheduler, about 10 ms. A single thread that
  // moves itself does not (kernel commit 9a3284fad42f, 5.11).
  if (!is_version_2(box.group.get())) box.tasks = TRY(sys::open_at(box.group.get(), "tasks", O_WRONLY));
  // missing on v1 and before 5.14: then the death of the pid namespace does it alone
  if (auto kill = sys::open_at(box.group.get(), "cgroup.kill", O_WRONLY)) box.kill = std::move(kill).value();
  return base::success();
}

base::Result<CgroupOfBox> make_group(const std::string& parent, const std::string& name, const Plan& plan) {
  CgroupOfBox box;
  box.name = name;
  box.parent_path = parent;
  box.parent = TRY(sys::open(parent, O_RDONLY | O_DIRECTORY));
  for (const CgroupWrite& row : plan.cgroups)
    if (row.parent == parent && row.version == 2) TRY(hand_down(box.parent, row.controller));
  if (::mkdirat(box.parent.get(), name.c_str(), 0755) != 0) return sys::failure("mkdir", parent + "/" + name);
  if (auto opened = open_group(box); !opened) {
    ::unlinkat(box.parent.get(), name.c_str(), AT_REMOVEDIR);
    return std::move(opened).take_error().during(parent + "/" + name);
  }
  return box;
}

Status limit_group(CgroupOfBox& box, const std::string& parent, const Plan& plan) {
  for (const CgroupWrite& row : plan.cgroups)
    if (row.parent == parent) TRY(limit(box, row));
  return base::success();
}

bool has_limits(const Plan& plan, const std::string& parent) {
  return std::any_of(plan.cgroups.begin(), plan.cgroups.end(), [&](const CgroupWrite& row) { return row.parent == parent; });
}

Status fill(const Plan& plan, const std::string& name, std::vector<CgroupOfBox>& groups) {
  for (const std::string& parent : plan.cgroup_parents) {
    auto box = make_group(parent, name, plan);
    if (!box && !has_limits(plan, parent)) continue;  // it was for cgroup.kill alone: the death of the pid namespace does the same
    if (!box) return box.take_error();
    groups.push_back(std::move(box).value());
    TRY(limit_group(groups.back(), parent, plan));
  }
  return base::success();
}

}  // namespace

base::Result<std::vector<CgroupOfBox>> make_cgroups(const Plan& plan, const std::string& name) {
  std::vector<CgroupOfBox> groups;
  auto filled = fill(plan, name, groups);
  if (!filled) {
    remove_cgroups(groups);
    return filled.take_error();
  }
  return groups;
}

int group_to_be_born_in(const std::vector<CgroupOfBox>& groups) {
  const auto found = std::find_if(groups.begin(), groups.end(), [](const CgroupOfBox& box) { return box.group && !box.tasks; });
  return found == groups.end() ? -1 : found->group.get();
}

base::Status move_into(int group, pid_t pid) { return write_value(group, "cgroup.procs", std::to_string(pid)); }

void remove_stale_cgroups(const std::vector<CgroupOfBox>& groups, const std::string& pool) {
  for (const CgroupOfBox& box : groups) remove_stale(box.parent.get(), "fpmbox-" + pool + "-", AT_REMOVEDIR);
}

// A group is busy until the kernel has done away with its last process, which is a moment after it was reaped.
void remove_cgroups(const std::vector<CgroupOfBox>& groups) {
  constexpr timespec kPause = {0, 5'000'000};
  int patience = 200;
  for (const CgroupOfBox& box : groups)
    while (::unlinkat(box.parent.get(), box.name.c_str(), AT_REMOVEDIR) != 0 && errno == EBUSY && patience-- > 0)
      ::nanosleep(&kPause, nullptr);
}

}  // namespace launcher
