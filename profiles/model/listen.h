// Where the web server reaches the pool. Bound outside by the launcher; it exists in no box.
#pragma once
#include "profiles/model/describe.h"

namespace profiles {

struct Listen {
  HostPath unix_path;        // empty: /run/fpmbox/NAME/live.sock
  std::string tcp;           // "127.0.0.1:9001"; excludes `unix`
  std::string owner = "root";
  std::string group;         // the web server's group
  std::uint32_t backlog = 511;
  std::string why;           // why a TCP address other than loopback
  friend bool operator==(const Listen&, const Listen&) = default;
};

template <class V>
void describe(V& v, Listen& f) {
  v.field("unix", f.unix_path, "Path of the Unix socket the web server connects to (default /run/fpmbox/NAME/live.sock).");
  v.field("tcp", f.tcp, "ADDRESS:PORT instead of a Unix socket; every local user can reach a loopback port.");
  v.field("owner", f.owner, "Owner of the Unix socket; never the pool's user.");
  v.field("group", f.group, "Group of the Unix socket (mode 0660): the web server's.");
  v.field("backlog", f.backlog, "Connections that may wait in the queue.");
  v.field("why", f.why, "Why a TCP address beyond loopback is needed.");
}

}  // namespace profiles
