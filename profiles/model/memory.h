// Whether memory may be written and executed. Code that a worker writes for itself is what JITs do, and exploits.
#pragma once
#include "profiles/model/describe.h"

namespace profiles {

struct Memory {
  bool deny_write_execute = false;
  friend bool operator==(const Memory&, const Memory&) = default;
};

template <class V>
void describe(V& v, Memory& f) {
  v.field("deny_write_execute", f.deny_write_execute,
          "No memory is writable and executable, nor becomes executable later. Turns PHP's JITs off: regular expressions take 4 to 5 times as long.");
}

}  // namespace profiles
