// A program as php-fpm's root master leaves a worker: its user changed by the process itself, and everything else kept that
// confines it. What starts a program as another user right away may confine it further (systemd does).
#pragma once

#include <string>
#include <vector>

#include "launcher/harness/plain_fpm.h"

namespace harness {

inline constexpr const char* kChangeUser = "/usr/bin/setpriv";  // util-linux

inline std::vector<std::string> worker_words(const BarePool& pool, const std::vector<std::string>& command) {
  std::vector<std::string> out = {kChangeUser, "--reuid=" + std::to_string(pool.uid), "--regid=" + std::to_string(pool.gid), "--clear-groups", "--"};
  out.insert(out.end(), command.begin(), command.end());
  return out;
}

}  // namespace harness
