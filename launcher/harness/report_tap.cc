// Test Anything Protocol, version 13. https://testanything.org/tap-version-13-specification.html
#include "launcher/harness/report.h"
#include "profiles/base/text.h"

namespace harness {
namespace {

using State = CheckResult::State;

// "#" begins a directive.
std::string plain(std::string text) {
  for (char& c : text)
    if (c == '#') c = '_';
  return base::escape_control(text);
}

class Tap {
 public:
  void result(bool is_ok, const std::string& name, const std::string& skipped) {
    out_ += std::string(is_ok ? "ok " : "not ok ") + std::to_string(++number_) + " - " + plain(name);
    out_ += skipped.empty() ? "\n" : " # SKIP " + plain(skipped) + "\n";
  }
  void diagnostic(const std::string& text) { out_ += "# " + plain(text) + "\n"; }
  std::string take() { return "TAP version 13\n1.." + std::to_string(number_) + "\n" + out_; }

 private:
  int number_ = 0;
  std::string out_;
};

void add_act(const ActResult& result, Tap& tap) {
  const bool is_shown = result.verdict == Verdict::stopped || is_error(result.verdict);
  tap.result(!is_error(result.verdict), result.act->id, is_shown ? "" : result.reason);
  if (is_error(result.verdict))
    tap.diagnostic(std::string(word_of(result.verdict)) + ": in the box " + result.inside + ", without it " + result.outside + "; " + result.act->why);
}

void add_check(const CheckResult& check, Tap& tap) {
  tap.result(check.state != State::failed, check.name, check.state == State::skipped ? check.reason : "");
  if (check.state == State::failed) tap.diagnostic(check.what + ": " + check.reason);
}

}  // namespace

std::string report_tap(const Findings& findings) {
  Tap tap;
  for (const ActResult& result : findings.acts) add_act(result, tap);
  for (const auto* checks : {&findings.posture, &findings.expectations})
    for (const CheckResult& check : *checks) add_check(check, tap);
  for (const NotMade& one : findings.not_made) {
    tap.result(false, "against " + one.side, "");
    tap.diagnostic("not compared: " + one.why);
  }
  for (const std::string& line : base::split(against_text(findings.acts, findings.against), '\n'))
    if (!line.empty()) tap.diagnostic(line);
  for (const std::string& note : findings.notes) tap.diagnostic(note);
  tap.diagnostic(findings.pool + ": " + summary(findings));
  return tap.take();
}

}  // namespace harness
