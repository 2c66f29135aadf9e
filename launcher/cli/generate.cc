// fpmbox generate: texts that are written from the parser's own tables, at build time. Not for users, so not in --help.
#include <algorithm>

#include "launcher/cli/app.h"
#include "launcher/cli/exit_codes.h"
#include "launcher/manual/completion.h"
#include "launcher/manual/pages.h"
#include "launcher/plan/container_wishes.h"
#include "profiles/load/compose.h"

namespace cli {
namespace {

manual::CommandLine command_line() {
  Globals unused;
  return manual::describe(make_parser(unused).library());
}

std::string commands_page() {
  std::vector<manual::ExitStatus> codes;
  for (const ExitMeaning& row : kExitMeanings) codes.push_back({row.code, row.meaning});
  std::vector<manual::Variable> variables;
  for (const auto& [name, meaning] : launcher::variable_meanings()) variables.push_back({name, meaning});
  return manual::commands_page(command_line(), codes, variables);
}

struct Text {
  const char* name;
  std::string (*write)();
};
constexpr Text kTexts[] = {
    {"man8", commands_page},
    {"man5", manual::pool_page},
    {"bash", [] { return manual::bash_completion(command_line()); }},
    {"zsh", [] { return manual::zsh_completion(command_line()); }},
    {"fish", [] { return manual::fish_completion(command_line()); }},
    {"schema", profiles::json_schema},
};

int generate(const std::string& name) {
  const auto text = std::find_if(std::begin(kTexts), std::end(kTexts), [&](const Text& one) { return one.name == name; });
  if (text == std::end(kTexts)) return kUsage;
  const std::string written = text->write();
  const bool is_out = std::fwrite(written.data(), 1, written.size(), stdout) == written.size() && std::fflush(stdout) == 0;
  return is_out ? kDone : kSetupFailed;
}

}  // namespace

void add_generate(App app, Globals& globals) {
  auto name = std::make_shared<std::string>();
  App command = app.add_subcommand("generate", "manual pages, completions and the schema of pool files").group("");
  std::vector<std::string> names;
  for (const Text& text : kTexts) names.emplace_back(text.name);
  command.add_option("KIND", *name, "which text").required().one_of(names);
  command.callback([name, &globals] { globals.command = [name] { return generate(*name); }; });
}

}  // namespace cli
