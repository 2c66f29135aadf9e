// What /proc/self/cgroup and /proc/self/mountinfo say about control groups. Pure: text in, values out (cgroups(7),
// proc(5)).
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "launcher/facts/host_facts.h"

namespace launcher {

// Our place in one hierarchy. Version 2 is the hierarchy without controllers in its line: "0::/user.slice".
struct CgroupMembership {
  int version = 0;
  std::vector<std::string> controllers;
  std::string path;  // as seen from our cgroup namespace
  friend bool operator==(const CgroupMembership&, const CgroupMembership&) = default;
};

// A mounted hierarchy.
struct CgroupMount {
  int version = 0;
  std::vector<std::string> options;  // of the file system; names the controllers of version 1
  std::string root;                  // which group is mounted
  std::string point;                 // where
  bool read_only = false;
  friend bool operator==(const CgroupMount&, const CgroupMount&) = default;
};

// Lines that are not understood are passed over: one hierarchy less is safer than a wrong one.
std::vector<CgroupMembership> parse_memberships(std::string_view text);
std::vector<CgroupMount> parse_cgroup_mounts(std::string_view text);

// Directory of our own group in the hierarchy that has `controller` ("" asks for the version 2 tree itself). Version 0
// with a reason when there is none, or when our group is not below what is mounted. A writable mount is preferred.
CgroupController locate_cgroup(std::string_view controller, const std::vector<CgroupMembership>& memberships,
                               const std::vector<CgroupMount>& mounts);

// What a version 2 group's own files and its owner say about passing controllers on to groups below it.
struct GroupState {
  bool is_root = false;           // of the hierarchy: the kernel's rule below does not hold there
  bool taken_by_systemd = false;  // systemd runs this host and was not asked to leave the group alone (Delegate=)
  std::string controllers;        // cgroup.controllers: what is passed down to it
  std::string passed_on;          // cgroup.subtree_control: what it passes on
  std::string processes;          // cgroup.procs
};

// Why groups below `group` cannot get `controller`, with what to do; "" when they can. `own` are our process id and
// those of ours that are gone by the time it matters: they alone can move aside, which the kernel's rule demands ("no internal
// processes", cgroups(7)).
std::string obstacle(const GroupState& state, std::string_view controller, const std::string& group, std::initializer_list<int> own);

}  // namespace launcher
