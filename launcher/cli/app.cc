#include "launcher/cli/app.h"

#include <algorithm>

#include "profiles/base/text.h"

namespace cli {
namespace {

// In the order of `fpmbox --help`.
constexpr struct {
  std::string_view name;
  void (*add)(CLI::App&, Globals&);
} kCommands[] = {
    {"init", add_init},
    {"run", add_run},
    {"exec", add_exec},
    {"ps", add_ps},
    {"health", add_health},
    {"logs", add_logs},
    {"stop", add_stop},
    {"doctor", add_doctor},
    {"check", add_check},
    {"show", add_show},
    {"plan", add_plan},
    {"learn", add_learn},
    {"diff", add_diff},
    {"denials", add_denials},
    {"test", add_test},
    {"export", add_export},
    {"probe", add_probe},
    {"image", add_images},
    {"generate", add_generate},
};

void add_commands(CLI::App& app, Globals& globals, std::string_view word) {
  const bool is_command = std::any_of(std::begin(kCommands), std::end(kCommands), [&](const auto& row) { return row.name == word; });
  for (const auto& row : kCommands)
    if (!is_command || row.name == word) row.add(app, globals);
}

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

std::unique_ptr<CLI::App> make_app(Globals& globals, std::string_view word) {
  auto app = std::make_unique<CLI::App>(
      "Boxes for PHP-FPM pools: each pool alone with its own user, namespaces, read-only code and system calls.",
      "fpmbox");
  app->set_version_flag("--version", "fpmbox " FPMBOX_VERSION);
  app->add_option("--catalog", globals.catalog, "folder of the profiles that others extend")->type_name("FOLDER");
  app->fallthrough();  // global options may also stand behind the command
  app->require_subcommand(1);
  app->failure_message(explain);
  add_commands(*app, globals, word);
  return app;
}

}  // namespace cli
