// The findings of a test in the forms that people and programs read. Pure: each report_x.cc is one form.
#pragma once

#include <string>
#include <vector>

#include "launcher/harness/against.h"
#include "launcher/harness/verdict.h"

namespace harness {

// One check that is no act: a request, a connection, a path, a row of the running box.
struct CheckResult {
  std::string name;    // "request GET /index.php"
  std::string what;    // what was expected, for people
  enum class State { held, failed, skipped } state = State::held;
  std::string reason;  // why not, or why it was not tried
};

// Of fpmbox in a container: acts are stopped there in words that are known, and none succeeds but by a gap that was said. One row for
// each that does otherwise; nothing of other sides.
std::vector<CheckResult> check_ours(const SideResult& side);
// The same of a box that did not come up there, or did not try them all.
std::vector<CheckResult> check_not_made(const Side& side, const std::string& why);

struct NotMade {
  std::string side;
  std::string why;
};

struct Findings {
  std::string pool;
  std::vector<ActResult> acts;
  std::vector<CheckResult> posture;       // is the running box what its plan says?
  std::vector<CheckResult> expectations;  // of the profile's author
  std::vector<SideResult> against;        // other confinements (--against)
  std::vector<NotMade> not_made;          // those that did not come up
  std::vector<std::string> notes;         // what was not copied, pools that died, layers that were away
  std::vector<std::string> layers_away;   // --without
  double core_seconds = 0;                // acts that use no more of the machine than a request does
  double seconds = 0;                     // all of it
};

struct Count {
  std::size_t stopped = 0, leaked = 0, otherwise = 0, not_shown = 0, broken = 0, accepted = 0, granted = 0, not_applicable = 0;
  std::size_t held = 0, failed = 0, skipped = 0;
};
Count count(const Findings& findings);
Count count(const std::vector<ActResult>& acts);
bool passes(const Findings& findings);
std::string summary(const Findings& findings);  // one line

enum class Format { text, tap, junit, json };
struct ReportOptions {
  bool colours = false;
  bool all_acts = true;  // stopped ones too
};
std::string report_text(const Findings& findings, const ReportOptions& options);
std::string report_tap(const Findings& findings);
std::string report_junit(const Findings& findings);
std::string report_json(const Findings& findings);
std::string report(Format format, const Findings& findings, const ReportOptions& options);

}  // namespace harness
