// fpmbox ps: every box of this machine, whoever started it; to an ordinary user its own.
#include <unistd.h>

#include <algorithm>

#include "launcher/boxes/view.h"
#include "launcher/cli/commands.h"
#include "launcher/cli/exit_codes.h"
#include "launcher/cli/load.h"
#include "launcher/cli/other_users.h"
#include "launcher/cli/pool_names.h"
#include "profiles/base/json.h"

namespace cli {
namespace {

using base::Json;
using base::Result;

struct PsOptions {
  std::vector<std::string> names;
  std::string user;
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

Result<std::vector<launcher::BoxView>> boxes_in(const std::string& run, const PsOptions& options, const Globals& globals) {
  auto names = options.names.empty() ? launcher::find_pool_folders(run) : known_pools(options.names, run, globals);
  if (!names) return names.take_error();
  const launcher::Moment moment = TRY(launcher::this_moment());
  auto boxes = look(run, names.value(), moment);
  if (options.outdated) std::erase_if(boxes, [](const launcher::BoxView& box) { return box.outdated.empty(); });
  return boxes;
}

std::string text_of(const std::vector<launcher::BoxView>& boxes, const PsOptions& options) {
  if (options.json) return launcher::print_boxes_json(boxes);
  return boxes.empty() ? "" : launcher::print_boxes(boxes);
}

Result<std::string> own_text(const PsOptions& options, const Globals& globals) {
  const std::string run = TRY(run_folder());
  const auto boxes = TRY(boxes_in(run, options, globals));
  return text_of(boxes, options);
}

// Two texts as one: lists of JSON, or tables with a line between that says whose.
base::Status add(std::string& all, const std::string& more, const std::string& whose, const PsOptions& options) {
  if (!options.json) {
    if (!more.empty()) all += (all.empty() ? "" : "\n") + std::string("of ") + whose + ":\n" + more;
    return base::success();
  }
  Json list = TRY(Json::parse(all));
  const Json others = TRY(Json::parse(more));
  for (const Json& box : others.items()) list.push_back(box);
  all = list.dump(2) + "\n";
  return base::success();
}

// Of one user that cannot be asked the others' are shown all the same.
int add_others(std::string& all, const PsOptions& options, const Globals& globals) {
  int code = kDone;
  for (const launcher::UserEntry& user : users_with_boxes(kUsersRuns)) {
    const auto text = answer_of(user, [&] { return own_text(options, globals); });
    const auto added = text ? add(all, text.value(), user.name, options) : base::Status(text.error());
    if (added) continue;
    print_error(added.error().text());
    code = kSetupFailed;
  }
  return code;
}

int ps(const PsOptions& options, const Globals& globals) {
  const auto run = run_folder_of(options.user);
  if (!run) {
    print_error(run.error().text());
    return options.user.empty() ? kLayerMissing : kUsage;
  }
  const auto boxes = boxes_in(run.value(), options, globals);
  if (!boxes) {
    print_error(boxes.error().text());
    return options.names.empty() ? kSetupFailed : kUsage;
  }
  std::string text = text_of(boxes.value(), options);
  const int code = ::geteuid() == 0 && options.names.empty() ? add_others(text, options, globals) : kDone;
  std::fputs(text.c_str(), stdout);
  if (text.empty() && !options.outdated) std::fputs("no box runs\n", stderr);
  return code;
}

}  // namespace

void add_ps(App app, Globals& globals) {
  auto options = std::make_shared<PsOptions>();
  App command = app.add_subcommand("ps", "every box, whoever started it, and whether a restart would change it").group(kRun);
  command.add_option("NAME", options->names, "pools; all without");
  command.add_option("--user", options->user, kWhoseBoxes).type_name("USER");
  command.add_flag("--json", options->json, "for programs");
  command.add_flag("--outdated", options->outdated, "only boxes that run what is no longer on disk");
  command.callback([options, &globals] { globals.command = [options, &globals] { return ps(*options, globals); }; });
}

}  // namespace cli
