// A table for people who know their site and not the kernel: what is tried, what became of it, and what the same act does
// where nothing confines it.
#include <algorithm>

#include "launcher/harness/report.h"
#include "profiles/base/text.h"

namespace harness {
namespace {

using State = CheckResult::State;

constexpr const char* kRed = "\033[31m";
constexpr const char* kGreen = "\033[32m";
constexpr const char* kYellow = "\033[33m";
constexpr const char* kPlain = "\033[0m";
constexpr std::size_t kIdWidth = 34;
constexpr std::size_t kVerdictWidth = 14;

class Table {
 public:
  explicit Table(const ReportOptions& options) : options_(options) {}

  void group(const std::string& name) { out_ += (out_.empty() ? "" : "\n") + name + "\n"; }
  void row(const std::string& id, const char* colour, std::string_view word, const std::string& what) {
    out_ += "  " + coloured(colour, padded(std::string(word), kVerdictWidth)) + " " + padded(base::escape_control(id), kIdWidth) + " " + base::escape_control(what) + "\n";
  }
  void more(const std::string& text) { out_ += std::string(kVerdictWidth + 5, ' ') + base::escape_control(text) + "\n"; }
  void line(const std::string& text) { out_ += base::escape_control(text) + "\n"; }
  void text(const std::string& text) { out_ += text.empty() ? "" : "\n" + text; }
  std::string take() { return std::move(out_); }

 private:
  static std::string padded(std::string text, std::size_t width) {
    if (text.size() < width) text.resize(width, ' ');
    return text;
  }
  std::string coloured(const char* colour, const std::string& text) const { return options_.colours ? colour + text + kPlain : text; }

  const ReportOptions& options_;
  std::string out_;
};

const char* colour_of(Verdict verdict) {
  if (is_error(verdict)) return kRed;
  return verdict == Verdict::stopped ? kGreen : kYellow;
}

std::string walls_of(const ActResult& result) {
  if (!result.walls_known) return {};
  if (result.more_walls) return "walls: 1 at least; it is stopped still when " + base::join(result.act->layers, ", ") + " are away, as far as they can be";
  return "walls: " + std::to_string(result.walls.size()) + " (" + base::join(result.walls, ", ") + ")";
}

void add_act(const ActResult& result, Table& table) {
  const Act& act = *result.act;
  table.row(act.id, colour_of(result.verdict), word_of(result.verdict), act.why);
  const bool was_tried = result.verdict != Verdict::does_not_apply;
  std::string how = was_tried ? "in the box: " + result.inside + "; without it: " + result.outside : "";
  if (!result.reason.empty()) how += (how.empty() ? "" : "; ") + result.reason;
  table.more(how);
  if (is_error(result.verdict)) table.more("it should end with " + base::join(act.inside, " or ") + ", without the box with " + base::join(act.outside, " or "));
  if (!act.source.empty() && is_error(result.verdict)) table.more("see " + act.source);
  if (const std::string walls = walls_of(result); !walls.empty()) table.more(walls);
}

void add_checks(const std::string& title, const std::vector<CheckResult>& checks, Table& table) {
  if (checks.empty()) return;
  table.group(title);
  for (const CheckResult& check : checks) {
    const bool held = check.state == State::held, failed = check.state == State::failed;
    table.row(check.name, held ? kGreen : failed ? kRed : kYellow, held ? "holds" : failed ? "FAILS" : "skipped", check.what);
    if (!check.reason.empty()) table.more(check.reason);
  }
}

// Where one layer's failure is enough.
void add_single_walls(const Findings& findings, Table& table) {
  bool is_first = true;
  for (const ActResult& result : findings.acts) {
    if (result.only_wall.empty()) continue;
    if (is_first) table.group("acts with one wall");
    is_first = false;
    table.row(result.act->id, kYellow, "one wall", "only " + base::join(result.only_wall, " together with ") + " stops it");
  }
}

}  // namespace

std::string report_text(const Findings& findings, const ReportOptions& options) {
  Table table(options);
  std::string group;
  for (const ActResult& result : findings.acts) {
    if (!options.all_acts && !is_error(result.verdict)) continue;
    if (result.act->group() != group) table.group(group = result.act->group());
    add_act(result, table);
  }
  add_single_walls(findings, table);
  add_checks("the running box against its plan", findings.posture, table);
  add_checks("what the profile expects", findings.expectations, table);
  table.text(against_text(findings.acts, findings.against));
  if (!findings.notes.empty()) table.group("notes");
  for (const std::string& note : findings.notes) table.line("  " + note);
  table.line("");
  table.line(findings.pool + ": " + summary(findings));
  return table.take();
}

}  // namespace harness
