// fpmbox diff: what one effective policy says otherwise than another. As diff(1): 0 when they are the same, 1 when not.
#include <unistd.h>

#include <algorithm>

#include "launcher/cli/commands.h"
#include "launcher/cli/exit_codes.h"
#include "launcher/cli/json.h"
#include "launcher/cli/load.h"
#include "profiles/compare/compare.h"

namespace cli {
namespace {

using profiles::Difference;

struct DiffOptions {
  std::string before;
  std::string after;
  bool json = false;
};

// nullopt, after all was said, for what could not be read; `code` is the exit code then.
std::optional<profiles::Policy> policy_of(const std::string& word, const Globals& globals, int& code) {
  base::Diagnostics diagnostics;
  auto loaded = load_profile(word, globals, diagnostics);
  if (!loaded) {
    print_error(loaded.error().text());
    code = kUsage;
    return std::nullopt;
  }
  print_diagnostics(diagnostics, stderr);
  if (!diagnostics.has_errors()) return std::move(loaded.value().composed.policy);
  code = kBadProfile;
  return std::nullopt;
}

const char* word_of(Difference::Kind kind) {
  switch (kind) {
    case Difference::Kind::added: return "added";
    case Difference::Kind::removed: return "removed";
    case Difference::Kind::changed: break;
  }
  return "changed";
}

std::string value_of(bool is_there, const std::string& text) { return is_there ? json_text(text) : "null"; }

std::string json_object(const Difference& one) {
  return std::string("{\"kind\": \"") + word_of(one.kind) + "\", \"key\": " + json_text(one.key) +
         ", \"before\": " + value_of(one.kind != Difference::Kind::added, one.before) +
         ", \"after\": " + value_of(one.kind != Difference::Kind::removed, one.after) +
         ", \"widens\": " + (one.widens ? "true" : "false") + "}";
}

void print_as_json(const std::vector<Difference>& differences) {
  std::string text;
  for (const Difference& one : differences) text += (text.empty() ? "\n  " : ",\n  ") + json_object(one);
  std::printf("[%s]\n", text.empty() ? "" : (text + "\n").c_str());
}

int diff(const DiffOptions& options, const Globals& globals) {
  int code = kDone;
  const auto before = policy_of(options.before, globals, code);
  const auto after = before ? policy_of(options.after, globals, code) : std::nullopt;
  if (!before || !after) return code;
  const auto differences = profiles::compare(*before, *after);
  if (options.json)
    print_as_json(differences);
  else
    for (const Difference& one : differences) std::printf("%s\n", profiles::text_of(one).c_str());
  return differences.empty() ? kDone : kDifferent;
}

}  // namespace

void add_diff(App app, Globals& globals) {
  auto options = std::make_shared<DiffOptions>();
  App command = app.add_subcommand("diff", "what B grants that A does not, and the reverse; exit code 0 when they are the same, 1 when not")
                    .group(kProve);
  const char* const word = "pool file, or the name of a pool or of a profile of the catalog";
  command.add_option("A", options->before, word).required();
  command.add_option("B", options->after, word).required();
  command.add_flag("--json", options->json, "for programs");
  command.callback([options, &globals] { globals.command = [options, &globals] { return diff(*options, globals); }; });
}

}  // namespace cli
