// fpmbox exec: one command in a box of its own, beside the pool's and by the same policy. The running box is not entered:
// whoever entered it would share pid numbers, memory limits and a user with hostile processes.

#include "launcher/cli/commands.h"
#include "launcher/cli/exit_codes.h"
#include "launcher/cli/pool_names.h"
#include "launcher/cli/start.h"
#include "launcher/enforce/sockets.h"
#include "launcher/facts/container.h"
#include "launcher/plan/inside.h"
#include "profiles/base/text.h"

namespace cli {
namespace {

struct ExecOptions {
  std::string file;
  bool enclosed = false;
  bool timings = false;
  bool in_scope = false;  // started again by ourselves
  std::vector<std::string> command;
};

constexpr mode_t kFolderMode = 0750;  // until the pool's launcher claims it and gives it to a group

// Of a pool that has never run the folder is made. A command is no less confined where they are not kept.
base::Result<launcher::KeptLog> keep_denials(const launcher::Plan& plan) {
  std::string run = launcher::outside::kRun;
  if (!plan.in_container) run = TRY(run_folder());
  const sys::Fd folder = TRY(launcher::make_pool_directory(run + "/" + plan.pool, kFolderMode));
  return launcher::KeptLog::open_first(folder.get(), launcher::kCommandDenialFiles);
}

int exec(const ExecOptions& options, const Globals& globals) {
  std::vector<std::string> again = {"exec", "--in-scope", options.file, "--"};
  again.insert(again.end(), options.command.begin(), options.command.end());
  sys::Stopwatch laps;
  int code = kDone;
  auto planned = plan_pool({options.file, options.enclosed || launcher::is_beside_entrypoint(), options.in_scope, {options.command}, std::move(again)}, globals, laps, code);
  if (!planned) return code;
  const std::string name = planned->plan.pool;
  if (auto kept = keep_denials(planned->plan))
    planned->denials = std::move(kept).value();
  else
    planned->say("what the command is denied is told here, and not kept: " + kept.error().text());
  const int ended = attend(std::move(*planned), base::join(options.command, " "), laps);
  laps.lap("the command, and the end of its box");
  if (options.timings)
    for (const std::string& line : sys::table(laps)) print_error(name, line);
  return ended;
}

}  // namespace

void add_exec(App app, Globals& globals) {
  auto options = std::make_shared<ExecOptions>();
  App command =
      app.add_subcommand("exec", "one command beside a pool, by the same policy: `-- php SCRIPT`, or a program that `programs:` names").group(kRun);
  command.add_option("FILE", options->file, "pool file, or the name of a pool").required();
  command.add_flag("--enclosed", options->enclosed, "in a container below an init of the engine's; beside an entrypoint it is one anyway");
  command.add_flag("--timings", options->timings, "print how long each phase took, at the end");
  command.add_flag("--in-scope", options->in_scope).group("");  // hidden: how `exec` starts itself again
  command.add_option("COMMAND", options->command, "behind --: php or a named program, and its arguments").required();
  command.callback([options, &globals] { globals.command = [options, &globals] { return exec(*options, globals); }; });
}

}  // namespace cli
