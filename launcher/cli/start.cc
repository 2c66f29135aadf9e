#include "launcher/cli/start.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "launcher/cli/exit_codes.h"
#include "launcher/cli/pools.h"
#include "launcher/cli/scope.h"
#include "launcher/enforce/explain.h"
#include "launcher/enforce/launch.h"
#include "launcher/facts/probe.h"
#include "launcher/supervise/janitor.h"
#include "launcher/supervise/signals.h"
#include "launcher/sys/file.h"

namespace cli {
namespace {

using base::Result;
using base::Status;
using launcher::Plan;

Result<sys::Fd> duplicate(const sys::Fd& fd) {
  if (!fd) return sys::Fd();
  sys::Fd copy(::fcntl(fd.get(), F_DUPFD_CLOEXEC, 16));
  if (!copy) return sys::failure("dup", {});
  return copy;
}

// What the box leaves outside, as copies of the fds that prepare() opened.
Result<launcher::JanitorPlan> janitor_plan(const launcher::Prepared& box) {
  launcher::JanitorPlan plan;
  for (const launcher::CgroupOfBox& group : box.cgroups) {
    sys::Fd parent = TRY(duplicate(group.parent));
    sys::Fd kill = TRY(duplicate(group.kill));
    plan.cgroups.push_back({std::move(parent), group.name, std::move(kill)});
  }
  if (box.live.directory) {
    sys::Fd directory = TRY(duplicate(box.live.directory));
    const struct stat info = TRY(sys::status_of(box.live.inode.get()));
    plan.live_socket = launcher::JanitorPlan::Socket{std::move(directory), box.live.name, info.st_dev, info.st_ino};
  }
  return plan;
}

Result<launcher::Janitor> watch_over(const launcher::Prepared& box) {
  launcher::JanitorPlan plan = TRY(janitor_plan(box));
  return launcher::start_janitor(std::move(plan));
}

// By the janitor, and by ourselves where it cannot: its error says so, and we are root still.
void undo(const launcher::Prepared& box, launcher::Janitor janitor) {
  const auto finished = launcher::finish_janitor(std::move(janitor.socket), janitor.pid);
  if (!finished) print_error(box.plan->pool, finished.error().text() + "; the launcher removes them itself");
  launcher::take_back(box);
}

// true when the plan may be carried out; what it lacks is printed either way.
bool print_gaps(const Plan& plan) {
  for (const launcher::Gap& gap : plan.gaps)
    print_error(plan.pool, std::string(gap.required ? "missing layer " : "gap: ") + gap.layer + ": " + gap.reason + "; " + gap.fix);
  return std::none_of(plan.gaps.begin(), plan.gaps.end(), [](const launcher::Gap& gap) { return gap.required; });
}

void ask_for_scope(const Plan& plan, const launcher::HostFacts& facts, std::vector<std::string> arguments, const Globals& globals) {
  // ahead of the command: behind its `--` they would be the workload's
  if (!globals.catalog.empty()) arguments.insert(arguments.begin(), {"--catalog", globals.catalog});
  const auto command = scope_command(plan, facts, systemd_runs(), own_executable(), arguments);
  if (!command.empty()) enter_scope(command);
}

Status set_up_process() {
  ::umask(022);
  if (::access("/proc/self/fd", F_OK) != 0) return base::Error{"/proc is not mounted here: mount -t proc proc /proc", {}, 0, {}};
  TRY(launcher::block_signals());
  return launcher::reserve_low_fds();
}

void fail(const Plan& plan, const base::Error& error) { print_error(plan.pool, launcher::with_advice(error)); }

}  // namespace

std::optional<PlannedPool> plan_pool(const PoolOptions& options, const Globals& globals, sys::Stopwatch& laps, int& code) {
  const auto refuse = [&code](int with) -> std::optional<PlannedPool> {
    code = with;
    return std::nullopt;
  };
  if (auto ready = set_up_process(); !ready) {
    print_error(ready.error().text());
    return refuse(kSetupFailed);
  }
  base::Diagnostics diagnostics;
  auto loaded = load_profile(options.file, globals, diagnostics);
  if (!loaded) {
    print_error(loaded.error().text());
    return refuse(kUsage);
  }
  if (!loaded.value().is_pool) {
    print_error(loaded.value().file + " is a profile of the catalog; a pool file that extends it can be run");
    return refuse(kBadProfile);
  }
  if (!options.enclosed) take_as_caller(loaded.value());
  laps.lap("profiles read");
  std::vector<Loaded> given = {std::move(loaded).value()};
  const profiles::Composed& composed = given.front().composed;
  // The host is not asked about a profile that is wrong in itself, nor is a file that could not be read checked.
  const bool was_read = check_loaded(given.front(), diagnostics);
  if (was_read) check_beside_others(given, globals, diagnostics);
  if (!was_read || diagnostics.has_errors()) {
    print_diagnostics(diagnostics, stderr);
    return refuse(kBadProfile);
  }
  laps.lap("profiles checked");
  const bool is_service = options.request.is_service();
  const launcher::HostFacts facts =
      launcher::probe(composed.policy, {.enclosed = options.enclosed, .with_command = !is_service}, laps);
  Plan plan = launcher::plan({composed.policy, composed.origins, facts, options.request}, diagnostics);
  print_diagnostics(diagnostics, stderr);
  if (diagnostics.has_errors()) return refuse(kBadProfile);
  laps.lap("host checked, planned");
  if (!options.in_scope) ask_for_scope(plan, facts, options.again, globals);
  if (!print_gaps(plan)) return refuse(kLayerMissing);
  return PlannedPool{std::move(given.front()), std::move(plan)};
}

std::optional<launcher::RunningBox> start_box(const Plan& plan, const profiles::Origins& origins, sys::Stopwatch& laps,
                                              Kept& kept) {
  auto prepared = launcher::prepare(plan, origins, laps);
  if (!prepared) {
    fail(plan, prepared.error());
    return std::nullopt;
  }
  auto janitor = watch_over(prepared.value());
  if (!janitor) {
    launcher::take_back(prepared.value());
    fail(plan, janitor.error());
    return std::nullopt;
  }
  laps.lap("janitor");
  const auto born = [&janitor](int pidfd) { return launcher::hand_box_to_janitor(janitor.value().socket.get(), pidfd); };
  auto box = launcher::launch(prepared.value(), origins, {born, janitor.value().socket.get(), laps});
  if (!box) {
    undo(prepared.value(), std::move(janitor).value());
    fail(plan, box.error());
    return std::nullopt;
  }
  box.value().janitor = std::move(janitor.value().socket);
  box.value().janitor_pid = janitor.value().pid;
  kept.claim = std::move(prepared.value().pool_directory.claim);
  kept.live = std::move(prepared.value().live.listener);
  return std::move(box).value();
}

std::map<int, std::string> who_decided(const Plan& plan, const profiles::Origins& origins) {
  std::map<int, std::string> out;
  for (const launcher::FilterRule& rule : plan.filter.rules) {
    if (rule.action != launcher::FilterRule::Action::report) continue;
    if (rule.name == "execveat") {  // no profile's line: the gate
      out[rule.number] = "the one exec of the box, which is over";
      continue;
    }
    const profiles::Origin origin = origins.find("syscalls.report[" + rule.name + "]");
    out[rule.number] = origin.where.text() + (origin.through.empty() ? "" : " (" + origin.through + ")");
  }
  return out;
}

}  // namespace cli
