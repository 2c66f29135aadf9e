#include "launcher/harness/session.h"

#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <map>

#include "launcher/harness/against.h"
#include "launcher/harness/bait.h"
#include "launcher/harness/bare_arena.h"
#include "launcher/harness/box_targets.h"
#include "launcher/harness/conditions.h"
#include "launcher/enforce/filter.h"
#include "launcher/harness/expectations.h"
#include "launcher/harness/granted.h"
#include "launcher/harness/keeper.h"
#include "launcher/harness/layers.h"
#include "launcher/harness/mutation.h"
#include "launcher/harness/posture.h"
#include "launcher/harness/runner.h"
#include "launcher/harness/walls.h"
#include "launcher/sys/file.h"
#include "profiles/base/text.h"

namespace harness {
namespace {

using base::Result;
using launcher::Plan;

constexpr int kPasses = 0;
constexpr int kFails = 1;
constexpr int kNotMade = 71;
constexpr uid_t kNobody = 65534;
constexpr int kStartMargin = 15000;  // beside the pool's own start_timeout

double seconds_now() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

bool is_chosen(const Act& act, const std::vector<std::string>& only) {
  return only.empty() || std::find(only.begin(), only.end(), act.group()) != only.end();
}

// Nobody but the pool's user may pass: what is in it is writable in a container, and its sockets answer.
base::Status make_closed(int scratch, const std::string& path, const BarePool& pool) {
  TRY(sys::make_directory_at(scratch, path, 0710));
  const sys::Fd made = TRY(sys::open_at(scratch, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  return pool.can_become ? sys::change_owner(made.get(), 0, pool.gid) : base::success();
}

std::string against_folder(const std::string& scratch, const Side& side) { return scratch + "/against/" + side.name; }

std::vector<std::string> folders_of(const std::string& scratch, const Side& side) {
  std::vector<std::string> out = {against_folder(scratch, side)};
  for (const char* name : kInspections) out.push_back(out.front() + "/" + name);
  return out;
}

// In the keeper: what other programs run for a side, and no process of ours holds, or may end.
void end_sides(const SessionInput& input, base::Status (*Side::*act)(const SidePlace&)) {
  for (const Side* side : input.against) {
    const auto program = program_of(*side);
    if (side->*act == nullptr || !program) continue;
    for (const std::string& folder : folders_of(input.folder, *side)) {
      if (::access(folder.c_str(), F_OK) != 0) continue;
      if (const auto done = (side->*act)({program.value(), folder, trial_name(input.own.pool)}); !done)
        input.say("left behind of " + std::string(side->name) + ": " + done.error().text());
    }
  }
}

class Session {
 public:
  Session(const SessionInput& input, const Scratch& scratch, const Bait& bait) : input_(input), scratch_(scratch), bait_(bait), roads_(careless(input.roads)) {}

  Findings run() {
    const double begin = seconds_now();
    findings_.pool = input_.own.pool;
    findings_.layers_away = input_.without;
    note_left_out();
    try_acts();
    findings_.seconds = seconds_now() - begin;
    return std::move(findings_);
  }

  std::vector<MutantResult> mutate() {
    find_surroundings();
    const std::vector<Mutant> mutants = chosen(mutants_of(input_.roads.plan(trial()), input_.groups_of_calls, *surroundings_), input_.only);
    BoxArena whole = make_box({});
    const Sides sides = sides_with(whole);
    Runner runner(sides);
    const MutationSides mutation{runner, whole, acts_for_mutants(), [this](const LayerSet& away, const Change& change) { return make_box(away, change); },
                                 [this](BoxArena& box) { return look_at(box, input_.roads.plan(trial())); }, input_.roads.plan(trial()), input_.say};
    auto results = try_mutants(mutants, mutation);
    controls_.clear();
    return results;
  }

 private:
  using Change = std::function<Plan(Plan)>;

  launcher::Trial trial() const {
    launcher::Trial out{.name = trial_name(input_.own.pool), .folder = input_.folder, .socket = "1.sock"};
    out.copies = scratch_.copies;
    out.is_live = input_.is_live;
    return out;
  }

  // The box's launcher is started as the controls are: with variables and open files that nobody inside may meet.
  Roads careless(Roads roads) const {
    const auto first = [this] { return be_careless({{bait_.targets().at("secret_name"), bait_.targets().at("secret_value")}}, bait_.targets().at("secret")); };
    roads.serve = [first, serve = roads.serve](Plan plan, int ready) { return first() ? serve(std::move(plan), ready) : kNotMade; };
    roads.attend = [first, attend = roads.attend](Plan plan) { return first() ? attend(std::move(plan)) : kNotMade; };
    return roads;
  }

  void note(const std::string& text) {
    findings_.notes.push_back(text);
    input_.say(text);
  }

  void note_left_out() {
    const CopyBudget& budget = scratch_.budget;
    if (budget.left_out == 0) return;
    note("the copies of what the pool writes lack " + std::to_string(budget.left_out) + " files, such as " + base::join(budget.names_left_out, ", "));
  }

  // What the box has of its own is aimed at there; everything else is the same bait for both.
  Targets of_box() const {
    Targets out = bait_.targets();
    for (const auto& [name, value] : box_targets(input_.own, input_.composed.policy)) out[name] = value;
    return out;
  }
  Targets of_control() const {
    Targets out = of_box();
    for (const auto& [name, value] : bait_.targets()) out[name] = value;
    return out;
  }

  BarePool bare_pool(Control control) const {
    return {.control = control, .php_fpm = input_.php_fpm, .user = input_.own.user, .group = input_.own.group, .uid = input_.own.uid, .gid = input_.own.gid, .groups = input_.groups,
            .neighbour_uid = kNobody, .neighbour_gid = kNobody, .environment = {{bait_.targets().at("secret_name"), bait_.targets().at("secret_value")}},
            .leaked = bait_.targets().at("secret"),
            .folder = scratch_.path + "/control", .act_script = scratch_.path + "/acts/act.php", .can_become = input_.is_root};
  }

  Arena& control(Control which) {
    auto& arena = controls_[which];
    if (!arena) arena = std::make_unique<BareArena>(bare_pool(which), of_control(), std::vector<int>());
    return *arena;
  }

  std::string look(const std::string& name, Arena& arena) {
    if (name == "pool_answers" || name == "master_lives") {
      const bool is_control = std::any_of(controls_.begin(), controls_.end(), [&](const auto& one) { return one.second.get() == &arena; });
      return look_at_pool(name, arena, is_control);
    }
    const std::string seen = bait_.look(name);
    return seen.empty() ? "there is no look " + name : seen;
  }

  std::vector<const Act*> choose() {
    std::vector<const Act*> out;
    for (const Act& act : input_.catalogue.acts) {
      if (!is_chosen(act, input_.only)) continue;
      const Condition* const missing = obstacle(act, input_.own, input_.composed.policy);
      if (missing == nullptr)
        out.push_back(&act);
      else
        findings_.acts.push_back({&act, Verdict::does_not_apply, {}, {}, missing->otherwise});
    }
    return out;
  }

  std::vector<const Act*> acts_for_mutants() {
    std::vector<const Act*> out;
    for (const Act& act : input_.catalogue.acts)
      if (!is_harmful(act, input_.groups_of_calls) && obstacle(act, input_.own, input_.composed.policy) == nullptr) out.push_back(&act);
    return out;
  }

  void in_catalogue_order() {
    std::stable_sort(findings_.acts.begin(), findings_.acts.end(), [](const ActResult& a, const ActResult& b) { return a.act < b.act; });
  }

  Plan weaken(Plan plan, const LayerSet& away) const {
    for (const std::string& name : away) {
      const Layer* const layer = find_layer(name);
      if (layer != nullptr && layer->without != nullptr) plan = layer->without(std::move(plan), *surroundings_);
    }
    return plan;
  }
  // A box that may write its code gets a decoy instead, which belongs to the pool's user as on many machines.
  Plan with_decoy(Plan plan) const {
    for (launcher::MountOp& op : plan.mounts)
      if (op.key == "filesystem.code" && op.kind == launcher::MountOp::Kind::bind && !op.read_only) op.source = scratch_.path + "/decoy";
    return plan;
  }

  BoxArena make_box(const LayerSet& away, const Change& change = {}) {
    const int patience = static_cast<int>(input_.own.start_timeout_ms) + kStartMargin;
    return BoxArena(roads_, trial(), of_box(), patience, [this, away, change](Plan plan) {
      plan = weaken(std::move(plan), away);
      return with_decoy(change ? change(std::move(plan)) : std::move(plan));
    });
  }

  LayerSet layers_present() const {
    LayerSet out;
    for (const Layer& layer : layers())
      if (layer.without != nullptr && without(layer, input_.own, *surroundings_)) out.insert(layer.name);
    return out;
  }

  void find_walls(Runner& runner) {
    std::vector<const Act*> acts;
    for (const ActResult& result : findings_.acts)
      if (result.verdict == Verdict::stopped) acts.push_back(result.act);
    const LayerSet present = layers_present();
    WallOutcomes outcomes;
    const std::vector<WallBatch> batches = wall_batches(acts, present);
    for (const WallBatch& batch : batches) {
      BoxArena box = make_box(batch.away);
      const std::vector<Attempted> tried = runner.attempt(box, batch.acts);
      for (std::size_t i = 0; i < tried.size(); ++i)
        if (!tried[i].is_missing) outcomes[{batch.acts[i], batch.away}] = !is_among(tried[i].outcome, batch.acts[i]->outside);
    }
    conclude_walls(outcomes, present, findings_.acts);
    note("walls: " + std::to_string(batches.size()) + " boxes without one or more of " + base::join(std::vector<std::string>(present.begin(), present.end()), ", "));
  }

  void find_surroundings() {
    surroundings_ = host_surroundings();
    surroundings_->neighbour_uid = surroundings_->neighbour_gid = kNobody;
  }

  Sides sides_with(BoxArena& box) {
    return {box, [this](Control which) -> Arena& { return control(which); },
            [this](const std::string& name, Arena& arena) { return look(name, arena); }, [this](const std::string& text) { note(text); },
            input_.is_root};
  }

  void try_acts() {
    find_surroundings();
    const std::vector<const Act*> acts = choose();
    BoxArena box = make_box({input_.without.begin(), input_.without.end()});
    const Sides sides = sides_with(box);
    Runner runner(sides);
    const double begin = seconds_now();
    std::vector<const Act*> core, costly;
    for (const Act* act : acts) (act->resource ? costly : core).push_back(act);
    for (ActResult& result : runner.run(core)) findings_.acts.push_back(std::move(result));
    findings_.core_seconds = seconds_now() - begin;
    for (ActResult& result : runner.run(costly)) findings_.acts.push_back(std::move(result));
    in_catalogue_order();
    for (ActResult& result : findings_.acts) settle_grant(result, input_.composed);
    check_posture(box);
    check_expectations(box);
    box.end_pool();
    if (input_.walls) find_walls(runner);
    controls_.clear();
    try_sides(runner);
  }

  // After the controls have ended: both attack the same decoys.
  void try_sides(Runner& runner) {
    for (const Side* side : input_.against) {
      auto there = try_one(*side, runner);
      if (there)
        keep(std::move(there).value());
      else
        not_compared(*side, there.error().text());
    }
  }

  void keep(SideResult there) {
    if (there.is_ours) add_rows(there.side, check_acts_there(input_.composed.policy.expect, there.acts));
    for (CheckResult& row : check_ours(there)) findings_.expectations.push_back(std::move(row));
    findings_.against.push_back(std::move(there));
  }

  void not_compared(const Side& side, const std::string& why) {
    for (CheckResult& row : check_not_made(side, why)) findings_.expectations.push_back(std::move(row));
    findings_.not_made.push_back({side.name, why});
    note("not compared with " + std::string(side.name) + ": " + why);
  }

  Result<SideResult> try_one(const Side& side, Runner& runner) {
    const std::string program = TRY(program_of(side));
    SideInput input{trial_name(input_.own.pool), bare_pool(Control::stock), side.is_ours ? of_box() : of_control(), program, scratch_.path + "/acts", &input_.composed.policy, &input_.own, scratch_.copies};
    input.pool.folder = against_folder(scratch_.path, side);
    TRY(make_closed(scratch_.folder.get(), "against/" + std::string(side.name), input.pool));
    std::unique_ptr<Arena> arena = side.make(input);
    SideResult there = TRY(try_side(side, *arena, runner, findings_.acts));
    if (side.programs.size() > 1) there.what += ": " + input.program;  // the one that was found
    arena.reset();
    if (side.inspect != nullptr) add_rows(side.name, side.inspect(input));
    return there;
  }

  void add_rows(const std::string& side, std::vector<CheckResult> rows) {
    for (CheckResult& row : rows) {
      row.name = side + "/" + row.name;
      findings_.expectations.push_back(std::move(row));
    }
  }

  void check_expectations(BoxArena& box) {
    const profiles::Policy& policy = input_.composed.policy;
    std::vector<std::string> copies;
    for (const auto& [target, copy] : scratch_.copies) copies.push_back(copy);
    const ExpectInput input{.policy = policy, .box = box, .copies = copies, .is_live = input_.is_live, .code_on_host = code_on_host(input_.own)};
    findings_.expectations = check_acts(policy.expect, findings_.acts);
    for (const auto check : {check_requests, check_connections, check_files})
      for (CheckResult& row : check(input)) findings_.expectations.push_back(std::move(row));
  }

  static Result<Running> look_at(BoxArena& box, const Plan& plan) {
    TRY(box.socket());
    Running running = TRY(look_at_box([&] { return box.a_process(); }, plan, "fpmbox-" + plan.pool + "-" + std::to_string(box.launcher())));
    look_at_settings(box, plan, running);
    return running;
  }

  // Against the plan of the whole box, whatever was taken away from this one.
  void check_posture(BoxArena& box) {
    const Plan plan = input_.roads.plan(trial());
    const auto filter = launcher::compile_filter(plan.filter);
    auto running = look_at(box, plan);
    if (running && filter)
      findings_.posture = compare(running.value(), plan, filter.value());
    else
      findings_.posture = {{"posture/box", "the running box can be looked at", CheckResult::State::failed, running ? filter.error().text() : running.error().text()}};
  }

  const SessionInput& input_;
  const Scratch& scratch_;
  const Bait& bait_;
  const Roads roads_;
  Findings findings_;
  std::map<Control, std::unique_ptr<Arena>> controls_;
  std::unique_ptr<Surroundings> surroundings_;
};

int run_test(const SessionInput& input, const Scratch& scratch) {
  const auto bait = make_bait({scratch.path + "/bait", input.own.uid, input.own.gid, kNobody, kNobody});
  if (!bait) {
    input.say("what acts aim at could not be made: " + bait.error().text());
    return kNotMade;
  }
  if (input.mutants) {
    const auto results = Session(input, scratch, bait.value()).mutate();
    const std::string table = mutation_table(results);
    ::fwrite(table.data(), 1, table.size(), stdout);
    ::fflush(stdout);
    return passes(results) ? kPasses : kFails;
  }
  const Findings findings = Session(input, scratch, bait.value()).run();
  const std::string text = report(input.format, findings, input.report);
  ::fwrite(text.data(), 1, text.size(), stdout);
  ::fflush(stdout);
  if (!findings.not_made.empty()) return kNotMade;
  return passes(findings) ? kPasses : kFails;
}

}  // namespace

std::string trial_name(const std::string& pool) { return pool + ".test"; }

int run_session(const SessionInput& input) {
  Scratch scratch;
  const auto prepare = [&]() -> Result<Kept> {
    scratch = TRY(make_scratch({input.folder, input.own, input.acts}));
    return Kept{[&] { return run_test(input, scratch); },
                [&] { end_sides(input, &Side::let_end); },
                [&] {
                  end_sides(input, &Side::clean_up);
                  const auto removed = remove_scratch(input.folder);
                  if (!removed) input.say("left behind: " + input.folder + ": " + removed.error().text());
                  const auto forgotten = remove_scratch(input.claim);
                  if (!forgotten) input.say("left behind: " + input.claim + ": " + forgotten.error().text());
                }};
  };
  return run_kept(prepare, [&](const base::Error& error) { input.say(error.text()); });
}

}  // namespace harness
