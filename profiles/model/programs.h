// Programs of the host that scripts may start. None by default: each is shown alone and may be executed alone.
#pragma once
#include "profiles/model/describe.h"

namespace profiles {

struct Program {
  HostPath path;
  std::string why;
  friend bool operator==(const Program&, const Program&) = default;
  const std::string& item_name() const { return path.text; }
};

template <class V>
void describe(V& v, Program& f) {
  v.title("path", f.path, "Program of the host, shown under the same path; a script wants its interpreter named, too.");
  v.field("why", f.why, "Why the application has to start it.");
}

}  // namespace profiles
