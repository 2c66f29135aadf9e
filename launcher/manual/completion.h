// Completion scripts: commands, options, their words, and the names of pools.
#pragma once

#include <string>

#include "launcher/manual/command_line.h"

namespace manual {

std::string bash_completion(const CommandLine& line);
std::string zsh_completion(const CommandLine& line);
std::string fish_completion(const CommandLine& line);

// What may stand for a value, told by the word that the manual uses for it.
enum class Completes { nothing, words, pools, pools_and_files, files, folders };
Completes completes(const OptionHelp& option);

}  // namespace manual
