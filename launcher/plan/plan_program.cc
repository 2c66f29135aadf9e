// The program of a box: the pool's service, or one command beside it.
#include "launcher/plan/facets.h"
#include "launcher/plan/inside.h"
#include "launcher/plan/plan_programs.h"
#include "profiles/base/text.h"

namespace launcher {
namespace {

constexpr const char* kPhp = "php";

// What FPM's env[] gives to scripts, as a process has it.
std::vector<std::string> environment_of(const PlanInput& input) {
  std::vector<std::string> out = {"PHP_INI_SCAN_DIR=", std::string("HOME=") + inside::kTmp, "USER=" + input.policy.identity.user};
  const std::string directory = php_program_directory(input.facts, config_directory(input));
  for (const auto& [name, value] : script_environment(input.policy, directory)) out.push_back(name + "=" + value);
  return out;
}

// fpmbox build puts none into a root: it would be one more program there.
std::string to_have_php(const HostFacts& facts) {
  if (!facts.root.empty()) return "a root that fpmbox build made has php-fpm alone; run the command by another pool file, with root: system and code of this host";
  return "install it (on Debian: apt install php" + facts.php.version.substr(0, facts.php.version.rfind('.')) + "-cli)";
}

void use_php(const PlanInput& input, base::Diagnostics& diagnostics, ProgramPlan& out) {
  const PhpFacts& php = input.facts.php_command;
  if (php.binary.empty() && !input.facts.php.binary.empty())
    diagnostics.error(input.origins.find("php.version").where, "php.version", php.reason, to_have_php(input.facts));
  out.source = php.binary;
  out.interpreter = php.interpreter;
  out.argv = {kPhp, "-c", config_directory(input) + "/php.ini"};
}

// The kernel starts a script's interpreter by the script's path, which an exec by fd does not have.
void use_script(const PlanInput& input, const profiles::Program& program, const ProgramFact& script, ProgramPlan& out) {
  out.argv = script.words;
  out.argv.push_back(program.path.text);
  const std::string& real = real_loader(input.facts, script.words.front());
  for (const auto& [path, fact] : input.facts.programs)
    if (fact.real == real && fact.kind == ProgramFact::Kind::elf) {
      out.source = fact.real;
      out.interpreter = fact.loader;
    }
}

void use_program(const PlanInput& input, const profiles::Program& program, base::Diagnostics& diagnostics, ProgramPlan& out) {
  const auto found = input.facts.programs.find(program.path.text);
  if (found == input.facts.programs.end()) return;  // check_host() has said so
  out.source = found->second.real;
  out.interpreter = found->second.loader;
  out.argv = {input.request.command.front()};
  if (found->second.kind != ProgramFact::Kind::script) return;
  out.source.clear();
  use_script(input, program, found->second, out);
  if (out.source.empty())
    diagnostics.error(input.origins.find("programs[" + program.path.text + "]").where, "programs[" + program.path.text + "]",
                      "it is a script for `" + found->second.words.front() + "`, which is itself a script", "name that one's interpreter");
}

// "/usr/bin/php", "php8.2": as crontabs have it.
bool is_name_of_php(const std::string& word) {
  const std::string name = word.substr(word.rfind('/') + 1);
  return name.starts_with(kPhp) && name.find_first_not_of("0123456789.", std::string_view(kPhp).size()) == name.npos;
}

void refuse_command(const PlanInput& input, base::Diagnostics& diagnostics) {
  const std::string& word = input.request.command.front();
  std::vector<std::string> names = {kPhp};
  for (const auto& program : input.policy.programs) names.push_back(program.path.text);
  diagnostics.error({}, "", "`" + word + "` is no program of this box: " +
                    (names.size() == 1 ? "php is the only one" : "it has " + base::join(names, ", ")),
                    is_name_of_php(word) ? "write php, which is the command line of the pool's version"
                                         : "begin the command with php, such as: php " + word + ", or name it in programs:");
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
  const profiles::Program* const program = named_program(input.policy, command.front());
  if (command.front() == kPhp)
    use_php(input, diagnostics, out);
  else if (program != nullptr)
    use_program(input, *program, diagnostics, out);
  else
    refuse_command(input, diagnostics);
  out.argv.insert(out.argv.end(), command.begin() + 1, command.end());
  out.environment = environment_of(input);
  out.directory = code_paths(input.policy, input.facts).resolved;
  out.has_streams = true;
  return out;
}

}  // namespace launcher
