#include "images/trial/trial.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/mount.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <nlohmann/json.hpp>

#include "images/cli/commands.h"
#include "images/cli/exit_codes.h"
#include "images/store/refuse.h"
#include "images/trial/files.h"
#include "images/trial/root.h"
#include "launcher/harness/expectations.h"
#include "launcher/sys/file.h"
#include "launcher/sys/mount.h"
#include "profiles/load/compose.h"

namespace images {
namespace {

using harness::CheckResult;
using State = harness::CheckResult::State;

constexpr const char* kPool = "etc/fpmbox/pool.yaml";
constexpr int kPatienceMs = 30'000, kStepMs = 50;
constexpr int kNotStarted = 127;
// What Docker and podman leave to root in a container, without those that no launcher asks for.
constexpr int kLeft[] = {CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_FSETID, CAP_KILL, CAP_SETGID, CAP_SETUID, CAP_SETPCAP, CAP_NET_BIND_SERVICE, CAP_SYS_CHROOT};

struct Start {
  std::vector<std::string> words, environment;
};

base::Result<Start> command_of(const StoredImage& image) {
  const nlohmann::json config = nlohmann::json::parse(image.config, nullptr, false);
  Start out;
  try {
    const auto& process = config.at("config");
    out.words = process.at("Entrypoint").get<std::vector<std::string>>();
    if (process.contains("Env") && process.at("Env").is_array()) out.environment = process.at("Env").get<std::vector<std::string>>();
  } catch (const nlohmann::json::exception& error) {
    return refuse(std::string("the image's config: ") + error.what());
  }
  if (out.words.empty() || !out.words[0].starts_with('/')) return refuse("the image has no entrypoint that is a path");
  return out;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> out;
  for (std::string& word : words) out.push_back(word.data());
  out.push_back(nullptr);
  return out;
}

bool mount_proc() {
  const auto proc = sys::new_filesystem("proc", {}, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
  return proc.ok() && ::syscall(SYS_move_mount, proc.value().get(), "", AT_FDCWD, "/proc", MOVE_MOUNT_F_EMPTY_PATH) == 0;
}

bool drop_capabilities() {
  for (int one = 0; one <= CAP_LAST_CAP; ++one)
    if (std::find(std::begin(kLeft), std::end(kLeft), one) == std::end(kLeft) && ::prctl(PR_CAPBSET_DROP, one, 0, 0, 0) != 0 && errno != EINVAL) return false;
  return true;
}

// PID 1 of the container. Its output is not ours: our rows are for programs too.
[[noreturn]] void become(Start command) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (!mount_proc() || !drop_capabilities() || ::dup2(STDERR_FILENO, STDOUT_FILENO) < 0) ::_exit(kNotStarted);
  ::execve(command.words[0].c_str(), pointers(command.words).data(), pointers(command.environment).data());
  ::_exit(kNotStarted);
}

base::Result<pid_t> start(Start command) {
  if (::unshare(CLONE_NEWPID) != 0) return sys::failure("unshare", "a PID namespace");
  const pid_t pid = ::fork();
  if (pid < 0) return sys::failure("fork", "the container");
  if (pid == 0) become(std::move(command));
  return pid;
}

// The pool of the image that runs; machine code is not tried here.
class Container : public harness::Arena {
 public:
  Container(pid_t pid, std::string path) : pid_(pid), path_(std::move(path)) {}

  std::string name() const override { return "image"; }
  const harness::Targets& targets() const override { return targets_; }
  std::string act_script() const override { return {}; }
  base::Result<std::string> socket() override { return path_; }
  bool is_alive() override { return !code_ && !reaped(); }
  void end_pool() override { ::kill(pid_, SIGTERM); }
  base::Result<std::vector<std::string>> probe(const std::vector<std::string>&, int) override { return refuse("no probes in an image"); }

  bool comes_up() {
    for (int waited = 0; waited < kPatienceMs && is_alive(); waited += kStepMs) {
      if (::access(path_.c_str(), F_OK) == 0) return true;
      ::usleep(kStepMs * 1000);
    }
    return false;
  }
  // Its exit code; nullopt when it had to be killed.
  std::optional<int> end() {
    end_pool();
    for (int waited = 0; waited < kPatienceMs && is_alive(); waited += kStepMs) ::usleep(kStepMs * 1000);
    if (is_alive()) ::kill(pid_, SIGKILL);
    return code_;
  }
  std::optional<int> code() const { return code_; }

 private:
  bool reaped() {
    int state = 0;
    if (::waitpid(pid_, &state, WNOHANG) != pid_) return false;
    code_ = WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state);
    return true;
  }

  pid_t pid_;
  std::string path_;
  harness::Targets targets_;
  std::optional<int> code_;
};

std::string socket_of(const profiles::Policy& policy) {
  const std::string& path = policy.listen.unix_path.text;
  return path.empty() ? "/run/fpmbox/" + policy.name + "/live.sock" : path;
}

void add_not_tried(const profiles::Expect& expect, std::vector<CheckResult>& rows) {
  const auto skip = [&](const std::string& name) { rows.push_back({name, "as the profile says", State::skipped, "fpmbox test tries it, on a host"}); };
  for (const auto& one : expect.connects) skip("expect/connect/" + one.to);
  for (const std::string& one : expect.denied) skip("expect/denied/" + one);
}

std::vector<CheckResult> rows_of(Container& container, const profiles::Policy& policy) {
  std::vector<CheckResult> rows = {{"image/starts", "the entrypoint comes up and opens the pool's socket", State::held, {}}};
  if (!container.comes_up()) {
    rows[0].state = State::failed;
    rows[0].reason = container.code() ? "it ended with " + std::to_string(*container.code()) : "no socket in " + std::to_string(kPatienceMs / 1000) + " s";
    container.end();
    return rows;
  }
  std::vector<CheckResult> asked = harness::check_requests({policy, container, {policy.filesystem.code.text}, false});
  rows.insert(rows.end(), asked.begin(), asked.end());
  std::vector<CheckResult> files = check_files_by_php(policy, socket_of(policy));
  rows.insert(rows.end(), files.begin(), files.end());
  add_not_tried(policy.expect, rows);
  const auto code = container.end();
  rows.push_back({"image/stops", "SIGTERM ends it with 0", code == 0 ? State::held : State::failed,
                  code == 0 ? "" : code ? "it ended with " + std::to_string(*code) : "it had to be killed"});
  return rows;
}

// In namespaces of its own: from here on the image's root is the only one there is.
base::Result<int> inside(StoredImage image, const profiles::Policy& policy, Start command) {
  add_script(policy, image);
  TRY(enter_image(image, policy));
  const pid_t pid = TRY(start(std::move(command)));
  Container container(pid, socket_of(policy));
  harness::Findings findings;
  findings.pool = policy.name;
  findings.expectations = rows_of(container, policy);
  std::fputs(harness::report_tap(findings).c_str(), stdout);
  std::fflush(stdout);
  return harness::passes(findings) ? kDone : kDiffers;
}

[[noreturn]] void be_tester(StoredImage image, const profiles::Policy& policy, Start command) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (::unshare(CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS) != 0) {
    print_error(sys::failure("unshare", "namespaces").text());
    ::_exit(kFailed);
  }
  const auto code = inside(std::move(image), policy, std::move(command));
  if (!code) print_error(code.error().text());
  ::_exit(code ? code.value() : kFailed);
}

}  // namespace

base::Result<profiles::Policy> policy_of(const StoredImage& image) {
  for (const StoredLayer& layer : image.layers)
    for (const Member& member : layer.members) {
      if (member.path != kPool || member.kind != Member::Kind::file) continue;
      base::Diagnostics diagnostics;
      auto composed = profiles::compose("", [&](const std::string&) -> base::Result<std::string> { return member.bytes; }, kPool, diagnostics);
      if (diagnostics.has_errors()) return refuse("the image's " + diagnostics.all().front().text());
      return std::move(composed.policy);
    }
  return refuse(std::string("the image has no /") + kPool + ", so none of ours");
}

base::Result<int> try_image(StoredImage image, const profiles::Policy& policy) {
  Start command = TRY(command_of(image));
  if (!policy.listen.tcp.empty()) return refuse("its pool listens on " + policy.listen.tcp + ", and only sockets of files are asked here");
  std::fflush(stdout);
  const pid_t tester = ::fork();
  if (tester < 0) return sys::failure("fork", "the tester");
  if (tester == 0) be_tester(std::move(image), policy, std::move(command));
  int state = 0;
  while (::waitpid(tester, &state, 0) < 0)
    if (errno != EINTR) return sys::failure("waitpid", "the tester");
  if (!WIFEXITED(state)) return refuse("the tester was ended by signal " + std::to_string(WTERMSIG(state)));
  return WEXITSTATUS(state);
}

}  // namespace images
