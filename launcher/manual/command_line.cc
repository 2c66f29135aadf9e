#include "launcher/manual/command_line.h"

#include <CLI/CLI.hpp>

#include "profiles/base/text.h"

namespace manual {
namespace {

// "TEXT:{nginx,apache}" of a checked option gives its words.
std::vector<std::string> choices_in(const std::string& type) {
  const auto begin = type.find('{');
  const auto end = type.find('}', begin);
  if (begin == type.npos || end == type.npos) return {};
  return base::split(type.substr(begin + 1, end - begin - 1), ',');
}

// The library's own type names say what it parses, not what is meant.
std::string value_word(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  if (type.empty() || option.get_items_expected_max() == 0) return {};
  const std::string word = type.substr(0, type.find_first_of(":{ "));
  if (word == "INT" || word == "UINT" || word == "FLOAT") return "NUMBER";
  return word == "TEXT" || word.empty() ? "VALUE" : word;
}

OptionHelp describe(const CLI::Option& option) {
  OptionHelp help;
  help.is_positional = !option.nonpositional();
  if (help.is_positional) {
    help.names = {option.get_name(true)};
  } else {
    for (const std::string& name : option.get_snames()) help.names.push_back("-" + name);
    for (const std::string& name : option.get_lnames()) help.names.push_back("--" + name);
    help.value = value_word(option);
  }
  help.choices = choices_in(option.get_type_name());
  help.help = option.get_description();
  help.is_required = option.get_required();
  help.is_repeated = option.get_items_expected_max() > 1;
  return help;
}

CommandHelp describe_command(const CLI::App& app, const std::string& before) {
  const bool is_program = app.get_parent() == nullptr;
  CommandHelp help;
  help.name = before + app.get_name();
  help.group = app.get_group();
  help.help = app.get_description();
  help.footer = app.get_footer();
  help.takes_command = app.get_prefix_command() || app.get_allow_extras();
  // --help is every command's, and said once
  for (const CLI::Option* option : app.get_options())
    if (!option->get_group().empty() && (is_program || option != app.get_help_ptr())) help.options.push_back(describe(*option));
  return help;
}

// A command that only holds others is not one itself.
void add_commands(const CLI::App& app, const std::string& before, std::vector<CommandHelp>& out) {
  for (const CLI::App* command : app.get_subcommands([](const CLI::App* one) { return !one->get_group().empty(); })) {
    CommandHelp help = describe_command(*command, before);
    if (command->get_require_subcommand_min() == 0) out.push_back(help);
    add_commands(*command, help.name + " ", out);
  }
}

}  // namespace

CommandLine describe(const CLI::App& app) {
  CommandLine line;
  line.program = describe_command(app, "");
  add_commands(app, "", line.commands);
  return line;
}

}  // namespace manual
