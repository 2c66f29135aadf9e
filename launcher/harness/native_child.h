// A child that tries one act, so that what the act changes, breaks or loses ends with it.
#pragma once

#include <functional>
#include <string>

#include "profiles/base/result.h"

namespace harness {

// The act: its word, or the Error of a step before it.
using Attempt = base::Result<std::string>;

// "ok" or the name of the errno of a call that gives -1 when it fails.
std::string word_of(long result);
std::string errno_name(int code);
// "EBADF at dup2", for an Error.
std::string word_of(const base::Error& error);

// Runs `act` in a child in a process group of its own and waits at most `patience_ms`; everything that is left of the group
// is killed. Needs nothing that a box's filter refuses. The words are those of native.h.
std::string try_in_child(const std::function<Attempt()>& act, int patience_ms);

// For acts that start a program: `exec` comes back only when it fails. "ran", or the errno's name.
Attempt try_exec(const std::function<void()>& exec);

}  // namespace harness
