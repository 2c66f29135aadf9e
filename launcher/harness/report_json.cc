// For programs: everything that the text says, and whether it passes.

#include "launcher/harness/report.h"
#include "profiles/base/json.h"
#include "profiles/base/text.h"

namespace harness {
namespace {

using base::Json;
using State = CheckResult::State;

Json of(const ActResult& result) {
  const Act& act = *result.act;
  Json out = {{"id", act.id}, {"why", act.why}, {"verdict", word_of(result.verdict)}, {"inside", base::escape_control(result.inside)},
                      {"outside", base::escape_control(result.outside)}, {"depth", act.native ? "native" : "php"}};
  if (!act.source.empty()) out["source"] = act.source;
  if (!result.reason.empty()) out["reason"] = result.reason;
  if (result.pool_died) out["pool_died"] = true;
  if (result.walls_known) {
    out["walls"] = result.walls;
    out["more_walls"] = result.more_walls;
    out["only_wall"] = result.only_wall;
  }
  return out;
}

std::string_view word_of(State state) {
  switch (state) {
    case State::held: return "held";
    case State::failed: return "failed";
    case State::skipped: return "skipped";
  }
  return "";
}

Json of(const std::vector<CheckResult>& checks) {
  Json out = Json::array();
  for (const CheckResult& check : checks)
    out.push_back({{"name", check.name}, {"what", check.what}, {"state", word_of(check.state)}, {"reason", base::escape_control(check.reason)}});
  return out;
}

Json acts_of(const Count& counted) {
  return {{"stopped", counted.stopped}, {"leaked", counted.leaked}, {"otherwise", counted.otherwise}, {"broken_control", counted.broken},
          {"not_shown", counted.not_shown}, {"accepted", counted.accepted}, {"granted", counted.granted}, {"does_not_apply", counted.not_applicable}};
}

Json of(const Count& counted) {
  Json out = acts_of(counted);
  out.update({{"held", counted.held}, {"failed", counted.failed}, {"skipped", counted.skipped}});
  return out;
}

Json of_side(const ActResult& result) {
  Json out = {{"id", result.act->id}, {"verdict", word_of(result.verdict)}, {"there", base::escape_control(result.inside)}};
  if (!result.reason.empty()) out["reason"] = base::escape_control(result.reason);
  return out;
}

Json of(const std::vector<SideResult>& sides) {
  Json out = Json::array();
  for (const SideResult& side : sides) {
    Json acts = Json::array();
    for (const ActResult& result : side.acts) acts.push_back(of_side(result));
    out.push_back({{"side", side.side}, {"what", side.what}, {"notes", side.notes}, {"count", acts_of(count(side.acts))}, {"acts", std::move(acts)}});
  }
  return out;
}

Json of(const std::vector<NotMade>& sides) {
  Json out = Json::array();
  for (const NotMade& one : sides) out.push_back({{"side", one.side}, {"why", base::escape_control(one.why)}});
  return out;
}

}  // namespace

std::string report_json(const Findings& findings) {
  Json out = {{"version", 1}, {"pool", findings.pool}, {"passes", passes(findings)}, {"count", of(count(findings))}};
  if (!findings.layers_away.empty()) out["without"] = findings.layers_away;
  out["acts"] = Json::array();
  for (const ActResult& result : findings.acts) out["acts"].push_back(of(result));
  out["posture"] = of(findings.posture);
  out["expect"] = of(findings.expectations);
  out["against"] = of(findings.against);
  out["not_compared"] = of(findings.not_made);
  out["notes"] = findings.notes;
  return out.dump(2) + "\n";
}

}  // namespace harness
