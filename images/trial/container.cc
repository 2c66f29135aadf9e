#include "images/trial/container.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/mount.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "images/store/refuse.h"
#include "launcher/harness/known_gaps.h"
#include "launcher/harness/probe_process.h"
#include "launcher/harness/process.h"
#include "launcher/sys/file.h"
#include "launcher/sys/mount.h"
#include "profiles/base/text.h"

namespace images {
namespace {

constexpr int kPatienceMs = 30'000, kStepMs = 50;
constexpr int kNotStarted = 127;
const std::string kPolicyThere = std::string("/") + kPoolFile;
constexpr std::size_t kMostLog = 256 * 1024;
// What Docker and podman leave to root in a container, without those that no launcher asks for.
constexpr int kLeft[] = {CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_FSETID, CAP_KILL, CAP_SETGID, CAP_SETUID, CAP_SETPCAP, CAP_NET_BIND_SERVICE, CAP_SYS_CHROOT};

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> out;
  for (std::string& word : words) out.push_back(word.data());
  out.push_back(nullptr);
  return out;
}

bool drop_capabilities() {
  for (int one = 0; one <= CAP_LAST_CAP; ++one)
    if (std::find(std::begin(kLeft), std::end(kLeft), one) == std::end(kLeft) && ::prctl(PR_CAPBSET_DROP, one, 0, 0, 0) != 0 && errno != EINVAL) return false;
  return true;
}

bool mount_proc() {
  const auto proc = sys::new_filesystem("proc", {}, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
  return proc.ok() && ::syscall(SYS_move_mount, proc.value().get(), "", AT_FDCWD, "/proc", MOVE_MOUNT_F_EMPTY_PATH) == 0;
}

// For PID 1 of a container. In a session of its own: by TIOCSTI it could type into the terminal of who tries it.
bool be_contained() {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  return ::setsid() > 0 && mount_proc() && drop_capabilities();
}

int become(Start command) {
  ::execve(command.words[0].c_str(), pointers(command.words).data(), pointers(command.environment).data());
  return kNotStarted;
}

// As fork() does, in namespaces of its own: what is mounted there is not the tester's.
long fork_container() { return ::syscall(SYS_clone, CLONE_NEWPID | CLONE_NEWNS | SIGCHLD, 0, 0, 0, 0); }

int exit_code(int state) { return WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state); }

// The image can write to it whatever it likes: its size is fixed, and what is beyond is refused (F_SEAL_GROW, memfd_create(2)).
base::Result<sys::Fd> make_log() {
  sys::Fd log(::memfd_create("fpmbox-image-test-log", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!log || ::ftruncate(log.get(), kMostLog) != 0) return sys::failure("memfd_create", "the container's log");
  if (::fcntl(log.get(), F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) != 0) return sys::failure("F_ADD_SEALS", "the container's log");
  return log;
}

std::string socket_of(const profiles::Policy& policy) {
  const std::string& path = policy.listen.unix_path.text;
  return path.empty() ? "/run/fpmbox/" + policy.name + "/live.sock" : path;
}

}  // namespace

int run_contained(const std::function<int()>& work) {
  const long pid = fork_container();
  if (pid < 0) return kNotStarted;
  if (pid == 0) ::_exit(be_contained() ? work() : kNotStarted);
  int state = 0;
  while (::waitpid(static_cast<pid_t>(pid), &state, 0) < 0)
    if (errno != EINTR) return kNotStarted;
  return exit_code(state);
}

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

Container::Container(Start command, const profiles::Policy& policy, std::string act_script)
    : command_(std::move(command)), socket_(socket_of(policy)), act_script_(std::move(act_script)) {}

// Its output is not ours: our rows are for programs too.
base::Status Container::start() {
  tell_log();
  log_ = TRY(make_log());
  harness::Pipe input = TRY(harness::make_pipe());
  input.write.reset();
  code_.reset();
  ::unlink(socket_.c_str());  // of one that was killed
  const long pid = fork_container();
  if (pid < 0) return sys::failure("clone", "the container");
  if (pid == 0) {
    const int streams[] = {input.read.get(), log_.get(), log_.get()};
    for (int stream = 0; stream < 3; ++stream)
      if (::dup2(streams[stream], stream) < 0) ::_exit(kNotStarted);
    ::close_range(3, ~0U, 0);  // also what the caller's shell has left open
    ::_exit(be_contained() ? become(command_) : kNotStarted);
  }
  pid_ = static_cast<pid_t>(pid);
  return base::success();
}

bool Container::comes_up() {
  for (int waited = 0; waited < kPatienceMs && is_alive(); waited += kStepMs) {
    if (::access(socket_.c_str(), F_OK) == 0) return true;
    ::usleep(kStepMs * 1000);
  }
  return false;
}

base::Result<std::string> Container::socket() {
  if (is_alive()) return socket_;
  TRY(start());
  if (comes_up()) {
    gaps_ = harness::gaps_said(log());
    targets_["own_socket"] = socket_;
    return socket_;
  }
  const std::string why = code_ ? "it ended with " + std::to_string(*code_) : "no socket in " + std::to_string(kPatienceMs / 1000) + " s";
  (void)end();
  return refuse(why);
}

std::optional<int> Container::end() {
  if (pid_ > 0) stop();
  tell_log();
  return code_;
}

void Container::stop() {
  ::kill(pid_, SIGTERM);
  for (int waited = 0; waited < kPatienceMs && is_alive(); waited += kStepMs) ::usleep(kStepMs * 1000);
  const bool is_late = is_alive();
  if (is_late) ::kill(pid_, SIGKILL);
  while (is_alive()) ::usleep(kStepMs * 1000);
  if (is_late) code_.reset();
}

// Once of each container: it is what says why one ended by itself.
void Container::tell_log() {
  const std::string all = log();
  log_.reset();
  std::string shown;
  for (const std::string& line : base::split(all, '\n'))
    if (!line.empty()) shown += base::escape_control(line) + "\n";
  [[maybe_unused]] const auto told = sys::write_all(STDERR_FILENO, shown);
}

bool Container::reaped() {
  int state = 0;
  if (::waitpid(pid_, &state, WNOHANG) != pid_) return false;
  code_ = exit_code(state);
  pid_ = -1;
  return true;
}

std::string Container::log() const {
  std::string out(kMostLog, '\0');
  const ssize_t count = log_ ? ::pread(log_.get(), out.data(), out.size(), 0) : 0;
  out.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  out.resize(out.find_last_not_of('\0') + 1);
  return out;
}

// In a container like it.
base::Result<std::vector<std::string>> Container::ask_beside(const std::vector<std::string>& lines, int timeout_ms, const std::vector<std::string>& words) {
  Start beside{{program()}, command_.environment};
  beside.words.insert(beside.words.end(), words.begin(), words.end());
  return harness::ask_probe(lines, timeout_ms, {}, [&] { return run_contained([&] { return become(beside); }); });
}

base::Result<std::vector<std::string>> Container::probe(const std::vector<std::string>& lines, int timeout_ms) {
  return ask_beside(lines, timeout_ms, {"probe", kPolicyThere});
}

base::Result<launcher::Plan> Container::told_plan() {
  return harness::ask_for_plan(
      [&](const std::vector<std::string>& lines, int timeout_ms, const std::vector<std::string>& command) { return ask_beside(lines, timeout_ms, command); }, kPolicyThere);
}

}  // namespace images
