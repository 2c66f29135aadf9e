// The part of expect: that names acts.
#include <algorithm>

#include "launcher/harness/expectations.h"
#include "profiles/base/text.h"

namespace harness {
namespace {

using State = CheckResult::State;

const ActResult* find_result(const std::vector<ActResult>& results, const std::string& id) {
  for (const ActResult& result : results)
    if (result.act->id == id) return &result;
  return nullptr;
}

CheckResult denied(const std::string& id, const std::vector<ActResult>& results) {
  const ActResult* const result = find_result(results, id);
  CheckResult out{"expect/denied/" + id, "the box stops it, and this machine shows that", State::held, {}};
  if (result == nullptr) return {out.name, out.what, State::skipped, "it is not among the acts of this run"};
  const bool is_in_known_words = result->verdict == Verdict::otherwise && !result->reason.empty();  // known_gaps.h
  if (result->verdict == Verdict::stopped || is_in_known_words) return out;
  return {out.name, out.what, State::failed, std::string(word_of(result->verdict)) + ": in the box " + result->inside + (result->verdict == Verdict::broken_control ? ", outside " + result->outside : "") + (result->reason.empty() ? "" : "; " + result->reason)};
}

// Of an act that shows nothing here; "" for any other. A control that did not come up, or an answer of the box that nobody knows,
// shows nothing either, but is no property of this machine: a test with it has failed.
std::string why_nothing(const ActResult& result) {
  if (result.verdict == Verdict::not_shown || result.verdict == Verdict::does_not_apply) return result.reason;
  const bool is_lacking = result.verdict == Verdict::broken_control && result.control_ran && is_stopped(*result.act, result.inside);
  return is_lacking ? "it does not succeed outside the box here, either: " + result.outside : "";
}

std::vector<std::string> named_by(const profiles::Expect& expect) {
  std::vector<std::string> out = expect.denied;
  for (const profiles::AllowedAct& one : expect.allowed) out.push_back(one.id);
  return out;
}

}  // namespace

base::Status check_names(const profiles::Expect& expect, const std::vector<Act>& acts) {
  std::vector<std::string> ids;
  for (const Act& act : acts) ids.push_back(act.id);
  for (const std::string& id : named_by(expect)) {
    if (std::find(ids.begin(), ids.end(), id) != ids.end()) continue;
    const std::string near = base::nearest(id, ids);
    return base::Error{"expect: there is no act `" + id + "`; " + (near.empty() ? "`fpmbox test --list` names them" : "did you mean `" + near + "`?"), {}, 0, {}};
  }
  return base::success();
}

std::vector<CheckResult> check_acts(const profiles::Expect& expect, std::vector<ActResult>& results) {
  std::vector<CheckResult> out;
  for (const std::string& id : expect.denied) out.push_back(denied(id, results));
  for (const profiles::AllowedAct& allowed : expect.allowed) {
    CheckResult row{"expect/allowed/" + allowed.id, allowed.why, State::held, {}};
    const auto found = std::find_if(results.begin(), results.end(), [&](const ActResult& one) { return one.act->id == allowed.id; });
    if (found == results.end()) {
      row.state = State::skipped;
      row.reason = "it is not among the acts of this run";
    } else if (found->verdict == Verdict::leaked) {
      found->verdict = Verdict::accepted;
      found->reason = "expect.allowed: " + allowed.why;
    } else if (found->verdict != Verdict::does_not_apply) {
      row.state = State::failed;
      row.reason = "it is not allowed: " + std::string(word_of(found->verdict)) + ", in the box " + found->inside;
    }
    out.push_back(std::move(row));
  }
  return out;
}

std::vector<CheckResult> check_acts_there(const profiles::Expect& expect, std::vector<ActResult>& results, const std::map<std::string, std::string>& not_tried) {
  std::map<std::string, std::string> skipped = not_tried;
  for (const ActResult& result : results)
    if (const std::string why = why_nothing(result); !why.empty()) skipped[result.act->id] = why;
  std::vector<CheckResult> out = check_acts(expect, results);
  for (CheckResult& row : out)
    for (const std::string prefix : {"expect/denied/", "expect/allowed/"}) {
      const auto found = row.name.starts_with(prefix) ? skipped.find(row.name.substr(prefix.size())) : skipped.end();
      if (found == skipped.end()) continue;
      row.state = State::skipped;
      row.reason = found->second;
    }
  return out;
}

}  // namespace harness
