// Programs that scripts may start: each a widening of the box, and of no use where PHP has no function for it.
#include <algorithm>
#include <array>

#include "profiles/base/text.h"
#include "profiles/checks/facets.h"
#include "profiles/checks/report.h"

namespace profiles {
namespace {

constexpr const char* kDisabled = "php.disable_functions";

// PHP's ways to a program. All but proc_open, which also takes a list of words, give their text to a shell.
struct Starter {
  std::string_view function;
  bool needs_shell;
};
constexpr std::array kStarters = {Starter{"exec", true},  Starter{"shell_exec", true}, Starter{"system", true}, Starter{"passthru", true},
                                  Starter{"popen", true}, Starter{"proc_open", false}};
// What PHP asks for by name (main/php.h, popen(3)), and the other path of the same on most systems.
constexpr std::array<std::string_view, 2> kShells = {"/bin/sh", "/usr/bin/sh"};

bool is_enabled(const CheckInput& input, const Starter& starter) {
  const auto& disabled = input.composed.policy.php.disable_functions;
  return std::find(disabled.begin(), disabled.end(), starter.function) == disabled.end();
}

bool has_shell(const std::vector<Program>& programs) {
  return std::any_of(programs.begin(), programs.end(), [](const Program& program) {
    return std::find(kShells.begin(), kShells.end(), program.path.text) != kShells.end();
  });
}

void check_starters(const CheckInput& input, const std::string& key) {
  std::vector<std::string> by_shell;
  bool none = true;
  for (const Starter& starter : kStarters) {
    if (!is_enabled(input, starter)) continue;
    none = false;
    if (starter.needs_shell) by_shell.emplace_back(starter.function);
  }
  if (none)
    warning(input, key, "no script can start it, for PHP's exec() and its like are in " + std::string(kDisabled) +
            "; `fpmbox exec` and jobs can", "where scripts should, write php: {disable_functions: {remove: [proc_open]}}");
  if (!by_shell.empty() && !has_shell(input.composed.policy.programs))
    warning(input, key, "PHP's " + base::join(by_shell, ", ") + " start it by way of /bin/sh, which is not in programs",
            "add {path: /bin/sh, why: ...}, or leave them disabled: proc_open with a list of words needs no shell");
}

}  // namespace

void check_programs(const CheckInput& input) {
  for (const Program& program : input.composed.policy.programs) {
    const std::string key = "programs[" + program.path.text + "]";
    if (program.why.empty())
      error(input, key, "lets scripts start a program, without a reason",
            "write {path: " + program.path.text + ", why: WHAT STARTS IT}");
  }
}

void hint_at_programs(const CheckInput& input) {
  const auto& programs = input.composed.policy.programs;
  if (!programs.empty()) check_starters(input, "programs[" + programs.front().path.text + "]");
}

}  // namespace profiles
