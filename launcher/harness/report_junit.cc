// The XML of JUnit as CI servers read it: one suite a group. https://github.com/windyroad/JUnit-Schema
#include <map>

#include "launcher/harness/report.h"
#include "profiles/base/text.h"

namespace harness {
namespace {

using State = CheckResult::State;

std::string xml(std::string_view text) {
  std::string out;
  for (const char c : base::escape_control(text)) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  }
  return out;
}

struct Suite {
  std::size_t tests = 0, failures = 0, errors = 0, skipped = 0;
  std::string cases;
};

enum class Kind { passed, failure, error, skipped };

void add(Suite& suite, const std::string& group, const std::string& name, Kind kind, const std::string& type, const std::string& message) {
  ++suite.tests;
  suite.cases += "    <testcase classname=\"fpmbox." + xml(group) + "\" name=\"" + xml(name) + "\"";
  switch (kind) {
    case Kind::passed: suite.cases += "/>\n"; return;
    case Kind::failure: ++suite.failures; break;
    case Kind::error: ++suite.errors; break;
    case Kind::skipped: ++suite.skipped; break;
  }
  const std::string tag = kind == Kind::failure ? "failure" : kind == Kind::error ? "error" : "skipped";
  const std::string said_type = kind == Kind::skipped ? "" : " type=\"" + xml(type) + "\"";
  suite.cases += ">\n      <" + tag + said_type + " message=\"" + xml(message) + "\"/>\n    </testcase>\n";
}

Kind kind_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::stopped: return Kind::passed;
    case Verdict::leaked: return Kind::failure;
    case Verdict::otherwise:
    case Verdict::broken_control: return Kind::error;
    case Verdict::not_shown:
    case Verdict::accepted:
    case Verdict::granted:
    case Verdict::does_not_apply: return Kind::skipped;
  }
  return Kind::error;
}

Kind kind_of(State state) {
  switch (state) {
    case State::held: return Kind::passed;
    case State::failed: return Kind::failure;
    case State::skipped: return Kind::skipped;
  }
  return Kind::error;
}

std::string counts(const Suite& suite) {
  return " tests=\"" + std::to_string(suite.tests) + "\" failures=\"" + std::to_string(suite.failures) + "\" errors=\"" +
         std::to_string(suite.errors) + "\" skipped=\"" + std::to_string(suite.skipped) + "\"";
}

std::string property(const std::string& name, const std::string& value) {
  return "      <property name=\"" + xml(name) + "\" value=\"" + xml(value) + "\"/>\n";
}

// Nothing that another confinement does is a failure of the box: no test cases, but properties, and the table in words.
std::string suite_of(const SideResult& side, const std::vector<ActResult>& box) {
  const Count counted = count(side.acts);
  std::string out = "  <testsuite name=\"against " + xml(side.side) + "\"" + counts({}) + ">\n    <properties>\n" + property("what", side.what);
  for (const std::string& note : side.notes) out += property("note", note);
  out += property("stopped", std::to_string(counted.stopped)) + property("leaked", std::to_string(counted.leaked + counted.accepted));
  out += property("ended otherwise", std::to_string(counted.otherwise)) + property("not shown", std::to_string(counted.not_shown + counted.broken));
  for (const ActResult& result : side.acts) out += property(result.act->id, std::string(word_of(result.verdict)) + ": " + result.inside);
  out += "    </properties>\n    <system-out>";
  for (const std::string& line : base::split(against_text(box, {side}), '\n')) out += xml(line) + "\n";
  return out + "</system-out>\n  </testsuite>\n";
}

}  // namespace

std::string report_junit(const Findings& findings) {
  std::vector<std::pair<std::string, Suite>> suites;
  const auto suite = [&suites](const std::string& name) -> Suite& {
    for (auto& [known, one] : suites)
      if (known == name) return one;
    return suites.emplace_back(name, Suite{}).second;
  };
  for (const ActResult& result : findings.acts) {
    const std::string group = result.act->group();
    const bool is_skipped = kind_of(result.verdict) == Kind::skipped;
    const std::string message = is_skipped ? result.reason : "in the box " + result.inside + ", without it " + result.outside + "; " + result.act->why;
    add(suite(group), group, result.act->id, kind_of(result.verdict), std::string(word_of(result.verdict)), message);
  }
  for (const CheckResult& check : findings.posture) add(suite("posture"), "posture", check.name, kind_of(check.state), "posture", check.reason);
  for (const CheckResult& check : findings.expectations) add(suite("expect"), "expect", check.name, kind_of(check.state), "expect", check.reason);
  for (const NotMade& one : findings.not_made) add(suite("against"), "against", one.side, Kind::error, "not compared", one.why);
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"" + xml("fpmbox test " + findings.pool) + "\">\n";
  for (const auto& [name, one] : suites)
    out += "  <testsuite name=\"" + xml(name) + "\"" + counts(one) + ">\n" + one.cases + "  </testsuite>\n";
  for (const SideResult& side : findings.against) out += suite_of(side, findings.acts);
  return out + "</testsuites>\n";
}

}  // namespace harness
