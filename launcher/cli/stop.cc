// fpmbox stop: ends boxes and waits until nothing of them is left.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>

#include <chrono>
#include <optional>
#include <set>

#include "launcher/boxes/pool_files.h"
#include "launcher/boxes/stop.h"
#include "launcher/cli/commands.h"
#include "launcher/cli/exit_codes.h"
#include "launcher/cli/load.h"
#include "launcher/cli/pool_names.h"
#include "launcher/cli/service.h"
#include "launcher/enforce/stale.h"
#include "launcher/facts/cgroups.h"
#include "launcher/sys/file.h"
#include "launcher/sys/process.h"
#include "profiles/base/text.h"
#include "profiles/base/units.h"

namespace cli {
namespace {

using base::Status;
using launcher::BoxRecord;
using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::milliseconds;

constexpr Milliseconds kForTheRest{10000};  // beyond the box's own stop_timeout: for the janitor, and for systemd
constexpr int kLookEveryMs = 50;

struct StopOptions {
  std::vector<std::string> names;
  std::string user;
  std::string timeout;
  bool remains = false;  // only of boxes whose launcher is dead
};

// One box that was asked to end.
struct Ending {
  std::string run;
  BoxRecord record;
  Clock::time_point asked;
};

// Neither: there is nothing to wait for.
struct Begun {
  std::optional<Ending> ending;
  std::string held;  // why a launcher that holds the pool could not be asked: it has no record before its box runs
};

void say(const std::string& pool, const std::string& text) { std::fprintf(stdout, "%s: %s\n", pool.c_str(), base::escape_control(text).c_str()); }

Status signal_recorded(const launcher::RecordedProcess& process, int number) {
  const sys::Fd opened = TRY(launcher::open_recorded(process));
  return sys::signal_process(opened.get(), number);
}

Status ask_to_end(const BoxRecord& record, launcher::Presence presence) {
  if (presence == launcher::Presence::orphaned) return signal_recorded(record.box, SIGKILL);
  if (is_service_of(record.unit, record.launcher.pid)) return ask_systemd_to_stop(record.unit);
  TRY(signal_recorded(record.launcher, SIGTERM));
  return signal_recorded(record.launcher, SIGCONT);  // one that was stopped (SIGSTOP) would not see the other
}

// A launcher that was killed before it could write which groups it made, in the groups that we are in: where it was started, as
// likely as not.
std::size_t remove_groups_of_the_dead(const std::string& pool) {
  std::set<std::string> parents;
  for (const auto& [controller, place] : launcher::find_cgroups()) parents.insert(place.path);
  std::size_t removed = 0;
  for (const std::string& parent : parents)
    if (auto directory = sys::open(parent, O_RDONLY | O_DIRECTORY))
      removed += launcher::remove_stale(directory.value().get(), "fpmbox-" + pool + "-", AT_REMOVEDIR);
  return removed;
}

// Nothing of the box runs, as far as is known; what is left is a record, or one that nobody can read, or none.
base::Result<Begun> clear(const std::string& run, const std::string& pool, const std::string& why, const BoxRecord* record, bool quietly) {
  auto cleared = launcher::clear_stale(run, pool, record);
  if (!cleared && cleared.error().code != ENOENT) return cleared.take_error();
  if (cleared && cleared.value() == launcher::Cleared::held) return Begun{std::nullopt, quietly ? "" : why};
  const bool had_groups = remove_groups_of_the_dead(pool) != 0;
  if (had_groups || (cleared && cleared.value() == launcher::Cleared::removed))
    say(pool, "does not run; what was left of it (" + why + ") is removed");
  else if (!quietly)
    say(pool, "does not run");
  return Begun();
}

base::Result<Begun> begin(const std::string& run, const std::string& pool, bool remains) {
  const auto found = launcher::read_box(run, pool);
  if (!found) return clear(run, pool, "it has no record", nullptr, remains);
  auto presence = launcher::Presence::gone;
  if (found->mistake.empty()) presence = launcher::presence_of(found->record, launcher::boot_id(), launcher::Processes::now());
  if (presence == launcher::Presence::gone) {
    const bool is_believed = found->mistake.empty();
    return clear(run, pool, is_believed ? "its processes are gone" : found->mistake, is_believed ? &found->record : nullptr, remains);
  }
  if (remains && presence == launcher::Presence::running) return Begun();
  auto asked = ask_to_end(found->record, presence);
  if (!asked && asked.error().code != ESRCH) return asked.take_error();  // gone this moment: as was wanted
  return Begun{Ending{run, found->record, Clock::now()}, {}};
}

// A box that is starting is asked as soon as it can be.
base::Result<std::optional<Ending>> begin_at_last(const std::string& run, const std::string& pool, bool remains, Clock::time_point deadline) {
  for (;;) {
    Begun begun = TRY(begin(run, pool, remains));
    if (begun.held.empty()) return std::move(begun.ending);
    if (Clock::now() >= deadline) return base::Error{"a launcher holds the pool, but " + begun.held + "; stop it where it was started", {}, 0, {}};
    ::poll(nullptr, 0, kLookEveryMs);
  }
}

// Of an orphan nobody else cleans up: its launcher and its janitor are gone.
void clear_after(const Ending& ending) {
  if (launcher::open_recorded(ending.record.launcher)) return;
  if (!launcher::open_recorded(ending.record.box)) (void)launcher::clear_stale(ending.run, ending.record.pool, &ending.record).ok();
}

std::vector<std::string> wait_for(const Ending& ending, Clock::time_point deadline) {
  for (;;) {
    clear_after(ending);
    auto left = launcher::remains_of(ending.record, ending.run);
    if (left.empty() || Clock::now() >= deadline) return left;
    const auto launcher = launcher::open_recorded(ending.record.launcher);
    pollfd end = {launcher ? launcher.value().get() : -1, POLLIN, 0};
    ::poll(&end, 1, kLookEveryMs);
  }
}

std::string seconds_since(Clock::time_point start) {
  const auto tenths = std::chrono::duration_cast<Milliseconds>(Clock::now() - start).count() / 100;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
}

Milliseconds patience_of(const std::optional<base::Duration>& timeout, Milliseconds own) {
  return timeout ? Milliseconds(static_cast<long>(timeout->milliseconds)) : own;
}

// Somebody else's process or group in the box's keeps it there.
std::string what_now(const BoxRecord& record) {
  if (launcher::Processes::now().has(record.launcher)) return "it goes on stopping, and a second `fpmbox stop` kills it";
  return "its launcher has ended; `fpmbox stop --remains " + record.pool + "` removes what nobody uses any more";
}

bool finish(const Ending& ending, const std::optional<base::Duration>& timeout) {
  const Milliseconds own(static_cast<long>(ending.record.stop_timeout_ms));
  const Milliseconds patience = patience_of(timeout, own + kForTheRest);
  const auto left = wait_for(ending, ending.asked + patience);
  const std::string took = seconds_since(ending.asked);
  if (left.empty())
    say(ending.record.pool, "stopped in " + took);
  else
    print_error(ending.record.pool + ": after " + took + " there is still " + base::join(left, ", ") + "; " + what_now(ending.record));
  return left.empty();
}

int stop(const StopOptions& options, const Globals& globals) {
  const auto timeout = base::parse_duration(options.timeout);
  if (!options.timeout.empty() && !timeout) {
    print_error("--timeout " + options.timeout + " is no time; write it as 30s or 500ms");
    return kUsage;
  }
  const auto run = run_folder_of(options.user);
  if (!run) {
    print_error(run.error().text());
    return options.user.empty() ? kLayerMissing : kUsage;
  }
  const auto names = known_pools(options.names, run.value(), globals);
  if (!names) {
    print_error(names.error().text());
    return kUsage;
  }
  int code = kDone;
  std::vector<Ending> endings;
  const Clock::time_point deadline = Clock::now() + patience_of(timeout, kForTheRest);
  for (const std::string& pool : names.value()) {  // all are asked before the first is waited for
    auto ending = begin_at_last(run.value(), pool, options.remains, deadline);
    if (ending && ending.value()) endings.push_back(std::move(*ending.value()));
    if (ending) continue;
    print_error(pool + ": " + ending.error().text());
    code = kNotYet;
  }
  for (const Ending& ending : endings)
    if (!finish(ending, timeout)) code = kNotYet;
  return code;
}

}  // namespace

void add_stop(App app, Globals& globals) {
  auto options = std::make_shared<StopOptions>();
  App command = app.add_subcommand("stop", "end boxes: running requests finish first; a second stop kills").group(cli::kRun);
  command.add_option("NAME", options->names, "pools").required();
  command.add_option("--timeout", options->timeout, "how long to wait, as 30s; the pool's stop_timeout and 10s without").type_name("TIME");
  command.add_option("--user", options->user, kWhoseBoxes).type_name("USER");
  command.add_flag("--remains", options->remains, "only what is left of boxes whose launcher was killed; says nothing when there is nothing");
  command.callback([options, &globals] { globals.command = [options, &globals] { return stop(*options, globals); }; });
}

}  // namespace cli
