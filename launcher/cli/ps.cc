// fpmbox ps: every box of this machine, whoever started it.
#include <algorithm>

#include "launcher/boxes/view.h"
#include "launcher/cli/commands.h"
#include "launcher/cli/exit_codes.h"
#include "launcher/cli/load.h"
#include "launcher/cli/pool_names.h"

namespace cli {
namespace {

struct PsOptions {
  std::vector<std::string> names;
  bool json = false;
  bool outdated = false;
};

std::vector<launcher::BoxView> look(const std::string& run, const std::vector<std::string>& names, const launcher::Moment& moment) {
  std::vector<launcher::BoxView> boxes;
  for (const std::string& name : names)
    if (const auto found = launcher::read_box(run, name))
      boxes.push_back(launcher::look_at_box(*found, moment));
  return boxes;
}

int ps(const PsOptions& options, const Globals& globals) {
  const auto run = run_folder();
  if (!run) {
    print_error(run.error().text());
    return kLayerMissing;
  }
  const auto names = options.names.empty() ? launcher::find_pool_folders(run.value()) : known_pools(options.names, run.value(), globals);
  if (!names) {
    print_error(names.error().text());
    return options.names.empty() ? kSetupFailed : kUsage;
  }
  const auto moment = launcher::this_moment();
  if (!moment) {
    print_error(moment.error().text());
    return kSetupFailed;
  }
  auto boxes = look(run.value(), names.value(), moment.value());
  if (options.outdated) std::erase_if(boxes, [](const launcher::BoxView& box) { return box.outdated.empty(); });
  if (options.json)
    std::fputs(launcher::print_boxes_json(boxes).c_str(), stdout);
  else if (!boxes.empty())
    std::fputs(launcher::print_boxes(boxes).c_str(), stdout);
  else if (!options.outdated)
    std::fputs("no box runs\n", stderr);
  return kDone;
}

}  // namespace

void add_ps(App app, Globals& globals) {
  auto options = std::make_shared<PsOptions>();
  App command = app.add_subcommand("ps", "every box, whoever started it, and whether a restart would change it").group(kRun);
  command.add_option("NAME", options->names, "pools; all without");
  command.add_flag("--json", options->json, "for programs");
  command.add_flag("--outdated", options->outdated, "only boxes that run what is no longer on disk");
  command.callback([options, &globals] { globals.command = [options, &globals] { return ps(*options, globals); }; });
}

}  // namespace cli
