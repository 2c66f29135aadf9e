// fpmbox export: a policy in the language of another program.
#include <CLI/CLI.hpp>
#include <map>

#include "launcher/cli/commands.h"
#include "launcher/cli/exit_codes.h"
#include "launcher/cli/load.h"
#include "launcher/export/oci_seccomp.h"
#include "profiles/base/text.h"
#include "profiles/export/engines.h"
#include "profiles/export/web_site.h"

namespace cli {
namespace {

using profiles::EngineChoice;
using profiles::Exported;
using profiles::Policy;
using Exporter = base::Result<Exported> (*)(const Policy&, const EngineChoice&);

base::Result<Exported> without_gaps(base::Result<std::string> text) {
  if (!text) return text.take_error();
  return Exported{std::move(text).value(), {}};
}

// What can be exported to. A kind is a row here and a pure function.
const std::map<std::string, Exporter> kKinds = {
    {"nginx", [](const Policy& policy, const EngineChoice&) { return without_gaps(profiles::export_nginx(policy)); }},
    {"apache", [](const Policy& policy, const EngineChoice&) { return without_gaps(profiles::export_apache(policy)); }},
    {"oci-seccomp", [](const Policy& policy, const EngineChoice&) { return base::Result<Exported>(launcher::export_oci_seccomp(policy)); }},
    {"docker", profiles::export_docker},
    {"compose", profiles::export_compose},
    {"quadlet", profiles::export_quadlet},
    {"kubernetes", profiles::export_kubernetes},
};

std::vector<std::string> kinds() {
  std::vector<std::string> out;
  for (const auto& [kind, exporter] : kKinds) out.push_back(kind);
  return out;
}

struct ExportOptions {
  std::string kind;
  std::string file;
  EngineChoice choice;
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
  const Policy& policy = loaded.value().composed.policy;
  const auto exported = kKinds.at(options.kind)(policy, profiles::with_defaults(options.choice, policy));
  if (!exported) {
    print_error(exported.error().text());
    return kBadProfile;
  }
  std::fputs(exported.value().text.c_str(), stdout);
  for (const auto& gap : exported.value().gaps) print_error(policy.name, "gap: " + gap.protection + ": " + gap.text);
  return kDone;
}

}  // namespace

void add_export(CLI::App& app, Globals& globals) {
  auto options = std::make_shared<ExportOptions>();
  CLI::App* command = app.add_subcommand("export", "the pool for a web server, a container engine or a seccomp filter")->group(kShip);
  command->add_option("KIND", options->kind, base::join(kinds(), ", "))->required()->check(CLI::IsMember(kinds()));
  command->add_option("FILE", options->file, "pool file, or the name of a pool")->required();
  command->add_option("--image", options->choice.image, "image of the pool; localhost/fpmbox/NAME:latest when absent");
  command->add_option("--web-image", options->choice.web_image, "image of its web server; that name with -web when absent");
  command->add_option("--uid", options->choice.uid, "number of the pool's user in the image")->capture_default_str();
  command->add_option("--gid", options->choice.gid, "number of its group")->capture_default_str();
  command->callback(
      [options, &globals] { globals.command = [options, &globals] { return print_export(*options, globals); }; });
}

}  // namespace cli
