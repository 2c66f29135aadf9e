// A program that the harness asks for something, such as a container engine for an end of what it runs: without a shell, with an
// environment made from nothing, and for a bounded time.
//
//   const Said said = TRY(run_program({"/usr/bin/podman", "rm", "--force", name}, {}, 20000));
#pragma once

#include <map>
#include <string>
#include <vector>

#include "profiles/base/result.h"

namespace harness {

struct Said {
  int code = 0;      // its exit code; 128 plus the signal that ended it
  std::string text;  // both of its streams, from their beginning
};
// The error: it could not be run, or was not done by then and is ended.
base::Result<Said> run_program(const std::vector<std::string>& words, const std::map<std::string, std::string>& environment, int timeout_ms);

// On one line, of bounded length.
std::string brief(const Said& said);

}  // namespace harness
