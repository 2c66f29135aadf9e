#include "launcher/cli/app.h"

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
  return "fpmbox: " + base::escape_control(what) + "\nfpmbox --help says what there is.\n";
}

}  // namespace

std::unique_ptr<CLI::App> make_app(Globals& globals) {
  auto app = std::make_unique<CLI::App>(
      "Boxes for PHP-FPM pools: each pool alone with its own user, namespaces, read-only code and system calls.",
      "fpmbox");
  app->set_version_flag("--version", "fpmbox " FPMBOX_VERSION);
  app->add_option("--catalog", globals.catalog, "folder of the profiles that others extend")->type_name("FOLDER");
  app->fallthrough();  // global options may also stand behind the command
  app->require_subcommand(1);
  app->failure_message(explain);
  add_init(*app, globals);
  add_run(*app, globals);
  add_exec(*app, globals);
  add_ps(*app, globals);
  add_health(*app, globals);
  add_logs(*app, globals);
  add_stop(*app, globals);
  add_doctor(*app, globals);
  add_check(*app, globals);
  add_show(*app, globals);
  add_plan(*app, globals);
  add_learn(*app, globals);
  add_diff(*app, globals);
  add_denials(*app, globals);
  add_test(*app, globals);
  add_export(*app, globals);
  add_probe(*app, globals);
  add_images(*app, globals);
  add_generate(*app, globals);
  return app;
}

}  // namespace cli
