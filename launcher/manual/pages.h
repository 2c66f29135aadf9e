// The two manual pages, as roff.
#pragma once

#include <string>
#include <vector>

#include "launcher/manual/command_line.h"

namespace manual {

struct ExitStatus {
  std::string code;
  std::string meaning;
};

struct Variable {
  std::string name;
  std::string meaning;
};

// fpmbox(8): every command and option.
std::string commands_page(const CommandLine& line, const std::vector<ExitStatus>& codes, const std::vector<Variable>& variables = {});

// fpmbox-pool(5): every key of the language.
std::string pool_page();

}  // namespace manual
