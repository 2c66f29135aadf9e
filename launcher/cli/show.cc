// fpmbox show: the effective policy as one flat profile, and which line set each value.

#include "launcher/cli/commands.h"
#include "launcher/cli/exit_codes.h"
#include "launcher/cli/load.h"

namespace cli {
namespace {

struct ShowOptions {
  std::string file;
  bool origin = false;
};

int show(const ShowOptions& options, const Globals& globals) {
  base::Diagnostics diagnostics;
  const auto loaded = load_profile(options.file, globals, diagnostics);
  if (!loaded) {
    print_error(loaded.error().text());
    return kUsage;
  }
  print_diagnostics(diagnostics, stderr);
  if (diagnostics.has_errors()) return kBadProfile;
  const auto& composed = loaded.value().composed;
  const std::string text =
      options.origin ? profiles::write(composed.policy, composed.origins) : profiles::write(composed.policy);
  std::fputs(text.c_str(), stdout);
  return kDone;
}

}  // namespace

void add_show(App app, Globals& globals) {
  auto options = std::make_shared<ShowOptions>();
  App command = app.add_subcommand("show", "the effective policy, and which line set each value").group(kProve);
  command.add_option("FILE", options->file, "pool file, or the name of a pool or of a profile of the catalog")
      .required();
  command.add_flag("--origin", options->origin, "behind each value, the file and line that set it");
  command.callback([options, &globals] { globals.command = [options, &globals] { return show(*options, globals); }; });
}

}  // namespace cli
