// What `fpmbox doctor` says of one thing that a box is made of.
#pragma once

#include <string>
#include <vector>

namespace launcher {

// What a fix depends on: things that are refused for like reasons.
enum class Kind { user_namespace, namespaces, mounts, proc, calls, seccomp, landlock, cgroup, privilege, user, php, folder, hint };

// How a try ended. `code` is an errno, 0 where `detail` says it all.
struct Outcome {
  enum class Word { works, fails, untried };
  Word word = Word::works;
  int code = 0;
  std::string detail;  // what failed on what, or what was found
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

struct Finding {
  std::string name;
  Kind kind = Kind::hint;
  bool needed = true;  // a box lacks a layer without it
  std::string why;     // what a box has it for
  std::string since;   // the kernel that brought it; "" where none did
  Outcome outcome;
  std::string cause;   // of a failure,
  std::string fix;     // and exactly what to do
  friend bool operator==(const Finding&, const Finding&) = default;
};

}  // namespace launcher
