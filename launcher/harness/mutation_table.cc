// Which mutants were noticed, and by whom, as a table for people; and why some cannot be.
#include <algorithm>

#include "launcher/harness/mutation.h"
#include "profiles/base/text.h"

namespace harness {
namespace {

constexpr std::size_t kNameWidth = 50;
constexpr std::size_t kActsShown = 2;

// Mutants that nothing notices, by the beginning and the end of their names.
struct Explained {
  const char* start;
  const char* end;
  const char* why;
};
constexpr const char* kDefault = "PHP's own default is what the profiles of the catalog say";
constexpr const char* kTwice = "the box's php.ini says the same, and posture reads that file";
constexpr Explained kExplained[] = {
    {"command:opcache.memory_consumption", "", kDefault},
    {"command:opcache.max_accelerated_files", "", kDefault},
    {"command:opcache.lockfile_path", "", kDefault},
    {"command:opcache.validate_timestamps", "", kDefault},
    {"command:opcache.revalidate_freq", "", kDefault},
    {"command:enable_dl", "", kTwice},
    {"command:opcache.jit", "", kTwice},  // and its buffer's size
    {"command:expose_php", "", kTwice},
    {"command:user_ini.filename", "", kTwice},
    {"landlock:", ":unaimed", "no kernel shows Landlock's rules, and acts upload programs to /tmp, the sessions and the first writable folder alone, whose rules are made by the same line"},
};

std::string padded(std::string text) {
  if (text.size() < kNameWidth) text.resize(kNameWidth, ' ');
  return text;
}

std::string first_of(const std::vector<std::string>& words) {
  const std::vector<std::string> shown(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(std::min(words.size(), kActsShown)));
  return base::join(shown, ", ") + (words.size() > shown.size() ? " and " + std::to_string(words.size() - shown.size()) + " more" : "");
}

std::string noticed_by(const MutantResult& result) {
  if (!result.error.empty()) return "NOT TRIED: " + result.error;
  std::vector<std::string> parts;
  if (!result.acts.empty()) parts.push_back("act " + first_of(result.acts));
  if (!result.rows.empty()) parts.push_back("posture " + first_of(result.rows));
  if (parts.empty()) {
    const std::string why = explanation(result.name);
    return "SURVIVED" + (why.empty() ? ", and nobody knows why (" + std::to_string(result.acts_tried) + " acts tried)" : ", explained: " + why);
  }
  if (!result.harm.empty()) return base::join(parts, "; ") + " (worked out, no box: " + result.harm + ")";
  const std::vector<std::string> beside(result.beside.begin(), result.beside.end());
  return base::join(parts, "; ") + (result.acts.empty() ? " (posture alone)" : "") + (beside.empty() ? "" : " (away too: " + base::join(beside, ", ") + ")");
}

}  // namespace

bool is_noticed(const MutantResult& result) { return !result.acts.empty() || !result.rows.empty(); }

std::string explanation(const std::string& mutant) {
  for (const Explained& row : kExplained)
    if (mutant.starts_with(row.start) && mutant.ends_with(row.end)) return row.why;
  return {};
}

bool passes(const std::vector<MutantResult>& results) {
  return !results.empty() && std::all_of(results.begin(), results.end(), [](const MutantResult& result) {
    return result.error.empty() && (is_noticed(result) || !explanation(result.name).empty());
  });
}

std::string mutation_table(const std::vector<MutantResult>& results) {
  std::string out;
  std::size_t by_acts = 0, by_posture = 0, thought = 0, explained = 0, unexplained = 0, untried = 0;
  for (const MutantResult& result : results) {
    out += padded(base::escape_control(result.name)) + " " + base::escape_control(noticed_by(result)) + "\n";
    const bool survived = result.error.empty() && !is_noticed(result);
    untried += !result.error.empty();
    by_acts += !result.acts.empty();
    by_posture += result.acts.empty() && !result.rows.empty() && result.harm.empty();
    thought += !result.rows.empty() && !result.harm.empty();
    (explanation(result.name).empty() ? unexplained : explained) += survived;
  }
  for (const Immutable& row : immutables()) out += padded("no row of a plan") + " " + row.what + ": " + row.proved_by + "\n";
  return out + "\n" + std::to_string(results.size()) + " mutants: " + std::to_string(by_acts) + " noticed by acts, " + std::to_string(by_posture) + " by the posture alone, " +
         std::to_string(thought) + " worked out, " + std::to_string(explained) + " survived and explained, " +
         std::to_string(unexplained) + " SURVIVED, " + std::to_string(untried) + " not tried\n";
}

}  // namespace harness
