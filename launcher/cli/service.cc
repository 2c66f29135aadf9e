#include "launcher/cli/service.h"

#include <unistd.h>

#include "launcher/boxes/unit.h"
#include "launcher/cli/scope.h"
#include "launcher/facts/ask_program.h"

namespace cli {
namespace {

constexpr const char* kSystemctl = "/usr/bin/systemctl";

launcher::Question question(std::vector<std::string> arguments) {
  return {.program = kSystemctl, .arguments = std::move(arguments), .as = {}, .longest_answer = 4096};
}

}  // namespace

bool is_service_of(const std::string& unit, pid_t pid) {
  if (!launcher::is_service_name(unit) || !systemd_runs()) return false;
  const auto answer = launcher::ask_program(question({"show", "--property=MainPID", "--value", "--", unit}));
  return !answer || answer.value() == std::to_string(pid) + "\n";  // no answer is no reason to act behind systemd's back
}

base::Status ask_systemd_to_stop(const std::string& unit) {
  const auto answer = launcher::ask_program(question({"stop", "--no-block", "--", unit}));
  if (answer) return base::success();
  return base::Error{"systemd was asked to stop " + unit + ", but: " + answer.error().text() + "; run: systemctl stop " + unit, {}, 0, {}};
}

}  // namespace cli
