// All that the box can reach. What is not listed does not exist for it.
#pragma once
#include "profiles/model/describe.h"

namespace profiles {

struct Connect {
  HostPath unix_path;  // a server's Unix socket; its directory is bound read-only
  std::string tcp;     // "host:port"
  std::string why;     // required for tcp
  friend bool operator==(const Connect&, const Connect&) = default;
  const std::string& item_name() const { return unix_path.text.empty() ? tcp : unix_path.text; }
};

template <class V>
void describe(V& v, Connect& f) {
  v.field("unix", f.unix_path, "Unix socket of a server on this host, such as a database.");
  v.field("tcp", f.tcp, "HOST:PORT elsewhere.");
  v.field("why", f.why, "Why the application needs it.");
}

}  // namespace profiles
