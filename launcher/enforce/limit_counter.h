// What the kernel counts when a box runs into one of its limits, open for reading: the launcher has no rights to open it later.
#pragma once

#include <string>

#include "launcher/sys/fd.h"

namespace launcher {

struct LimitCounter {
  std::string key;    // "limits.memory.max"
  std::string field;  // "oom_kill": the word before the number in `file`
  sys::Fd file;
  bool notifies = false;  // poll(2) tells that it has changed
};

}  // namespace launcher
