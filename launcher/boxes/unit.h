// Which systemd service a launcher is the main process of. Pure.
#pragma once

#include <string>
#include <string_view>

namespace launcher {

struct ServiceHints {
  std::string invocation_id;  // $INVOCATION_ID
  std::string exec_pid;       // $SYSTEMD_EXEC_PID, since systemd 248
  bool notified = false;      // $NOTIFY_SOCKET was set
  int pid = 0;
  int parent = 0;
};

// "fpmbox@wiki.service", or "" where stopping the unit would not mean this box: a shell below cron's service has cron's
// variables and control group too. `memberships` is /proc/self/cgroup. Services of a user's own manager are not the
// system's, and not meant.
std::string unit_of(const ServiceHints& hints, std::string_view memberships);

bool is_service_name(std::string_view name);

}  // namespace launcher
