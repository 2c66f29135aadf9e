// fpmbox plan: what would be enforced on this host, layer by layer, and the gaps. Changes nothing.
#include <algorithm>

#include "launcher/cli/commands.h"
#include "launcher/cli/container.h"
#include "launcher/cli/exit_codes.h"
#include "launcher/cli/load.h"
#include "launcher/facts/probe.h"
#include "launcher/plan/planner.h"

namespace cli {
namespace {

struct PlanOptions {
  std::string file;
  bool json = false;
  bool enclosed = false;
  std::vector<std::string> command;
};

int print_plan(const PlanOptions& options, const Globals& globals) {
  base::Diagnostics diagnostics;
  auto loaded = load_profile(options.file, globals, diagnostics);
  if (!loaded) {
    print_error(loaded.error().text());
    return kUsage;
  }
  const bool contained = is_contained(options.enclosed);
  const auto wishes = read_wishes(contained);
  if (!wishes) {
    print_error(wishes.error().text());
    return kUsage;
  }
  loaded.value().in_container = contained;
  if (!contained) take_as_caller(loaded.value());
  launcher::grant_wishes(wishes.value(), loaded.value().composed.policy);
  if (!check_loaded(loaded.value(), diagnostics)) {
    print_diagnostics(diagnostics, stderr);
    return kBadProfile;
  }
  const profiles::Composed& composed = loaded.value().composed;
  sys::Stopwatch laps;
  const bool starts_php = !options.command.empty() && options.command.front() == "php";
  launcher::HostFacts facts = launcher::probe(composed.policy, {.enclosed = options.enclosed, .with_command = starts_php, .starts_nothing = true}, laps);
  settle_container(composed.policy, wishes.value(), facts);
  launcher::Plan plan = launcher::plan({composed.policy, composed.origins, facts, {options.command}}, diagnostics);
  print_diagnostics(diagnostics, stderr);
  if (const auto judged = launcher::judge_gaps(wishes.value(), plan); !judged) {
    print_error(judged.error().text());
    return kUsage;
  }
  if (diagnostics.has_errors()) return kBadProfile;

  const std::string text = options.json ? launcher::print_json(plan) : launcher::print(plan);
  std::fputs(text.c_str(), stdout);
  if (!text.ends_with('\n')) std::fputs("\n", stdout);
  const bool is_complete =
      std::none_of(plan.gaps.begin(), plan.gaps.end(), [](const auto& gap) { return gap.required; });
  return is_complete ? kDone : kLayerMissing;
}

}  // namespace

void add_plan(App app, Globals& globals) {
  auto options = std::make_shared<PlanOptions>();
  App command =
      app.add_subcommand("plan", "what would be enforced here, layer by layer, and the gaps").group(kProve);
  command.add_option("FILE", options->file, "pool file, or the name of a pool").required();
  command.add_flag("--json", options->json, "for programs");
  command.add_flag("--enclosed", options->enclosed, "as the entrypoint of a container");
  command.add_option("COMMAND", options->command, "behind --: what would be done for `fpmbox exec`");
  command.callback(
      [options, &globals] { globals.command = [options, &globals] { return print_plan(*options, globals); }; });
}

}  // namespace cli
