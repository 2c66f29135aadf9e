// Runs the test in a process of its own, below one that waits: whatever ends the test, nothing of it stays.
//
//   caller ---- fork ----> keeper: own session, adopts orphans ---- fork ----> the test
//      |  pipe, its end: stop     |  makes what the test needs, waits, lets end what must not be ended, ends whatever is left, takes it away
//      '<------ exit code --------'
//
// The caller may be killed: the keeper sees its pipe end. The test may be killed: the keeper is its parent.
#pragma once

#include <functional>

#include "profiles/base/result.h"

namespace harness {

struct Kept {
  std::function<int()> test;       // in the test's process; its exit code
  std::function<void()> let_end;   // in the keeper, when the test is over: until what must not be ended has ended by itself
  std::function<void()> clean_up;  // in the keeper, when no process is left
};
// `prepare` runs in the keeper. The exit code: the test's, 71 when it could not be prepared (which it has said), 128 plus the
// signal that stopped it.
int run_kept(const std::function<base::Result<Kept>()>& prepare, const std::function<void(const base::Error&)>& say);

}  // namespace harness
