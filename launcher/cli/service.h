// A box that systemd started is stopped by systemd: else Restart= would bring it back.
#pragma once

#include <sys/types.h>

#include <string>

#include "profiles/base/result.h"

namespace cli {

// Is `unit` a service of this machine's systemd whose main process is `launcher`, by systemd's own word? false where
// systemd does not run.
bool is_service_of(const std::string& unit, pid_t launcher);

// Queues the stop; whoever asked waits for the box himself.
base::Status ask_systemd_to_stop(const std::string& unit);

}  // namespace cli
