// fpmbox run: one box in the foreground.
#include <sched.h>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include "launcher/cli/commands.h"
#include "launcher/cli/exit_codes.h"
#include "launcher/cli/start.h"
#include "launcher/supervise/supervise.h"

namespace cli {
namespace {

using launcher::Plan;

struct RunOptions {
  std::string file;
  bool enclosed = false;
  bool timings = false;
  bool in_scope = false;  // started again by ourselves
};

launcher::SuperviseOptions supervise_options(const Plan& plan, const launcher::DenialContext& denials, launcher::Notifier notify) {
  launcher::SuperviseOptions options;
  options.pool = plan.pool;
  if (plan.supervisor_uid && ::geteuid() == 0) options.supervisor = {*plan.supervisor_uid, *plan.supervisor_gid};
  options.timeouts.start = launcher::Milliseconds(static_cast<long>(plan.start_timeout_ms));
  options.timeouts.stop = launcher::Milliseconds(static_cast<long>(plan.stop_timeout_ms));
  options.denials = &denials;
  options.has_pid_namespace = (plan.namespaces & CLONE_NEWPID) != 0;
  options.limits = limits_in_words(plan, denials.origins);
  options.notify = std::move(notify);
  return options;
}

// Takes the pool: of profile and plan a launcher that supervises needs no more than what denials are held against.
int start(std::optional<PlannedPool> pool, launcher::Notifier notify, sys::Stopwatch& laps, bool timings) {
  launcher::Output output(STDERR_FILENO);
  const launcher::DenialContext denials = denial_context(*pool);
  auto options = supervise_options(pool->plan, denials, std::move(notify));
  options.notify.starting(options.timeouts.start);
  Kept kept;
  auto box = start_box(*pool, laps, kept);
  if (!box) return kSetupFailed;
  pool.reset();
  options.state = std::move(kept.state);
  output.keep_in(std::move(kept.log));
  options.kept_denials = std::move(kept.denials);
  if (timings)
    options.answered = [&laps, &output, name = options.pool] {
      laps.lap("php-fpm, until its first answer");
      for (const std::string& line : sys::table(laps)) output.line(name + ": " + line);
    };
  return launcher::supervise(std::move(*box), std::move(options), output);
}

int run(const RunOptions& options, const Globals& globals) {
  sys::Stopwatch laps;
  int code = kDone;
  auto planned = plan_pool({options.file, options.enclosed, options.in_scope, {}, {"run", "--in-scope", options.file}}, globals, laps, code);
  if (!planned) return code;
  auto notify = launcher::Notifier::from_environment();
  if (notify) return start(std::move(planned), std::move(notify).value(), laps, options.timings);
  planned->say(notify.error());
  return kSetupFailed;
}

}  // namespace

void add_run(CLI::App& app, Globals& globals) {
  auto options = std::make_shared<RunOptions>();
  CLI::App* command =
      app.add_subcommand("run", "one box in the foreground: a systemd unit, a container, a terminal")->group(kRun);
  command->add_option("FILE", options->file, "pool file, or the name of a pool")->required();
  command->add_flag("--enclosed", options->enclosed,
                    "no namespaces and mounts of its own: a container runtime made them already");
  command->add_flag("--timings", options->timings, "print how long each phase of the start took");
  command->add_flag("--in-scope", options->in_scope)->group("");  // hidden: how `run` starts itself again
  command->callback([options, &globals] { globals.command = [options, &globals] { return run(*options, globals); }; });
}

}  // namespace cli
