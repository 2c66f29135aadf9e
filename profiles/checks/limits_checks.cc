// Numbers that must fit each other.
#include <algorithm>
#include <limits>

#include "profiles/base/units.h"
#include "profiles/checks/facets.h"
#include "profiles/checks/report.h"

namespace profiles {

void check_limits(const CheckInput& input) {
  const Limits& limits = input.composed.policy.limits;
  if (limits.nofile < 64 || limits.nofile > 1048576)
    error(input, "limits.nofile",
          std::to_string(limits.nofile) + " open files are " +
              (limits.nofile < 64 ? "too few to start" : "more than kernels give"),
          "write 64 to 1048576; 1024 serves most sites");
  if (limits.cpu_max && limits.cpu_max->value == 0)
    error(input, "limits.cpu.max", "0% is no processor at all", "write 100% for one core");
  if (limits.start_timeout.milliseconds == 0)
    error(input, "limits.start_timeout", "no pool starts in no time", "write 30s");
  if (input.composed.policy.filesystem.tmp.size.count == 0)
    error(input, "filesystem.tmp.size", "nothing fits into /tmp, uploads need it", "write 256MiB");
  if (input.composed.policy.filesystem.tmp.inodes == 0)
    error(input, "filesystem.tmp.inodes", "no file fits into /tmp, uploads need it", "write 16384");
}

void check_workers(const CheckInput& input) {
  const Policy& policy = input.composed.policy;
  const ProcessManager& pm = policy.php.pm;
  if (pm.mode != "dynamic" && pm.mode != "ondemand" && pm.mode != "static")
    error(input, "php.pm.mode", "`" + pm.mode + "` is no way to manage workers",
          did_you_mean(pm.mode, {"dynamic", "ondemand", "static"}, "write dynamic, ondemand or static"));
  if (pm.worker_memory.count == 0) error(input, "php.pm.worker_memory", "0B is what no worker takes", "write 64MiB");
  if (!pm.max_children) return;
  if (*pm.max_children == 0)
    error(input, "php.pm.max_children", "no worker could serve a request", "write at least 1, or remove the key");
  // The master, and one place for whatever it starts beside its workers.
  const std::uint64_t needed = std::uint64_t{*pm.max_children} + 2;
  if (policy.limits.pids_max && *policy.limits.pids_max < needed)
    error(input, "limits.pids.max",
          std::to_string(*policy.limits.pids_max) + " processes do not hold " + std::to_string(*pm.max_children) +
              " workers and their master",
          "write at least " + std::to_string(needed) + ", or lower php.pm.max_children");
}

void check_memory(const CheckInput& input) {
  const Policy& policy = input.composed.policy;
  if (!policy.limits.memory_max) return;
  // Capped, so that no authored size overflows.
  const std::uint64_t most = std::numeric_limits<std::uint64_t>::max() / 4;
  const std::uint64_t needed =
      std::min(policy.php.opcache.memory.count, most) + 2 * std::min(policy.php.pm.worker_memory.count, most);
  if (policy.limits.memory_max->count >= needed) return;
  error(
      input, "limits.memory.max", base::format(*policy.limits.memory_max) + " do not hold opcache and two workers",
      "write at least " + base::format(base::Bytes{needed}) + ", or lower php.opcache.memory or php.pm.worker_memory");
}

}  // namespace profiles
