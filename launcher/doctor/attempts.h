// Each primitive of a box, tried as a box does it. Every one runs in a child of its own that ends afterwards: nothing of
// what it did stays.
#pragma once

#include <span>

#include "launcher/doctor/finding.h"
#include "profiles/base/result.h"

namespace launcher {

struct Attempt {
  const char* name;
  Kind kind;
  const char* since;
  const char* why;
  enum class As { anybody, maker } as;  // maker: root itself, or an ordinary user inside a user namespace of its own
  base::Status (*run)();
};
std::span<const Attempt> kernel_attempts();

// An ordinary user's namespace, by an ordinary user: root tries it as nobody.
base::Status try_user_namespace_as_ordinary_user();

// Runs it in a child; `enters` first makes the user namespace. A child that does not come back within five seconds is ended.
Outcome try_in_child(base::Status (*run)(), bool enters);

}  // namespace launcher
