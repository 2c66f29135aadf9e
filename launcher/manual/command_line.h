// What can be said on fpmbox's command line, as values taken from the parser itself: manual page and completions are
// written from these, so that they cannot miss an option.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace manual {

struct OptionHelp {
  std::vector<std::string> names;  // "-f", "--follow"; of a positional its only name, "FILE"
  std::string value;               // what stands behind it, "FOLDER"; empty for a flag, and for a positional
  std::vector<std::string> choices;  // when only these words are taken
  std::string help;
  bool is_positional = false;
  bool is_required = false;
  bool is_repeated = false;
  friend bool operator==(const OptionHelp&, const OptionHelp&) = default;
};

struct CommandHelp {
  std::string name;   // "run"; of a command's own commands "export nginx"
  std::string group;  // heading in `fpmbox --help`
  std::string help;
  std::string footer;
  bool takes_command = false;  // `-- COMMAND ...` ends it
  std::vector<OptionHelp> options;  // positionals too
  friend bool operator==(const CommandHelp&, const CommandHelp&) = default;
};

struct CommandLine {
  CommandHelp program;  // with the options that every command takes
  std::vector<CommandHelp> commands;
};

// Hidden options and commands (those without a group) are left out, as in --help.
CommandLine describe(const CLI::App& app);

}  // namespace manual
