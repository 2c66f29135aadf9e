// Recorded connections as `connect:` would name them. Pure.
#pragma once

#include <string>
#include <vector>

#include "launcher/learn/record.h"
#include "profiles/model/policy.h"

namespace launcher {

struct WantedConnection {
  enum class Kind { unix_socket, tcp, other };
  Kind kind = Kind::unix_socket;
  std::string text;    // as the profile would write it: a path, or "example.org:443"
  std::string detail;  // the address behind a name; of another kind which it is
  std::string script;
  friend bool operator==(const WantedConnection&, const WantedConnection&) = default;
};

// In the order in which they came, each once; not those that the policy names already, nor what the C library tries by itself.
std::vector<WantedConnection> wanted_connections(const FirstSeen<Connected>& connections, const profiles::Policy& policy);

}  // namespace launcher
