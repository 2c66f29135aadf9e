#include "launcher/cli/parser.h"

#include <CLI/CLI.hpp>

#include "launcher/cli/exit_codes.h"
#include "profiles/base/text.h"

namespace cli {
namespace {

// "chekc" is not an option that is missing, but a word that was meant otherwise.
std::string explain(const CLI::App* app, const CLI::Error& error) {
  std::string what = error.what();
  if (const auto rest = app->remaining(); app->get_subcommands().empty() && !rest.empty()) {
    std::vector<std::string> names;
    for (const CLI::App* command : app->get_subcommands([](const CLI::App* one) { return !one->get_group().empty(); }))
      names.push_back(command->get_name());
    const std::string near = base::nearest(rest.front(), names);
    what = "there is no command `" + rest.front() + "`" + (near.empty() ? "" : "; did you mean `" + near + "`?");
  }
  const auto given = app->get_subcommands();
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::ExtrasError) && !given.empty() && given.front()->get_option_no_throw("COMMAND") != nullptr)
    what += "; where it is the command's own, write -- before the command";
  return "fpmbox: " + base::escape_control(what) + "\nfpmbox --help says what there is.\n";
}

}  // namespace

Option Option::required() const { return Option(of_->required()); }
Option Option::group(const std::string& name) const { return Option(of_->group(name)); }
Option Option::type_name(const std::string& word) const { return Option(of_->type_name(word)); }
Option Option::one_of(const std::vector<std::string>& words) const { return Option(of_->check(CLI::IsMember(words))); }
Option Option::excludes(Option other) const { return Option(of_->excludes(other.of_)); }
Option Option::each_once() const { return Option(of_->allow_extra_args(false)); }
Option Option::show_default() const { return Option(of_->capture_default_str()); }

App App::add_subcommand(const std::string& name, const std::string& help) const {
  return App(of_->add_subcommand(name, help));
}
Option App::add_option(const std::string& names, std::string& value, const std::string& help) const {
  return Option(of_->add_option(names, value, help));
}
Option App::add_option(const std::string& names, std::vector<std::string>& values, const std::string& help) const {
  return Option(of_->add_option(names, values, help));
}
Option App::add_option(const std::string& names, std::optional<std::size_t>& value, const std::string& help) const {
  return Option(of_->add_option(names, value, help));
}
Option App::add_option(const std::string& names, std::uint32_t& value, const std::string& help) const {
  return Option(of_->add_option(names, value, help));
}
Option App::add_flag(const std::string& names, bool& value, const std::string& help) const {
  return Option(of_->add_flag(names, value, help));
}
App App::group(const std::string& name) const { return App(of_->group(name)); }
App App::require_subcommand() const { return App(of_->require_subcommand(1)); }
App App::fallthrough() const { return App(of_->fallthrough()); }
void App::set_version_flag(const std::string& name, const std::string& version) const {
  of_->set_version_flag(name, version);
}
void App::callback(std::function<void()> act) const { of_->callback(std::move(act)); }

Parser::Parser(const std::string& help, const std::string& name) : of_(std::make_unique<CLI::App>(help, name)) {
  of_->failure_message(explain);
}
Parser::Parser(Parser&&) noexcept = default;
Parser& Parser::operator=(Parser&&) noexcept = default;
Parser::~Parser() = default;

std::optional<int> Parser::parse(int argc, char** argv) {
  try {
    of_->parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return of_->exit(error) == 0 ? kDone : kUsage;  // help and version are "errors" that exit with 0
  }
  return std::nullopt;
}

}  // namespace cli
