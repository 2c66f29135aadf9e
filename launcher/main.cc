// fpmbox: parses the command line, runs one command, prints what nobody else did and maps it to an exit code.
#include <sys/auxv.h>

#include <CLI/CLI.hpp>
#include <exception>

#include "launcher/cli/commands.h"
#include "launcher/cli/exit_codes.h"
#include "launcher/cli/load.h"
#include "profiles/base/text.h"

namespace {

// "chekc" is not an option that is missing, but a word that was meant otherwise.
std::string explain(const CLI::App* app, const CLI::Error& error) {
  std::string what = error.what();
  if (const auto rest = app->remaining(); app->get_subcommands().empty() && !rest.empty()) {
    std::vector<std::string> names;
    for (const CLI::App* command : app->get_subcommands([](const CLI::App*) { return true; }))
      names.push_back(command->get_name());
    const std::string near = base::nearest(rest.front(), names);
    what = "there is no command `" + rest.front() + "`" + (near.empty() ? "" : "; did you mean `" + near + "`?");
  }
  return "fpmbox: " + base::escape_control(what) + "\nfpmbox --help says what there is.\n";
}

int parse_and_run(int argc, char** argv) {
  CLI::App app(
      "Boxes for PHP-FPM pools: each pool alone with its own user, namespaces, read-only code and system calls.",
      "fpmbox");
  cli::Globals globals;
  app.set_version_flag("--version", "fpmbox " FPMBOX_VERSION);
  app.add_option("--catalog", globals.catalog, "folder of the profiles that others extend");
  app.fallthrough();  // global options may also stand behind the command
  app.require_subcommand(1);
  app.failure_message(explain);
  cli::add_run(app, globals);
  cli::add_check(app, globals);
  cli::add_show(app, globals);
  cli::add_plan(app, globals);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? cli::kDone : cli::kUsage;  // help and version are "errors" that exit with 0
  }
  return globals.command();
}

}  // namespace

int main(int argc, char** argv) {
  // A set-uid or set-capability copy would let its caller choose profiles and catalog with the owner's rights.
  if (::getauxval(AT_SECURE) != 0) {
    cli::print_error(
        "refuses to run set-user-id, set-group-id or with file capabilities; install it plainly and run it as root");
    return cli::kUsage;
  }
  try {
    return parse_and_run(argc, argv);
  } catch (const std::exception& error) {
    cli::print_error(std::string("a bug in fpmbox: ") + error.what());
  }
  return cli::kBug;
}
