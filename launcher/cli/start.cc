#include "launcher/cli/start.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "launcher/boxes/pool_files.h"
#include "launcher/cli/container.h"
#include "launcher/cli/exit_codes.h"
#include "launcher/cli/pools.h"
#include "launcher/cli/publish.h"
#include "launcher/cli/scope.h"
#include "launcher/enforce/explain.h"
#include "launcher/enforce/launch.h"
#include "launcher/facts/probe.h"
#include "launcher/learn/recording_plan.h"
#include "launcher/supervise/first_process.h"
#include "launcher/supervise/janitor.h"
#include "launcher/supervise/own_privileges.h"
#include "launcher/supervise/signals.h"
#include "launcher/sys/file.h"
#include "profiles/base/units.h"

namespace cli {
namespace {

using base::Result;
using base::Status;
using base::during;
using launcher::Plan;

Result<sys::Fd> duplicate(const sys::Fd& fd) {
  if (!fd) return sys::Fd();
  sys::Fd copy(::fcntl(fd.get(), F_DUPFD_CLOEXEC, 16));
  if (!copy) return sys::failure("dup", {});
  return copy;
}

Result<launcher::JanitorPlan::File> file_of(const sys::Fd& directory, launcher::Few<launcher::FileName, 2> names, const sys::Fd& inode) {
  launcher::JanitorPlan::File out{{}, names, {}};
  out.directory = TRY(duplicate(directory));
  out.inode = TRY(duplicate(inode));
  return out;
}

Result<launcher::JanitorPlan::Program> program_of(const launcher::ProgramCopy& copy) {
  launcher::JanitorPlan::Program out{{}, copy.name, {}, {}};
  out.directory = TRY(duplicate(copy.directory));
  out.lock = TRY(duplicate(copy.lock));
  out.source = TRY(duplicate(copy.source));
  return out;
}

// What the box leaves outside, as copies of the fds that prepare() opened.
Result<launcher::JanitorPlan> janitor_plan(const launcher::Prepared& box, const launcher::PoolFiles& files) {
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
  if (files.record) {
    const sys::Fd& folder = box.pool_directory.directory;
    auto record = TRY(file_of(folder, {launcher::kRecordDraft, launcher::kRecordFile}, files.record));
    auto state = TRY(file_of(folder, {launcher::kStateFile}, files.state));
    plan.files.push_back(std::move(record));
    plan.files.push_back(std::move(state));
  }
  if (box.copy.lock) plan.program = TRY(program_of(box.copy));  // an ordinary user's copy has no name
  return plan;
}

Result<launcher::Janitor> watch_over(const launcher::Prepared& box, const launcher::PoolFiles& files) {
  launcher::JanitorPlan plan = TRY(janitor_plan(box, files));
  return launcher::start_janitor(std::move(plan));
}

// What others can see of a box that did not come up, or must not stay; by ourselves, who are root still.
void remove_all(const launcher::Prepared& box) {
  launcher::take_back(box);
  if (box.pool_directory.directory) launcher::remove_pool_files(box.pool_directory.directory.get());
}

// By the janitor, and by ourselves where it cannot.
void undo(PlannedPool& pool, const launcher::Prepared& box, launcher::Janitor janitor) {
  const auto finished = launcher::finish_janitor(std::move(janitor));
  if (!finished) pool.say(finished.error().text() + "; the launcher removes them itself");
  remove_all(box);
}

// Before the gaps are said, so that the pool's log has them too.
Status claim(PlannedPool& pool) {
  if (pool.plan.pool_directory.path.empty()) return base::success();
  pool.claimed = TRY(claim_folder(pool.plan));
  const int folder = pool.claimed.directory.get();
  const std::string path = pool.plan.pool_directory.path;
  pool.log = TRY(during("the log in " + path, launcher::KeptLog::open(folder)));
  pool.denials = TRY(during("the denials in " + path, launcher::KeptLog::open(folder, launcher::kDenialFiles)));
  if (pool.plan.in_container) pool.health = TRY(during("the health socket in " + path, launcher::open_health_socket(folder)));
  return base::success();
}

Result<launcher::PoolFiles> make_files(const PlannedPool& pool) {
  if (!pool.claimed.directory || !pool.leaves_record) return launcher::PoolFiles();
  return launcher::make_pool_files(pool.claimed.directory.get());
}

// A recording box is in the host's network, and so resolves names as the host does.
launcher::HostFacts look_at_host(const profiles::Policy& policy, const PoolOptions& options, launcher::BoxTrial& trial, sys::Stopwatch& laps) {
  const bool starts_php = !options.request.is_service() && options.request.command.front() == "php";
  const launcher::ProbeOptions asked{.enclosed = options.enclosed, .with_command = starts_php, .trial = &trial};
  if (!options.request.is_recording) return launcher::probe(policy, asked, laps);
  profiles::Policy looked_for = policy;
  looked_for.network.mode = profiles::NetworkMode::host;
  return launcher::probe(looked_for, asked, laps);
}

Status set_up_process() {
  ::umask(022);
  if (::access("/proc/self/fd", F_OK) != 0) return base::Error{"/proc is not mounted here: mount -t proc proc /proc", {}, 0, {}};
  TRY(launcher::block_signals());
  return launcher::reserve_low_fds();
}

// The box itself, once it is prepared.
Result<launcher::RunningBox> launch_box(PlannedPool& pool, launcher::Prepared& prepared, launcher::PoolFiles& files, sys::Stopwatch& laps) {
  const profiles::Origins& origins = pool.pool.composed.origins;
  if (auto emptied = launcher::empty_bounding_set(); !emptied) {  // once for box, janitor and launcher; each reads back that it is
    remove_all(prepared);
    return emptied.take_error();
  }
  auto started = watch_over(prepared, files);  // ahead of the box, so that it gets ready beside the box's mounts
  if (!started) {
    remove_all(prepared);
    return std::move(started).take_error().during("the janitor");
  }
  launcher::Janitor janitor = std::move(started).value();
  prepared.watchers_socket = janitor.socket.get();
  laps.lap("janitor");
  const auto born = [&](int pidfd) -> Status {
    TRY(launcher::await_janitor(janitor));
    laps.lap("janitor, until it is ready");
    return launcher::hand_box_to_janitor(janitor.socket.get(), pidfd);
  };
  auto box = launcher::launch(prepared, origins, {born, [&prepared] { launcher::remove_remains_of_others(prepared); }, laps});
  Status done = box ? base::success() : box.error();
  if (box && files.record) done = publish({pool.pool, pool.plan, own_unit()}, prepared, box.value(), files);
  if (!done) {
    undo(pool, prepared, std::move(janitor));
    return done.take_error();
  }
  box.value().janitor = std::move(janitor);
  return box;
}

Result<launcher::RunningBox> make_box(PlannedPool& pool, sys::Stopwatch& laps, Kept& kept) {
  launcher::PoolDirectory shared = TRY(during("the pool's folder " + pool.plan.pool_directory.path, share(pool.claimed)));
  auto namespaces = pool.trial ? pool.trial->take_namespaces() : std::vector<launcher::FreshNamespace>();
  pool.trial.reset();  // its process would be in the way of control groups
  auto prepared = launcher::prepare(pool.plan, std::move(shared), pool.pool.composed.origins, laps);
  if (!prepared) return prepared.take_error();
  prepared.value().namespaces = std::move(namespaces);
  auto made = make_files(pool);  // after all that a library does for us: one that aborts for want of memory leaves nothing
  if (!made) {
    remove_all(prepared.value());
    return std::move(made).take_error().during("the box's record in " + pool.plan.pool_directory.path);
  }
  launcher::PoolFiles files = std::move(made).value();
  launcher::RunningBox box = TRY(launch_box(pool, prepared.value(), files, laps));
  kept.live = std::move(prepared.value().live.listener);
  kept.state = std::move(files.state);
  return box;
}

}  // namespace

void PlannedPool::say(const std::string& text) {
  print_error(plan.pool, text);
  log.line(plan.pool + ": " + text);
}

void PlannedPool::say(const base::Error& error) { say(launcher::with_advice(error)); }

void ask_for_scope(const Plan& plan, LoadedPool& loaded, std::vector<std::string> arguments, const Globals& globals) {
  // ahead of the command: behind its `--` they would be the workload's
  if (!globals.catalog.empty()) arguments.insert(arguments.begin(), {"--catalog", globals.catalog});
  const auto command = scope_command(plan, loaded.facts, systemd_runs(), own_executable(), arguments);
  if (command.empty()) return;
  loaded.trial.reset();  // whoever we become would not know that child
  enter_scope(command);
}

// prepare() gets fds of its own: ours stay open until the very end, for without the claim the folder could be another's.
Result<launcher::PoolDirectory> share(const launcher::PoolDirectory& claimed) {
  launcher::PoolDirectory out;
  out.directory = TRY(duplicate(claimed.directory));
  out.claim = TRY(duplicate(claimed.claim));
  return out;
}

Result<launcher::PoolDirectory> claim_folder(const Plan& plan) {
  if (plan.pool_directory.path.rfind('/') == 0) return base::Error{"there is no folder for the pool's socket", {}, 0, {}};
  auto claimed = launcher::claim_pool_directory(plan.pool, plan.pool_directory);
  if (!claimed) return std::move(claimed).take_error().during("the pool's folder");
  return claimed;
}

bool say_gaps(PlannedPool& pool) {
  const auto& gaps = pool.plan.gaps;
  for (const launcher::Gap& gap : gaps)
    pool.say(std::string(gap.required ? "missing layer " : "gap: ") + gap.layer + ": " + gap.reason +
             (gap.stands_in.empty() ? "" : "; in its place: " + gap.stands_in) + "; " + gap.fix);
  print_corrected_command(pool.plan.pool, pool.plan.corrected_command);
  return std::none_of(gaps.begin(), gaps.end(), [](const launcher::Gap& gap) { return gap.required; });
}

std::optional<LoadedPool> load_pool(const PoolOptions& options, const Globals& globals, sys::Stopwatch& laps, int& code,
                                    launcher::BoxTrial::For purpose) {
  const auto refuse = [&code](int with) -> std::optional<LoadedPool> {
    code = with;
    return std::nullopt;
  };
  if (auto ready = set_up_process(); !ready) {
    print_error(ready.error().text());
    return refuse(kSetupFailed);
  }
  auto trial = std::make_unique<launcher::BoxTrial>(purpose);  // so early because a fork copies what memory there is
  if (!trial->shortage()) {
    print_error(launcher::with_advice(trial->shortage().error()));
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
  const bool contained = is_contained(options.enclosed);
  auto wishes = read_wishes(contained);
  if (!wishes) {
    print_error(wishes.error().text());
    return refuse(kUsage);
  }
  loaded.value().in_container = contained;
  if (!contained) take_as_caller(loaded.value());
  launcher::grant_wishes(wishes.value(), loaded.value().composed.policy);
  laps.lap("profiles read");
  std::vector<Loaded> given;  // no initializer list, which would copy
  given.push_back(std::move(loaded).value());
  // The host is not asked about a profile that is wrong in itself, nor is a file that could not be read checked.
  const bool was_read = check_loaded(given.front(), diagnostics);
  if (was_read) check_beside_others(given, globals, diagnostics);
  if (!was_read || diagnostics.has_errors()) {
    print_diagnostics(diagnostics, stderr);
    return refuse(kBadProfile);
  }
  laps.lap("profiles checked");
  launcher::HostFacts facts = look_at_host(given.front().composed.policy, options, *trial, laps);
  if (!trial->shortage()) {
    print_error(launcher::with_advice(trial->shortage().error()));
    return refuse(kSetupFailed);
  }
  if (purpose == launcher::BoxTrial::For::an_answer) trial.reset();
  settle_container(given.front().composed.policy, wishes.value(), facts);
  return LoadedPool{std::move(given.front()), std::move(facts), std::move(wishes).value(), std::move(diagnostics), std::move(trial)};
}

// Of a recording, too, the mistakes are those of the pool's own plan.
std::optional<Plan> plan_loaded(const LoadedPool& pool, const launcher::Request& request, int& code) {
  base::Diagnostics diagnostics = pool.warnings;
  const profiles::Composed& composed = pool.pool.composed;
  launcher::Request planned = request;
  planned.is_recording = false;
  Plan plan = launcher::plan({composed.policy, composed.origins, pool.facts, planned}, diagnostics);
  print_diagnostics(diagnostics, stderr);
  const auto judged = launcher::judge_gaps(pool.wishes, plan);
  if (!judged) print_error(judged.error().text());
  if (!diagnostics.has_errors() && judged) return plan;
  code = judged ? kBadProfile : kUsage;
  return std::nullopt;
}

std::optional<PlannedPool> plan_pool(const PoolOptions& options, const Globals& globals, sys::Stopwatch& laps, int& code) {
  const auto refuse = [&code](int with) -> std::optional<PlannedPool> {
    code = with;
    return std::nullopt;
  };
  auto loaded = load_pool(options, globals, laps, code, launcher::BoxTrial::For::a_box);
  if (!loaded) return std::nullopt;
  auto plan = plan_loaded(*loaded, options.request, code);
  if (!plan) return std::nullopt;
  laps.lap("host checked, planned");
  if (options.request.is_recording) {
    const profiles::Composed& composed = loaded->pool.composed;
    plan = launcher::recording_plan({composed.policy, composed.origins, loaded->facts, options.request});
  }
  if (!options.in_scope) ask_for_scope(*plan, *loaded, options.again, globals);
  PlannedPool out{std::move(loaded->pool), std::move(*plan)};
  out.php = loaded->facts.php;
  out.trial = std::move(loaded->trial);
  const auto claimed = claim(out);
  if (!say_gaps(out)) return refuse(kLayerMissing);
  if (claimed) return out;
  out.say(claimed.error());
  return refuse(kSetupFailed);
}

std::optional<int> stay_first_process(std::optional<PlannedPool>& planned) {
  const Plan& plan = planned->plan;
  if (!plan.in_container || !plan.user_namespace || ::getpid() != 1) return std::nullopt;
  auto forked = launcher::fork_launcher();
  if (forked && !forked.value().is_first) return std::nullopt;
  const std::string name = plan.pool;
  planned.reset();
  const auto code = forked ? launcher::serve_first(std::move(forked).value()) : Result<int>(forked.take_error());
  if (code) return code.value();
  print_error(name, code.error().text());
  return kSetupFailed;
}

std::optional<launcher::RunningBox> start_box(PlannedPool& pool, sys::Stopwatch& laps, Kept& kept) {
  auto box = make_box(pool, laps, kept);
  if (box) {
    kept.claimed = std::move(pool.claimed);
    kept.log = std::move(pool.log);
    kept.denials = std::move(pool.denials);
    return std::move(box).value();
  }
  if (pool.claimed.directory && pool.leaves_record) launcher::remove_pool_files(pool.claimed.directory.get());
  pool.say(box.error());
  return std::nullopt;
}

std::map<std::string, std::string> limits_in_words(const Plan& plan, const profiles::Origins& origins) {
  std::map<std::string, std::string> out;
  for (const launcher::CgroupWrite& row : plan.cgroups) {
    if (row.counter.empty()) continue;
    const auto bytes = row.controller == "memory" ? base::parse_unsigned(row.value) : std::nullopt;
    out[row.key] = row.key + " of " + (bytes ? base::format(base::Bytes{*bytes}) : row.value) + " (" + origins.find(row.key).where.text() + ")";
  }
  return out;
}

launcher::DenialContext denial_context(PlannedPool& pool) {
  profiles::Composed& composed = pool.pool.composed;
  std::string code = code_version(pool.plan, composed.policy.filesystem.code.text);
  auto out = launcher::context_of(std::move(composed.policy), std::move(composed.origins), pool.plan.filter);
  out.resolved_code = std::move(code);
  out.generation = ::getpid();
  return out;
}

}  // namespace cli
