#include "launcher/cli/app.h"

#include <algorithm>
#include <iterator>

namespace cli {
namespace {

// In the order of `fpmbox --help`.
constexpr struct {
  std::string_view name;
  void (*add)(App, Globals&);
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

void add_commands(App app, Globals& globals, std::string_view word) {
  const bool is_command = std::any_of(std::begin(kCommands), std::end(kCommands), [&](const auto& row) { return row.name == word; });
  for (const auto& row : kCommands)
    if (!is_command || row.name == word) row.add(app, globals);
}

}  // namespace

Parser make_parser(Globals& globals, std::string_view word) {
  Parser parser(
      "Boxes for PHP-FPM pools: each pool alone with its own user, namespaces, read-only code and system calls.",
      "fpmbox");
  const App app = parser.top();
  app.set_version_flag("--version", "fpmbox " FPMBOX_VERSION);
  app.add_option("--catalog", globals.catalog, "folder of the profiles that others extend").type_name("FOLDER");
  app.fallthrough();  // global options may also stand behind the command
  app.require_subcommand();
  add_commands(app, globals, word);
  return parser;
}

}  // namespace cli
