#include "images/trial/trial.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <optional>

#include "images/cli/commands.h"
#include "images/cli/exit_codes.h"
#include "images/store/refuse.h"
#include "images/trial/container.h"
#include "images/trial/files.h"
#include "images/trial/root.h"
#include "images/trial/stand_ins.h"
#include "launcher/harness/expectations.h"
#include "launcher/sys/file.h"
#include "profiles/load/compose.h"

namespace images {
namespace {

using harness::CheckResult;
using State = harness::CheckResult::State;

CheckResult row(const std::string& name, const std::string& what, const std::string& mistake) {
  return {name, what, mistake.empty() ? State::held : State::failed, mistake};
}

void add(std::vector<CheckResult> more, std::vector<CheckResult>& rows) {
  for (CheckResult& one : more) rows.push_back(std::move(one));
}

constexpr const char* kNobody = "nobody answers there in a trial, which reaches no network and no mount of yours";

std::string why_it_stopped(const std::optional<int>& code) {
  if (code == 0) return {};
  return code ? "it ended with " + std::to_string(*code) : "it had to be killed";
}

std::vector<CheckResult> rows_of(Container& container, ActTrial& acts, const profiles::Policy& policy) {
  const auto socket = container.socket();
  std::vector<CheckResult> rows = {row("image/starts", "the entrypoint comes up and opens the pool's socket", socket ? "" : socket.error().text())};
  if (!socket) return rows;
  add(harness::check_requests({policy, container, {policy.filesystem.code.text}, false, "which no trial has"}), rows);
  add(check_files_by_php(policy, socket.value()), rows);
  if (!policy.expect.connects.empty())
    add(harness::check_connections_beside(policy.expect, harness::probe_of(acts.outside()), harness::probe_of(container), kNobody), rows);
  if (names_acts(policy.expect)) add(acts.check(container), rows);
  const bool is_up = container.socket().ok();  // an act may have ended it
  rows.push_back(row("image/stops", "SIGTERM ends it with 0", is_up ? why_it_stopped(container.end()) : "it does not come up again after acts"));
  return rows;
}

// In namespaces of its own: from here on the image's root is the only one there is.
base::Result<int> inside(StoredImage image, const profiles::Policy& policy, const TrialActs& acts, Start command) {
  add_acts(policy, acts, image);
  add_scripts(policy, names_acts(policy.expect) ? std::vector<std::string>{act_script_of(policy)} : std::vector<std::string>(), image);
  ActTrial trial(policy, acts, php_fpm_of(image), command.words.front());
  const auto user = user_of(image, policy.identity.user);
  TRY(enter_image(image, policy));
  const StandIns servers = make_stand_ins(policy.expect);
  if (names_acts(policy.expect) || !policy.expect.connects.empty()) {
    if (!user) return user.error();
    TRY(trial.prepare(user.value()));
  }
  Container container(std::move(command), policy, act_script_of(policy));
  harness::Findings findings;
  findings.pool = policy.name;
  findings.expectations = rows_of(container, trial, policy);
  std::fputs(harness::report_tap(findings).c_str(), stdout);
  std::fflush(stdout);
  return harness::passes(findings) ? kDone : kDiffers;
}

[[noreturn]] void be_tester(StoredImage image, const profiles::Policy& policy, const TrialActs& acts, Start command) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (::unshare(CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS) != 0) {
    print_error(sys::failure("unshare", "namespaces").text());
    ::_exit(kFailed);
  }
  const auto code = inside(std::move(image), policy, acts, std::move(command));
  if (!code) print_error(code.error().text());
  ::_exit(code ? code.value() : kFailed);
}

}  // namespace

base::Result<profiles::Policy> policy_of(const StoredImage& image) {
  for (const StoredLayer& layer : image.layers)
    for (const Member& member : layer.members) {
      if (member.path != kPoolFile || member.kind != Member::Kind::file) continue;
      base::Diagnostics diagnostics;
      auto composed = profiles::compose("", [&](const std::string&) -> base::Result<std::string> { return member.bytes; }, kPoolFile, diagnostics);
      if (diagnostics.has_errors()) return refuse("the image's " + diagnostics.all().front().text());
      return std::move(composed.policy);
    }
  return refuse(std::string("the image has no /") + kPoolFile + ", so none of ours");
}

base::Result<int> try_image(StoredImage image, const profiles::Policy& policy, const TrialActs& acts) {
  Start command = TRY(command_of(image));
  if (!policy.listen.tcp.empty()) return refuse("its pool listens on " + policy.listen.tcp + ", and only sockets of files are asked here");
  std::fflush(stdout);
  const pid_t tester = ::fork();
  if (tester < 0) return sys::failure("fork", "the tester");
  if (tester == 0) be_tester(std::move(image), policy, acts, std::move(command));
  int state = 0;
  while (::waitpid(tester, &state, 0) < 0)
    if (errno != EINTR) return sys::failure("waitpid", "the tester");
  if (!WIFEXITED(state)) return refuse("the tester was ended by signal " + std::to_string(WTERMSIG(state)));
  return WEXITSTATUS(state);
}

}  // namespace images
