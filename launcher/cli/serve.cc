// The two roads of a box from its set-up to its end: `run`, `exec`, and `test`, which takes both.
#include <sched.h>
#include <unistd.h>

#include <functional>
#include <memory>

#include "launcher/cli/exit_codes.h"
#include "launcher/cli/start.h"
#include "launcher/supervise/attend.h"
#include "launcher/supervise/supervise.h"

namespace cli {
namespace {

using launcher::Plan;

std::optional<launcher::Ids> supervisor_of(const Plan& plan) {
  if (!plan.supervisor_uid || ::geteuid() != 0) return std::nullopt;
  return launcher::Ids{*plan.supervisor_uid, *plan.supervisor_gid};
}

launcher::SuperviseOptions supervise_options(const Plan& plan, const launcher::DenialContext& denials, launcher::Notifier notify) {
  launcher::SuperviseOptions options;
  options.pool = plan.pool;
  options.supervisor = supervisor_of(plan);
  options.timeouts.start = launcher::Milliseconds(static_cast<long>(plan.start_timeout_ms));
  options.timeouts.stop = launcher::Milliseconds(static_cast<long>(plan.stop_timeout_ms));
  options.denials = &denials;
  options.has_pid_namespace = (plan.namespaces & CLONE_NEWPID) != 0;
  options.limits = limits_in_words(plan, denials.origins);
  options.notify = std::move(notify);
  return options;
}

launcher::AttendOptions attend_options(const Plan& plan, const launcher::DenialContext& denials, std::string command) {
  launcher::AttendOptions options;
  options.pool = plan.pool;
  options.supervisor = supervisor_of(plan);
  options.stop = launcher::Milliseconds(static_cast<long>(plan.stop_timeout_ms));
  options.denials = &denials;
  options.limits = limits_in_words(plan, denials.origins);
  options.command = std::move(command);
  return options;
}

// What the launcher needs no more of a plan, once nothing happens: not before, when the box starts and has better uses for the processors.
std::function<void()> forget(std::unique_ptr<PlannedPool>& pool, launcher::DenialContext& denials) {
  return [&pool, &denials] {
    if (!pool) return;
    pool.reset();
    launcher::shed_long_lists(denials);
  };
}

}  // namespace

int serve(PlannedPool given, launcher::Output& output, Serving serving, sys::Stopwatch& laps) {
  auto pool = std::make_unique<PlannedPool>(std::move(given));
  serving.notify.starting(launcher::Milliseconds(static_cast<long>(pool->plan.start_timeout_ms)));
  Kept kept;
  auto box = start_box(*pool, laps, kept);
  if (!box) return kSetupFailed;
  launcher::DenialContext denials = denial_context(*pool);
  auto options = supervise_options(pool->plan, denials, std::move(serving.notify));
  options.health = std::move(pool->health);
  options.state = std::move(kept.state);
  output.keep_in(std::move(kept.log));
  options.kept_denials = std::move(kept.denials);
  options.answered = std::move(serving.answered);
  options.at_rest = forget(pool, denials);
  return launcher::supervise(std::move(*box), std::move(options), output);
}

int attend(PlannedPool given, std::string command, sys::Stopwatch& laps) {
  auto pool = std::make_unique<PlannedPool>(std::move(given));
  Kept kept;
  auto box = start_box(*pool, laps, kept);
  if (!box) return kSetupFailed;
  auto denials = std::make_unique<launcher::DenialContext>(denial_context(*pool));
  auto options = attend_options(pool->plan, *denials, std::move(command));
  options.kept_denials = std::move(kept.denials);
  options.at_rest = forget(pool, *denials);
  const int code = launcher::attend(std::move(*box), std::move(options));
  (void)pool.release();  // of a command that took no time: they end with the process, which is quicker than taking them apart
  (void)denials.release();
  return code;
}

}  // namespace cli
