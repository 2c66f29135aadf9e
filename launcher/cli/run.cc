// fpmbox run: one box in the foreground.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "launcher/cli/commands.h"
#include "launcher/cli/exit_codes.h"
#include "launcher/cli/load.h"
#include "launcher/cli/pools.h"
#include "launcher/cli/scope.h"
#include "launcher/enforce/explain.h"
#include "launcher/enforce/launch.h"
#include "launcher/facts/probe.h"
#include "launcher/plan/planner.h"
#include "launcher/supervise/janitor.h"
#include "launcher/supervise/signals.h"
#include "launcher/supervise/supervise.h"
#include "launcher/sys/file.h"
#include "profiles/checks/checks.h"

namespace cli {
namespace {

using base::Result;
using base::Status;
using launcher::Plan;

struct RunOptions {
  std::string file;
  bool enclosed = false;
  bool timings = false;
  bool in_scope = false;  // started again by ourselves
};

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

// "catalog/base.yaml:31 (@debug)" by number of the call, for denials.
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

launcher::SuperviseOptions supervise_options(const Plan& plan, const profiles::Origins& origins, launcher::Notifier notify) {
  launcher::SuperviseOptions options;
  options.pool = plan.pool;
  if (plan.supervisor_uid && ::geteuid() == 0) options.supervisor = {*plan.supervisor_uid, *plan.supervisor_gid};
  options.timeouts.start = launcher::Milliseconds(static_cast<long>(plan.start_timeout_ms));
  options.timeouts.stop = launcher::Milliseconds(static_cast<long>(plan.stop_timeout_ms));
  options.decided_by = who_decided(plan, origins);
  options.notify = std::move(notify);
  return options;
}

int setup_failed(const Plan& plan, const base::Error& error) {
  print_error(plan.pool, launcher::with_advice(error));
  return kSetupFailed;
}

int start(Plan plan, const profiles::Origins& origins, launcher::Notifier notify, sys::Stopwatch& laps, bool timings) {
  launcher::Output output(STDERR_FILENO);
  auto options = supervise_options(plan, origins, std::move(notify));
  options.notify.starting(options.timeouts.start);
  auto prepared = launcher::prepare(plan, origins, laps);
  if (!prepared) return setup_failed(plan, prepared.error());
  auto janitor = watch_over(prepared.value());
  if (!janitor) {
    launcher::take_back(prepared.value());
    return setup_failed(plan, janitor.error());
  }
  laps.lap("janitor");
  const auto born = [&janitor](int pidfd) { return launcher::hand_box_to_janitor(janitor.value().socket.get(), pidfd); };
  auto box = launcher::launch(prepared.value(), origins, {born, janitor.value().socket.get(), laps});
  if (!box) {
    undo(prepared.value(), std::move(janitor).value());
    return setup_failed(plan, box.error());
  }
  box.value().janitor = std::move(janitor.value().socket);
  box.value().janitor_pid = janitor.value().pid;
  // All that the unprivileged launcher still holds of the set-up: its claim on the pool, and the live socket.
  const sys::Fd claim = std::move(prepared.value().pool_directory.claim);
  const sys::Fd live = std::move(prepared.value().live.listener);
  prepared = base::Error{"used up", {}, 0, {}};
  if (timings)
    options.answered = [&] {
      laps.lap("php-fpm, until its first answer");
      for (const std::string& line : sys::table(laps)) output.line(options.pool + ": " + line);
    };
  return launcher::supervise(std::move(box).value(), std::move(options), output);
}

// true when the plan may be carried out; what it lacks is printed either way.
bool print_gaps(const Plan& plan) {
  for (const launcher::Gap& gap : plan.gaps)
    print_error(plan.pool, std::string(gap.required ? "missing layer " : "gap: ") + gap.layer + ": " + gap.reason + "; " + gap.fix);
  return std::none_of(plan.gaps.begin(), plan.gaps.end(), [](const launcher::Gap& gap) { return gap.required; });
}

void ask_for_scope(const Plan& plan, const launcher::HostFacts& facts, const std::string& file, const Globals& globals) {
  std::vector<std::string> arguments = {"run", "--in-scope", file};
  if (!globals.catalog.empty()) arguments.insert(arguments.end(), {"--catalog", globals.catalog});
  const auto command = scope_command(plan, facts, systemd_runs(), own_executable(), arguments);
  if (!command.empty()) enter_scope(command);
}

Status set_up_process() {
  ::umask(022);
  TRY(launcher::block_signals());
  return launcher::reserve_low_fds();
}

int run(const RunOptions& options, const Globals& globals) {
  if (auto ready = set_up_process(); !ready) {
    print_error(ready.error().text());
    return kSetupFailed;
  }
  base::Diagnostics diagnostics;
  sys::Stopwatch laps;
  auto loaded = load_profile(options.file, globals, diagnostics);
  if (!loaded) {
    print_error(loaded.error().text());
    return kUsage;
  }
  if (!loaded.value().is_pool) {
    print_error(loaded.value().file + " is a profile of the catalog; a pool file that extends it can be run");
    return kBadProfile;
  }
  if (!options.enclosed) take_as_caller(loaded.value());
  laps.lap("profiles read");
  const std::vector<Loaded> given = {std::move(loaded).value()};
  const Loaded& pool = given.front();
  const profiles::Composed& composed = pool.composed;
  // The host is not asked about a profile that is wrong in itself, nor is a file that could not be read checked.
  const bool was_read = check_loaded(pool, diagnostics);
  if (was_read) check_beside_others(given, globals, diagnostics);
  if (!was_read || diagnostics.has_errors()) {
    print_diagnostics(diagnostics, stderr);
    return kBadProfile;
  }
  laps.lap("profiles checked");
  const launcher::HostFacts facts = launcher::probe(composed.policy, {.enclosed = options.enclosed}, laps);
  Plan plan = launcher::plan({composed.policy, composed.origins, facts}, diagnostics);
  print_diagnostics(diagnostics, stderr);
  if (diagnostics.has_errors()) return kBadProfile;
  laps.lap("host checked, planned");
  if (!options.in_scope) ask_for_scope(plan, facts, pool.file, globals);
  if (!print_gaps(plan)) return kLayerMissing;
  auto notify = launcher::Notifier::from_environment();
  if (!notify) return setup_failed(plan, notify.error());
  return start(std::move(plan), composed.origins, std::move(notify).value(), laps, options.timings);
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
