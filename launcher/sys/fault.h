// A number that tests give from outside, in builds for fault injection alone (FPMBOX_FAULTS): elsewhere it is what it would be.
//
//   orders.fault_step = sys::fault("FPMBOX_FAIL_STEP", -1);
#pragma once

#include <cstdlib>

namespace sys {

// Of each source its own: the same program has sources that are built with and without.
[[maybe_unused]] static inline int fault([[maybe_unused]] const char* name, int otherwise) {
#ifdef FPMBOX_FAULTS
  if (const char* text = std::getenv(name)) return std::atoi(text);
#endif
  return otherwise;
}

}  // namespace sys
