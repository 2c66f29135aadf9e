// What the running box really is, read back from the kernel and compared with its plan. What is read is a value, so that the
// comparison is tested on invented boxes.
//
//   const Running running = TRY(look_at_box(a_worker, plan, group));
//   findings.posture = compare(running, plan);
#pragma once

#include <linux/filter.h>
#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "launcher/harness/arena.h"
#include "launcher/harness/report.h"
#include "launcher/plan/plan.h"
#include "profiles/base/result.h"

namespace harness {

struct Running {
  std::string status;     // proc(5): /proc/PID/status
  std::string limits;     // /proc/PID/limits
  std::string mountinfo;  // /proc/PID/mountinfo
  std::map<std::string, std::uint64_t> namespaces;      // by name: inode; and those of whoever is beside it
  std::map<std::string, std::uint64_t> own_namespaces;
  std::map<std::string, std::string> cgroup_files;      // by PARENT/FILE of the plan: what stands in the box's own
  std::map<std::string, std::string> files;             // generated ones, by inside path, as the box sees them
  std::string files_obstacle;                           // why its tree could not be opened
  std::map<std::string, std::string> settings;          // of the command line, by key: what PHP says is in force; none that it does not know
  std::string settings_obstacle;                        // why it did not say
  std::optional<uid_t> memory_owner;                    // of /proc/PID/mem
  std::optional<std::vector<sock_filter>> filter;       // what the kernel has loaded (PTRACE_SECCOMP_GET_FILTER)
  std::string filter_obstacle;                          // why it could not be read
};

// What `-d` sets on the plan's command line, which php-fpm overwrites: only PHP itself can tell what came of it.
std::vector<std::pair<std::string, std::string>> settings_of_command(const launcher::Plan& plan);
void look_at_settings(Arena& box, const launcher::Plan& plan, Running& running);

// `choose` gives any process of the box, or -1, and is asked again when that one ends meanwhile, as workers of FPM do that have nothing
// to do; `group` is the name of its control groups; `beside` is a process whose namespaces it must not have, or else this one.
base::Result<Running> look_at_box(const std::function<pid_t()>& choose, const launcher::Plan& plan, const std::string& group, pid_t beside = 0);

// A row for each thing that the plan promises; `filter` is the plan's own as it is compiled.
std::vector<CheckResult> compare(const Running& running, const launcher::Plan& plan, const std::vector<sock_filter>& filter);

}  // namespace harness
