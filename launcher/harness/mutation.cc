#include "launcher/harness/mutation.h"

#include <sched.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "launcher/enforce/filter.h"

namespace harness {
namespace {

using base::Result;
using launcher::Plan;

// The seccomp layer's PHP acts are the same calls with a detour.
bool is_tried(const Act& act, const Mutant& mutant) {
  const bool names = std::any_of(mutant.layers.begin(), mutant.layers.end(), [&](const std::string& layer) { return std::find(act.layers.begin(), act.layers.end(), layer) != act.layers.end(); });
  const bool is_of_filter = mutant.name.starts_with("syscall:") || mutant.name.starts_with("argument:");
  return names && !act.alone && (!is_of_filter || act.native.has_value());
}

std::set<std::string> failed_rows(const Running& running, const Plan& plan, const std::vector<sock_filter>& filter) {
  std::set<std::string> out;
  const std::string prefix = "posture/";
  for (const CheckResult& row : compare(running, plan, filter))
    if (row.state == CheckResult::State::failed) out.insert(row.name.substr(prefix.size()));
  return out;
}

// What the boxes without some layers say, with which mutants beside these are compared.
struct Baseline {
  std::map<const Act*, std::string> outcomes;  // of acts that are stopped in it
  std::set<std::string> rows;
  std::optional<Running> running;
  std::string error;
};

class Mutation {
 public:
  Mutation(const std::vector<Mutant>& mutants, const MutationSides& sides, std::vector<sock_filter> filter)
      : mutants_(mutants), sides_(sides), filter_(std::move(filter)) {}

  std::vector<MutantResult> run() {
    std::vector<const Act*> wanted;
    for (const Act* act : sides_.acts)
      if (std::any_of(mutants_.begin(), mutants_.end(), [&](const Mutant& mutant) { return is_tried(*act, mutant); })) wanted.push_back(act);
    for (const ActResult& result : sides_.runner.run(wanted))
      if (result.verdict == Verdict::stopped) shown_.push_back(result.act);
    sides_.whole.end_pool();  // one at a time: they share a socket's name
    std::vector<MutantResult> out;
    for (const Mutant& mutant : mutants_) out.push_back(mutant.harm.empty() ? try_out(mutant) : think_through(mutant));
    return out;
  }

 private:
  static Plan unchanged(Plan plan) { return plan; }

  // Acts whose control succeeds on this machine and that some mutant with the same layers away wants.
  std::vector<const Act*> acts_beside(const LayerSet& beside) const {
    std::vector<const Act*> out;
    for (const Act* act : shown_)
      if (std::any_of(mutants_.begin(), mutants_.end(), [&](const Mutant& one) { return one.beside == beside && is_tried(*act, one); })) out.push_back(act);
    return out;
  }

  const Baseline& baseline(const LayerSet& beside) {
    const auto known = baselines_.find(beside);
    if (known != baselines_.end()) return known->second;
    return baselines_[beside] = make_baseline(beside);
  }

  Baseline make_baseline(const LayerSet& beside) {
    Baseline out;
    BoxArena box = sides_.box(beside, unchanged);
    if (const auto socket = box.socket(); !socket) return {{}, {}, {}, socket.error().text()};
    const std::vector<const Act*> acts = acts_beside(beside);
    const std::vector<Attempted> tried = sides_.runner.attempt(box, acts);
    for (std::size_t i = 0; i < acts.size(); ++i)
      if (!tried[i].is_missing && is_stopped(*acts[i], tried[i].outcome)) out.outcomes[acts[i]] = tried[i].outcome;
    (void)box.socket().ok();  // an act may have ended the pool
    auto running = sides_.look(box);
    if (!running) return {{}, {}, {}, running.error().text()};
    out.rows = failed_rows(running.value(), sides_.plan, filter_);
    out.running = std::move(running).value();
    return out;
  }

  void attack(BoxArena& box, const Mutant& mutant, const Baseline& whole, MutantResult& result) {
    std::vector<const Act*> acts;
    for (const auto& [act, outcome] : whole.outcomes)
      if (is_tried(*act, mutant)) acts.push_back(act);
    result.acts_tried = acts.size();
    const std::vector<Attempted> tried = sides_.runner.attempt(box, acts);
    for (std::size_t i = 0; i < acts.size(); ++i)
      if (!tried[i].is_missing && tried[i].outcome != whole.outcomes.at(acts[i])) result.acts.push_back(acts[i]->id + ": " + whole.outcomes.at(acts[i]) + " -> " + tried[i].outcome);
  }

  void note_rows(const std::set<std::string>& rows, const Baseline& whole, MutantResult& result) {
    std::set_difference(rows.begin(), rows.end(), whole.rows.begin(), whole.rows.end(), std::back_inserter(result.rows));
  }

  MutantResult try_out(const Mutant& mutant) {
    MutantResult out{.name = mutant.name, .acts = {}, .beside = mutant.beside, .rows = {}, .harm = {}, .error = {}};
    const Baseline& whole = baseline(mutant.beside);
    if (!whole.error.empty()) {
      out.error = whole.error;
      return out;
    }
    BoxArena box = sides_.box(mutant.beside, mutant.change);
    if (const auto socket = box.socket(); !socket) {
      out.error = socket.error().text();
      return out;
    }
    const auto running = sides_.look(box);  // first: acts may end it
    if (running)
      note_rows(failed_rows(running.value(), sides_.plan, filter_), whole, out);
    else
      out.error = running.error().text();
    attack(box, mutant, whole, out);
    return out;
  }

  MutantResult think_through(const Mutant& mutant) {
    MutantResult out{.name = mutant.name, .acts = {}, .beside = mutant.beside, .rows = {}, .harm = mutant.harm, .error = {}};
    const Baseline& whole = baseline({});
    if (!whole.running) {
      out.error = whole.error;
      return out;
    }
    const auto thought = predicted(*whole.running, mutant.change(sides_.plan));
    if (thought)
      note_rows(failed_rows(thought.value(), sides_.plan, filter_), whole, out);
    else
      out.error = thought.error().text();
    return out;
  }

  const std::vector<Mutant>& mutants_;
  const MutationSides& sides_;
  std::vector<sock_filter> filter_;
  std::vector<const Act*> shown_;
  std::map<LayerSet, Baseline> baselines_;
};

}  // namespace

Result<Running> predicted(Running whole, const Plan& mutated) {
  whole.filter = TRY(launcher::compile_filter(mutated.filter));
  for (const auto& [name, bit] : {std::pair("mnt", CLONE_NEWNS), std::pair("pid", CLONE_NEWPID)})
    if ((mutated.namespaces & static_cast<std::uint64_t>(bit)) == 0) whole.namespaces[name] = whole.own_namespaces[name];
  return whole;
}

std::vector<Mutant> chosen(std::vector<Mutant> mutants, const std::vector<std::string>& only) {
  std::erase_if(mutants, [&](const Mutant& mutant) {
    return !only.empty() && std::none_of(only.begin(), only.end(), [&](const std::string& start) { return mutant.name.starts_with(start); });
  });
  return mutants;
}

std::vector<MutantResult> try_mutants(const std::vector<Mutant>& mutants, const MutationSides& sides) {
  auto filter = launcher::compile_filter(sides.plan.filter);
  if (!filter) {
    sides.say("the plan's own filter cannot be made: " + filter.error().text());
    return {};
  }
  return Mutation(mutants, sides, std::move(filter).value()).run();
}

}  // namespace harness
