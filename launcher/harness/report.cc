#include "launcher/harness/report.h"

#include <cstdio>

namespace harness {
namespace {

using State = CheckResult::State;

void add(const std::vector<CheckResult>& checks, Count& out) {
  for (const CheckResult& check : checks) {
    switch (check.state) {
      case State::held: ++out.held; break;
      case State::failed: ++out.failed; break;
      case State::skipped: ++out.skipped; break;
    }
  }
}

std::string part(std::size_t number, const std::string& what) { return number == 0 ? "" : ", " + std::to_string(number) + " " + what; }

constexpr const char* kOfOurs = "acts are stopped there, and none succeeds but by gaps that were said";

// Of an act in a box of ours elsewhere; "" when all is well.
std::string mistake_of(const ActResult& act) {
  switch (act.verdict) {
    case Verdict::leaked: return "it succeeds there, by no gap that was said: " + act.inside;
    case Verdict::broken_control: return "its control does not succeed on this machine: " + act.outside;
    case Verdict::otherwise: return act.reason.empty() ? "it is not stopped there as the catalogue says, but ends with: " + act.inside : "";
    default: return {};
  }
}

}  // namespace

Count count(const std::vector<ActResult>& acts) {
  Count out;
  for (const ActResult& result : acts) {
    switch (result.verdict) {
      case Verdict::stopped: ++out.stopped; break;
      case Verdict::leaked: ++out.leaked; break;
      case Verdict::otherwise: ++out.otherwise; break;
      case Verdict::not_shown: ++out.not_shown; break;
      case Verdict::broken_control: ++out.broken; break;
      case Verdict::accepted: ++out.accepted; break;
      case Verdict::granted: ++out.granted; break;
      case Verdict::does_not_apply: ++out.not_applicable; break;
    }
  }
  return out;
}

Count count(const Findings& findings) {
  Count out = count(findings.acts);
  add(findings.posture, out);
  add(findings.expectations, out);
  return out;
}

std::vector<CheckResult> check_ours(const SideResult& side) {
  std::vector<CheckResult> out;
  if (!side.is_ours) return out;
  for (const ActResult& act : side.acts)
    if (const std::string mistake = mistake_of(act); !mistake.empty()) out.push_back({side.side + "/" + act.act->id, act.act->why, State::failed, mistake});
  if (!out.empty()) return out;
  const bool is_shown = count(side.acts).stopped != 0;
  return {{side.side, kOfOurs, is_shown ? State::held : State::failed, is_shown ? "" : "no act was stopped there, so nothing was shown"}};
}

std::vector<CheckResult> check_not_made(const Side& side, const std::string& why) {
  if (!side.is_ours) return {};
  return {{side.name, kOfOurs, State::failed, why}};
}

// A test that tried nothing has shown nothing.
bool passes(const Findings& findings) {
  const Count counted = count(findings);
  const std::size_t tried = counted.stopped + counted.held;
  return counted.leaked + counted.otherwise + counted.broken + counted.failed == 0 && tried != 0;
}

std::string summary(const Findings& findings) {
  const Count counted = count(findings);
  char seconds[64];
  std::snprintf(seconds, sizeof seconds, "%.1f s, %.1f s of it for the core acts", findings.seconds, findings.core_seconds);
  std::string out = std::to_string(counted.stopped) + " stopped, " + std::to_string(counted.leaked) + " leaked";
  out += part(counted.otherwise, "ended otherwise") + part(counted.broken, "with a broken control");
  out += part(counted.not_shown, "not shown on this machine") + part(counted.accepted, "accepted by the profile") + part(counted.granted, "granted by a line of the profile") + part(counted.not_applicable, "that this profile grants");
  out += "; " + std::to_string(counted.held) + " checks held, " + std::to_string(counted.failed) + " failed" + part(counted.skipped, "skipped");
  return out + "; " + seconds;
}

std::string report(Format format, const Findings& findings, const ReportOptions& options) {
  switch (format) {
    case Format::text: return report_text(findings, options);
    case Format::tap: return report_tap(findings);
    case Format::junit: return report_junit(findings);
    case Format::json: return report_json(findings);
  }
  return {};
}

}  // namespace harness
