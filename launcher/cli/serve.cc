// The two roads of a box from its set-up to its end: `run`, `exec`, and `test`, which takes both.
#include <unistd.h>

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

launcher::SuperviseOptions supervise_options(const Plan& plan, const profiles::Origins& origins, launcher::Notifier notify) {
  launcher::SuperviseOptions options;
  options.pool = plan.pool;
  options.supervisor = supervisor_of(plan);
  options.timeouts.start = launcher::Milliseconds(static_cast<long>(plan.start_timeout_ms));
  options.timeouts.stop = launcher::Milliseconds(static_cast<long>(plan.stop_timeout_ms));
  options.decided_by = who_decided(plan, origins);
  options.notify = std::move(notify);
  return options;
}

launcher::AttendOptions attend_options(const Plan& plan, const profiles::Origins& origins) {
  launcher::AttendOptions options;
  options.pool = plan.pool;
  options.supervisor = supervisor_of(plan);
  options.stop = launcher::Milliseconds(static_cast<long>(plan.stop_timeout_ms));
  options.decided_by = who_decided(plan, origins);
  return options;
}

}  // namespace

int serve(PlannedPool& pool, launcher::Output& output, Serving serving, sys::Stopwatch& laps) {
  auto options = supervise_options(pool.plan, pool.pool.composed.origins, std::move(serving.notify));
  options.notify.starting(options.timeouts.start);
  Kept kept;
  auto box = start_box(pool, laps, kept);
  if (!box) return kSetupFailed;
  options.state = std::move(kept.state);
  output.keep_in(std::move(pool.log));
  options.answered = std::move(serving.answered);
  return launcher::supervise(std::move(*box), std::move(options), output);
}

int attend(PlannedPool& pool, sys::Stopwatch& laps) {
  Kept kept;
  auto box = start_box(pool, laps, kept);
  if (!box) return kSetupFailed;
  return launcher::attend(std::move(*box), attend_options(pool.plan, pool.pool.composed.origins));
}

}  // namespace cli
