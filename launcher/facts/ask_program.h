// Runs a program for its answer on stdout: no shell, no environment, no privileges, bounded in time and length.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "profiles/base/result.h"

namespace launcher {

struct Question {
  std::string program;                 // absolute path,
  std::string root = {};               // as it is in this folder; given by root only
  std::vector<std::string> arguments;  // without argv[0]
  struct Ids {
    uid_t uid;
    gid_t gid;
  };
  std::optional<Ids> as;  // given by root only: who it runs as
  std::size_t longest_answer = 1 << 20;
  int deadline_ms = 10000;
};

// Its stdout, when it exits with 0. stderr is thrown away.
base::Result<std::string> ask_program(const Question& question);

}  // namespace launcher
