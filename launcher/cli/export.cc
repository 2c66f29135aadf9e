// fpmbox export: a policy in the language of another program.
#include <CLI/CLI.hpp>
#include <map>

#include "launcher/cli/commands.h"
#include "launcher/cli/exit_codes.h"
#include "launcher/cli/load.h"
#include "profiles/export/web_site.h"

namespace cli {
namespace {

using Exporter = base::Result<std::string> (*)(const profiles::Policy&);

// What can be exported to. A kind is a row here and a pure function of profiles/export.
const std::map<std::string, Exporter> kKinds = {{"nginx", profiles::export_nginx}, {"apache", profiles::export_apache}};

struct ExportOptions {
  std::string kind;
  std::string file;
};

int print_export(const ExportOptions& options, const Globals& globals) {
  base::Diagnostics diagnostics;
  const auto loaded = load_profile(options.file, globals, diagnostics);
  if (!loaded) {
    print_error(loaded.error().text());
    return kUsage;
  }
  const bool was_read = check_loaded(loaded.value(), diagnostics);
  print_diagnostics(diagnostics, stderr);
  if (!was_read || diagnostics.has_errors()) return kBadProfile;
  if (!loaded.value().is_pool) {
    print_error(loaded.value().file + " is a profile of the catalog; a pool file that extends it has a site to serve");
    return kBadProfile;
  }
  const auto text = kKinds.at(options.kind)(loaded.value().composed.policy);
  if (!text) {
    print_error(text.error().text());
    return kBadProfile;
  }
  std::fputs(text.value().c_str(), stdout);
  return kDone;
}

}  // namespace

void add_export(CLI::App& app, Globals& globals) {
  auto options = std::make_shared<ExportOptions>();
  CLI::App* command = app.add_subcommand("export", "the pool for the web server's configuration")->group(kShip);
  command->add_option("KIND", options->kind, "nginx or apache")->required()->check(CLI::IsMember({"nginx", "apache"}));
  command->add_option("FILE", options->file, "pool file, or the name of a pool")->required();
  command->callback(
      [options, &globals] { globals.command = [options, &globals] { return print_export(*options, globals); }; });
}

}  // namespace cli
