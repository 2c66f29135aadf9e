#include "launcher/harness/runner.h"

#include <algorithm>

namespace harness {
namespace {

constexpr int kPatienceMs = 30000;        // for one act of PHP
constexpr int kPatienceOfProbeMs = 16000;  // for one native act: more than the probe itself has

// One that changes what others meet, or is looked at right afterwards, is run by itself.
bool is_by_itself(const Act& act) { return act.alone || !act.look.empty(); }

std::string why_not_shown(const Act& act, const std::string& outside) {
  const auto known = act.lacking.find(outside);
  return known == act.lacking.end() ? kOnlyRoot : known->second;
}

bool is_native(const Act* act) { return act->native.has_value(); }

}  // namespace

Attempted Runner::attempt_php(Arena& arena, const Act& act) {
  if (act.alone) arena.end_pool();
  Attempted out = try_php(arena, act, kPatienceMs);
  if (!act.look.empty()) out.outcome += "; " + sides_.look(act.look, arena);
  if (out.died && !act.alone) sides_.say(act.id + " ended the pool of the " + arena.name() + "; it is started again");
  if (act.alone || out.died) arena.end_pool();
  return out;
}

// A process that an act ended is followed by another, for the acts behind it.
std::vector<Attempted> Runner::attempt_native(Arena& arena, const std::vector<const Act*>& acts) {
  std::vector<Attempted> out;
  while (out.size() < acts.size()) {
    std::vector<const Act*> batch(acts.begin() + static_cast<std::ptrdiff_t>(out.size()), acts.end());
    const auto own = std::find_if(batch.begin(), batch.end(), [](const Act* act) { return is_by_itself(*act); });
    if (own != batch.end()) batch.erase(own == batch.begin() ? own + 1 : own, batch.end());
    if (!batch.front()->look.empty()) (void)arena.socket().ok();  // the pool that is looked at afterwards
    std::vector<Attempted> some = try_native(arena, batch, kPatienceMs + kPatienceOfProbeMs * static_cast<int>(batch.size()));
    const auto died = std::find_if(some.begin(), some.end(), [](const Attempted& one) { return one.died; });
    if (died != some.end()) some.erase(died + 1, some.end());
    if (!batch.front()->look.empty()) some.front().outcome += "; " + sides_.look(batch.front()->look, arena);
    out.insert(out.end(), some.begin(), some.end());
  }
  return out;
}

std::vector<Attempted> Runner::attempt(Arena& arena, const std::vector<const Act*>& acts) {
  std::vector<const Act*> native;
  std::copy_if(acts.begin(), acts.end(), std::back_inserter(native), is_native);
  const std::vector<Attempted> of_native = attempt_native(arena, native);
  std::vector<Attempted> out;
  std::size_t next = 0;
  for (const Act* act : acts) out.push_back(is_native(act) ? of_native[next++] : attempt_php(arena, *act));
  return out;
}

std::vector<Attempted> Runner::controls(const std::vector<const Act*>& acts) {
  std::vector<Attempted> out(acts.size());
  for (const Control control : {Control::user, Control::stock, Control::root}) {
    std::vector<const Act*> some;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < acts.size(); ++i) {
      if (acts[i]->control != control) continue;
      some.push_back(acts[i]);
      places.push_back(i);
    }
    if (some.empty()) continue;
    const std::vector<Attempted> done = attempt(sides_.control(control), some);
    for (std::size_t i = 0; i < done.size(); ++i) out[places[i]] = done[i];
  }
  return out;
}

std::vector<ActResult> Runner::run(const std::vector<const Act*>& acts) {
  const std::vector<Attempted> outside = controls(acts);
  const std::vector<Attempted> inside = attempt(sides_.box, acts);
  std::vector<ActResult> out;
  for (std::size_t i = 0; i < acts.size(); ++i) {
    const auto judge = sides_.is_root ? verdict_of : verdict_of_ordinary;
    ActResult result{acts[i], judge(*acts[i], inside[i].outcome, outside[i].outcome), inside[i].outcome, outside[i].outcome, {}};
    result.pool_died = inside[i].died;
    result.control_ran = !outside[i].is_missing && outside[i].has_answered;
    if (result.verdict == Verdict::not_shown) result.reason = why_not_shown(*acts[i], outside[i].outcome);
    if (result.verdict == Verdict::stopped && inside[i].outcome != acts[i]->inside.front()) result.reason = "by another wall than the first";
    out.push_back(std::move(result));
  }
  return out;
}

}  // namespace harness
