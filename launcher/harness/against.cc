#include "launcher/harness/against.h"

#include <algorithm>
#include <array>
#include <map>

#include "launcher/harness/known_gaps.h"
#include "profiles/base/text.h"

namespace harness {
namespace {

constexpr std::size_t kTitleWidth = 30;
constexpr std::size_t kColumnWidth = 12;
constexpr std::size_t kIdWidth = 34;
constexpr std::size_t kCountWidth = 4;
constexpr const char* kNoProc = "no /proc";  // what acts say that ask it about their own process

using Counts = std::map<Verdict, std::size_t>;

Counts count_of(const std::vector<ActResult>& acts) {
  Counts out;
  for (const ActResult& result : acts) ++out[result.verdict];
  return out;
}

// Nobody expects of another confinement that it refuses in the box's words: what neither succeeds nor is refused so is counted
// by itself.
struct Row {
  const char* title;
  std::vector<Verdict> verdicts;
};
const std::array<Row, 5>& rows() {
  static const std::array<Row, 5> kRows = {Row{"stopped", {Verdict::stopped}},
                                           Row{"leaked", {Verdict::leaked, Verdict::accepted}},
                                           Row{"ended otherwise", {Verdict::otherwise}},
                                           Row{"not shown on this machine", {Verdict::not_shown, Verdict::broken_control}},
                                           Row{"does not apply", {Verdict::does_not_apply, Verdict::granted}}};
  return kRows;
}

std::string left(std::string text, std::size_t width) {
  if (text.size() < width) text.resize(width, ' ');
  return text;
}
std::string right(const std::string& text, std::size_t width) { return text.size() < width ? std::string(width - text.size(), ' ') + text : text; }

struct Column {
  std::string title;
  Counts counts;
  std::size_t width() const { return std::max(kColumnWidth, title.size() + 2); }
};

std::string line(const Row& row, const std::vector<Column>& columns) {
  std::string out = "  " + left(row.title, kTitleWidth);
  for (const Column& column : columns) {
    std::size_t sum = 0;
    for (const Verdict verdict : row.verdicts)
      if (const auto found = column.counts.find(verdict); found != column.counts.end()) sum += found->second;
    out += right(std::to_string(sum), column.width());
  }
  return out + "\n";
}

std::string leaks_text(const std::vector<ActResult>& box, const SideResult& side) {
  const auto leaks = leaks_beyond(box, side);
  if (leaks.empty()) return {};
  std::string out = "\nsucceed in " + side.side + " and not in the box (" + side.what + ")\n";
  for (const ActResult* leak : leaks) out += "  " + left(leak->act->id, kIdWidth) + " " + base::escape_control(leak->act->why) + "\n";
  return out;
}

// Of a layer that is narrower here than it would be elsewhere an act tells something by its success alone.
void settle(ActResult& result, const std::vector<Shortfall>& shortfalls) {
  if (result.verdict != Verdict::stopped && result.verdict != Verdict::otherwise) return;
  for (const Shortfall& one : shortfalls)
    for (const std::string& layer : one.layers)
      if (is_among(layer, result.act->layers)) {
        result.verdict = Verdict::not_shown;
        result.reason = one.text;
      }
}

std::string gaps_text(const SideResult& side) {
  std::string out;
  for (const ActResult& result : side.acts)
    if (result.verdict == Verdict::accepted) out += "  " + left(result.act->id, kIdWidth) + " " + result.reason + "\n";
  return out.empty() || !side.is_ours ? "" : "\nsucceed in " + side.side + " by a gap that it says at its start\n" + out;
}

// How many by which reason: most stand behind one.
std::string other_words_text(const SideResult& side) {
  std::map<std::string, std::size_t> reasons;
  for (const ActResult& result : side.acts)
    if (result.verdict == Verdict::otherwise && !result.reason.empty()) ++reasons[result.reason];
  std::string out;
  for (const auto& [reason, acts] : reasons) out += "  " + right(std::to_string(acts), kCountWidth) + "  " + reason + "\n";
  return out.empty() ? "" : "\nend in " + side.side + " otherwise than in the box, as is known\n" + out;
}

std::string notes_text(const SideResult& side) {
  std::string out;
  for (const std::string& note : side.notes) out += "  " + side.side + " " + base::escape_control(note) + "\n";
  return out;
}

}  // namespace

void settle_in_container(ActResult& result, const Arena& arena) {
  const std::vector<SaidGap> said = arena.gaps();
  if (const SaidGap* const gap = result.inside == kNoProc ? gap_without_proc(said) : nullptr; gap != nullptr) {
    result.verdict = Verdict::does_not_apply;
    result.reason = "the box has no /proc there: gap " + gap->gap;
  }
  if (result.verdict == Verdict::otherwise)
    if (const OtherAnswer* const known = find_other_answer(*result.act, result.inside, said); known != nullptr) result.reason = known->why;
  if (result.verdict != Verdict::leaked) return;
  const KnownGap* const gap = gap_behind(*result.act, arena.targets(), said);
  if (gap == nullptr) return;
  result.verdict = Verdict::accepted;
  result.reason = std::string("gap ") + gap->gap + ": " + gap->why;
}

base::Result<SideResult> try_side(const Side& side, Arena& arena, Runner& runner, const std::vector<ActResult>& box) {
  TRY(arena.socket());
  const std::vector<Shortfall> shortfalls = arena.shortfalls();
  SideResult out{side.name, side.what, {}, {}, side.is_ours};
  for (const Shortfall& one : shortfalls) out.notes.push_back(one.text);
  std::vector<const Act*> acts;
  for (const ActResult& result : box) {
    if (result.verdict == Verdict::does_not_apply) continue;
    acts.push_back(result.act);
    out.acts.push_back({result.act, Verdict::otherwise, {}, result.outside, {}});
  }
  const std::vector<Attempted> tried = runner.attempt(arena, acts);
  for (std::size_t i = 0; i < tried.size(); ++i) {
    if (tried[i].is_missing) return base::Error{acts[i]->id + " was not tried: " + tried[i].outcome, {}, 0, {}};
    ActResult& result = out.acts[i];
    result.inside = tried[i].outcome;
    result.pool_died = tried[i].died;
    result.verdict = verdict_of(*acts[i], result.inside, result.outside);
    if (result.verdict == Verdict::not_shown) result.reason = acts[i]->lacking.at(result.outside);
    settle(result, shortfalls);
    if (side.is_ours) settle_in_container(result, arena);
  }
  return out;
}

std::vector<const ActResult*> leaks_beyond(const std::vector<ActResult>& box, const SideResult& there) {
  std::map<std::string, Verdict> here;
  for (const ActResult& result : box) here[result.act->id] = result.verdict;
  std::vector<const ActResult*> out;
  for (const ActResult& result : there.acts) {
    const Verdict of_box = here[result.act->id];
    if (result.verdict == Verdict::leaked && of_box != Verdict::leaked && of_box != Verdict::accepted) out.push_back(&result);
  }
  return out;
}

std::string against_text(const std::vector<ActResult>& box, const std::vector<SideResult>& sides) {
  if (sides.empty()) return {};
  std::vector<Column> columns = {{"box", count_of(box)}};
  for (const SideResult& side : sides) columns.push_back({side.side, count_of(side.acts)});
  std::string out = "the same acts elsewhere\n  " + left("", kTitleWidth);
  for (const Column& column : columns) out += right(column.title, column.width());
  out += "\n";
  for (const Row& row : rows()) out += line(row, columns);
  for (const SideResult& side : sides) out += notes_text(side);
  for (const SideResult& side : sides) out += leaks_text(box, side) + gaps_text(side) + other_words_text(side);
  return out;
}

}  // namespace harness
