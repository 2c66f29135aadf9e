#include "launcher/cli/scope.h"

#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "launcher/cli/load.h"

namespace cli {
namespace {

constexpr const char* kSystemdRun = "/usr/bin/systemd-run";

bool in_login_session(const launcher::HostFacts& facts) {
  return std::any_of(facts.cgroups.begin(), facts.cgroups.end(),
                     [](const auto& row) { return row.second.path.find("/user.slice/") != std::string::npos; });
}

bool misses_a_limit(const launcher::Plan& plan) {
  return std::any_of(plan.gaps.begin(), plan.gaps.end(),
                     [](const launcher::Gap& gap) { return gap.required && gap.layer.starts_with("limits."); });
}

}  // namespace

std::vector<std::string> scope_command(const launcher::Plan& plan, const launcher::HostFacts& facts, bool systemd_runs,
                                       const std::string& self, const std::vector<std::string>& arguments) {
  const bool makes_boxes = facts.privileged || facts.ordinary_user;
  if (!systemd_runs || !makes_boxes || facts.container || !misses_a_limit(plan) || !in_login_session(facts)) return {};
  std::vector<std::string> command = {kSystemdRun, "--scope", "--quiet", "--collect", "--property=Delegate=yes", "--", self};
  if (facts.ordinary_user) command.insert(command.begin() + 1, "--user");
  command.insert(command.end(), arguments.begin(), arguments.end());
  return command;
}

void enter_scope(const std::vector<std::string>& command) {
  std::vector<char*> argv;
  for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  ::execv(argv[0], argv.data());
  print_error(command[0] + " could not be started, so that this terminal's session has no control group to divide");
}

bool systemd_runs() {
  struct stat info {};
  if (::geteuid() != 0) {  // the user's own manager
    const char* folder = ::getenv("XDG_RUNTIME_DIR");
    if (folder == nullptr || ::access((std::string(folder) + "/systemd/private").c_str(), F_OK) != 0) return false;
  }
  return ::lstat("/run/systemd/system/", &info) == 0 && S_ISDIR(info.st_mode) && ::access(kSystemdRun, X_OK) == 0;
}

std::string own_executable() {
  char path[PATH_MAX] = {};
  return ::readlink("/proc/self/exe", path, sizeof path - 1) > 0 ? path : std::string();
}

}  // namespace cli
