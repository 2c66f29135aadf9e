// What was found, for people and for programs.
#include <algorithm>

#include "launcher/doctor/examine.h"
#include "profiles/base/json.h"
#include "profiles/base/text.h"

namespace launcher {
namespace {

using base::Json;
using Word = Outcome::Word;

const char* word_of(const Finding& finding) {
  switch (finding.outcome.word) {
    case Word::works: return "ok";
    case Word::untried: return "untried";
    case Word::fails: return finding.needed ? "MISSING" : "absent";
  }
  return "";
}

std::string padded(const std::string& text, std::size_t width) { return text + std::string(width - std::min(width, text.size()), ' '); }

std::string line(const char* label, const std::string& text, std::size_t indent) {
  return text.empty() ? "" : std::string(indent, ' ') + padded(label, 7) + base::escape_control(text) + "\n";
}

std::string paragraph(const Finding& finding, std::size_t width) {
  constexpr std::size_t kWord = 9;
  std::string out = "  " + padded(word_of(finding), kWord) + padded(finding.name, width + 2) + base::escape_control(finding.outcome.detail);
  while (out.ends_with(' ')) out.pop_back();
  out += "\n";
  if (finding.outcome.word != Word::fails) return out;
  return out + line("for", finding.why, kWord + 2) + line("cause", finding.cause, kWord + 2) + line("fix", finding.fix, kWord + 2);
}

std::string heading(const Surroundings& around) {
  std::string out = "Linux " + around.release + (around.root ? ", as root" : ", as an ordinary user");
  if (!around.container.empty()) out += ", in a container (" + around.container + ")";
  if (around.filtered) out += ", under a seccomp filter";
  if (!around.confined_by.empty()) out += ", under AppArmor's profile " + around.confined_by;
  return base::escape_control(out) + (around.systemd ? ", with systemd" : "") + "\n";
}

}  // namespace

std::string print(const Examination& examination) {
  std::size_t width = 0;
  for (const Finding& finding : examination.findings) width = std::max(width, finding.name.size());
  std::string out = heading(examination.around);
  for (const Finding& finding : examination.findings) out += paragraph(finding, width);
  if (is_complete(examination)) return out + "A box can be made here with every layer.\n";
  return out + "A box cannot have every layer here; `fpmbox plan POOL` says what of it a pool lets go.\n";
}

std::string print_json(const Examination& examination) {
  const Surroundings& around = examination.around;
  Json out = {{"complete", is_complete(examination)}, {"kernel", around.release}, {"root", around.root},
                      {"container", around.container},        {"filtered", around.filtered}};
  out["findings"] = Json::array();
  for (const Finding& one : examination.findings)
    out["findings"].push_back({{"name", one.name}, {"result", word_of(one)}, {"needed", one.needed}, {"detail", one.outcome.detail},
                               {"errno", one.outcome.code}, {"why", one.why}, {"since", one.since}, {"cause", one.cause}, {"fix", one.fix}});
  return out.dump(2) + "\n";
}

}  // namespace launcher
