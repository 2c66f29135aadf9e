#include "launcher/denials/explain_programs.h"

#include <algorithm>
#include <string>
#include <vector>

#include "profiles/base/text.h"

namespace launcher {
namespace {

constexpr std::string_view kShell = "/bin/sh";
constexpr const char* kShellForText = "; with a text for a command it wants /bin/sh, too";

struct Starter {
  std::string_view function;
  bool by_shell;  // PHP hands its command to /bin/sh; proc_open() does where it is a text, and pcntl_exec() never
};
constexpr Starter kStarters[] = {{"exec", true}, {"shell_exec", true}, {"system", true}, {"passthru", true},
                                 {"popen", true}, {"proc_open", false}, {"pcntl_exec", false}};

const Starter* starter(std::string_view function) {
  const auto at = std::find_if(std::begin(kStarters), std::end(kStarters), [&](const Starter& one) { return one.function == function; });
  return at == std::end(kStarters) ? nullptr : &*at;
}

bool is_granted(std::string_view path, const DenialContext& context) {
  const auto& granted = context.policy.programs;
  return std::any_of(granted.begin(), granted.end(), [&](const profiles::Program& one) { return one.path.text == path; });
}

// "" when all of them are granted.
std::string line_of(std::vector<std::string_view> paths, const DenialContext& context) {
  std::erase_if(paths, [&](std::string_view path) { return is_granted(path, context); });
  std::string items;
  for (const std::string_view path : paths)
    items += (items.empty() ? "{path: " : ", {path: ") + yaml_text(path) + ", why: \"...\"}";
  return items.empty() ? "" : "programs: [" + items + "]";
}

std::string_view first_word(std::string_view command) { return command.substr(0, command.find(' ')); }

bool is_path(std::string_view word) { return base::is_normal_absolute(word); }

std::string by_whom(const DenialContext& context) {
  const auto& granted = context.policy.programs;
  return decided_at(context, "programs", granted.empty() ? "" : granted.back().item_name()) + (granted.empty() ? "" : ", which does not name it");
}

// `word` is the program that was to be started: its path, its name, or nothing.
void advise(Denial& denial, std::vector<std::string_view> wanted, std::string_view word, const DenialContext& context) {
  if (is_path(word)) wanted.push_back(word);
  denial.kind = Denial::Kind::function;
  denial.decided_by = by_whom(context);
  denial.permit = line_of(std::move(wanted), context);
  if (!is_path(word)) denial.note = note_on_programs();
}

}  // namespace

bool starts_programs(std::string_view function) { return starter(function) != nullptr; }

std::string note_on_programs() { return "each program that is started has to be named by its path: programs: [{path: PATH, why: \"...\"}]"; }

void permit_program(Denial& denial, std::string_view path, const DenialContext& context) { denial.permit = line_of({path}, context); }

void permit_programs_of(Denial& denial, std::string_view function, const DenialContext& context) {
  const std::string shell = starter(function)->by_shell ? line_of({kShell}, context) : "";
  denial.permit = shell + (shell.empty() ? "" : "\n") + "php: {disable_functions: {remove: [" + yaml_text(function) + "]}}";
  denial.note = note_on_programs() + (function == "proc_open" ? kShellForText : "");
}

namespace programs {

// A command may hold what a visitor sent: no more than its first word is told. Where the shell is granted, it failed for another
// reason, such as limits.pids.max.
bool no_shell(Denial& denial, const Captures& parts, const DenialContext& context) {
  if (!starts_programs(parts[0]) || is_granted(kShell, context)) return false;
  denial.act = std::string(parts[0]) + "()";
  advise(denial, {kShell}, first_word(parts[1]), context);
  return true;
}

bool no_exec(Denial& denial, const Captures& parts, const DenialContext& context) {
  if (!starts_programs(parts[0])) return false;
  denial.act = std::string(parts[0]) + "()";
  advise(denial, {}, {}, context);
  if (parts[0] == "proc_open") denial.note += kShellForText;
  return true;
}

// One that is granted lacks what it needs itself.
bool not_found(Denial& denial, const Captures& parts, const DenialContext& context) {
  const std::string_view word = parts[1];
  if (word.empty() || word.find(' ') != word.npos || is_granted(word, context)) return false;
  denial.act = "start " + std::string(word);
  advise(denial, {}, word, context);
  if (word.ends_with("/sendmail")) denial.note = "where it was mail(): mail: {unix: PATH} names a server, without the program";
  return true;
}

}  // namespace programs

}  // namespace launcher
