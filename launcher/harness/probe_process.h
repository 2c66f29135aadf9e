// The conversation with a process that tries native acts (native.h), whatever started it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "profiles/base/result.h"

namespace harness {

// Runs `program` in a process of its own, whose 0 and 1 are pipes, sends it the lines and gives what it answers; as many lines as
// came before it ended or before the time was over. An error: nothing came at all, and what it said on 2.
base::Result<std::vector<std::string>> ask_probe(const std::vector<std::string>& lines, int timeout_ms, std::vector<int> kept,
                                                 const std::function<int()>& program);

}  // namespace harness
