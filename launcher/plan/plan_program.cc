// The program of a box: the pool's service, or one command beside it.
#include "launcher/plan/facets.h"
#include "launcher/plan/inside.h"

namespace launcher {
namespace {

constexpr const char* kPhp = "php";

// What FPM's env[] gives to scripts, as a process has it.
std::vector<std::string> environment_of(const profiles::Policy& policy) {
  std::vector<std::string> out = {"PHP_INI_SCAN_DIR=", std::string("HOME=") + inside::kTmp, "USER=" + policy.identity.user};
  for (const auto& [name, value] : policy.environment) out.push_back(name + "=" + value);
  return out;
}

void use_php(const PlanInput& input, base::Diagnostics& diagnostics, ProgramPlan& out) {
  const PhpFacts& php = input.facts.php_command;
  if (php.binary.empty() && !input.facts.php.binary.empty())
    diagnostics.error(input.origins.find("php.version").where, "php.version", php.reason, "install it (on Debian: apt install php" +
                      input.facts.php.version.substr(0, input.facts.php.version.rfind('.')) + "-cli)");
  out.source = php.binary;
  out.interpreter = php.interpreter;
  out.argv = {kPhp, "-c", config_directory(input.policy, false) + "/php.ini"};
}

}  // namespace

ProgramPlan plan_service(const PlanInput& input, const PhpConfiguration& php, const Plan& plan) {
  ProgramPlan out;
  out.source = input.facts.php.binary;
  out.interpreter = input.facts.php.interpreter;
  out.argv = php.argv;
  out.environment = {"PHP_INI_SCAN_DIR=",
                     "FPM_SOCKETS=" + plan.live.key + "=" + std::to_string(inside::kLiveFd) + "," + plan.status.key + "=" +
                         std::to_string(inside::kStatusFd)};
  return out;
}

ProgramPlan plan_command(const PlanInput& input, base::Diagnostics& diagnostics) {
  ProgramPlan out;
  const auto& command = input.request.command;
  if (command.front() == kPhp)
    use_php(input, diagnostics, out);
  else
    diagnostics.error({}, "", "`" + command.front() + "` is no program of this box: php is the only one",
                      "begin the command with php, such as: php " + command.front());
  out.argv.insert(out.argv.end(), command.begin() + 1, command.end());
  out.environment = environment_of(input.policy);
  out.directory = code_paths(input.policy, input.facts).resolved;
  out.has_streams = true;
  return out;
}

}  // namespace launcher
