// Who the pool is on the host.
#pragma once
#include "profiles/model/describe.h"

namespace profiles {

struct Identity {
  std::string user;
  std::string group;  // empty: the user's own primary group
  friend bool operator==(const Identity&, const Identity&) = default;
};

template <class V>
void describe(V& v, Identity& f) {
  v.field("user", f.user, "Unix user of every process of the box; never root, never the web server's.");
  v.field("group", f.group, "Unix group of every process of the box; the user's own when absent.");
}

}  // namespace profiles
