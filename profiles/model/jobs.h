// Commands of the application for timers of systemd (`fpmbox export timers`), in boxes of the same policy.
#pragma once
#include "profiles/model/describe.h"

namespace profiles {

struct Job {
  base::Duration every{0};
  std::vector<std::string> run;
  friend bool operator==(const Job&, const Job&) = default;
};
template <class V>
void describe(V& v, Job& f) {
  v.field("every", f.every, "Interval.");
  v.words("run", f.run, "Command and arguments; no shell is involved.");
}
using Jobs = std::map<std::string, Job>;

}  // namespace profiles
