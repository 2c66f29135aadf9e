#include "launcher/harness/bait.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <utility>

#include "launcher/harness/bait_files.h"
#include "launcher/harness/bait_keeper.h"
#include "launcher/harness/bait_victim.h"
#include "launcher/sys/file.h"

namespace harness {
namespace {

constexpr int kPatienceMs = 30000;
constexpr const char* kSecretName = "BAIT_OF_FPMBOX";  // no FPMBOX_: in a container these are the operator's, and an unknown one is a mistake
constexpr const char* kSecretValue = "of-the-launcher-c5f0";

std::string host_name() {
  utsname names{};
  return ::uname(&names) == 0 ? names.nodename : "";
}

bool is_alive(pid_t pid) {
  siginfo_t info{};
  return pid > 0 && ::waitid(P_PID, pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == 0;
}

void reap(pid_t pid) {
  while (pid > 0 && ::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
}

// A connection that is taken and answered.
bool answers(const std::string& address, const std::string& port) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = ::htons(static_cast<std::uint16_t>(std::stoi(port)));
  ::inet_pton(AF_INET, address.c_str(), &to.sin_addr);
  const sys::Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket || ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) return false;
  pollfd readable = {socket.get(), POLLIN, 0};
  return ::poll(&readable, 1, kPatienceMs) == 1 && (readable.revents & POLLIN) != 0;
}

// And there is still room for a process.
bool can_fork() {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  reap(child);
  return child > 0;
}

}  // namespace

Bait::Bait(Bait&& other) noexcept { *this = std::move(other); }

Bait& Bait::operator=(Bait&& other) noexcept {
  std::swap(targets_, other.targets_);
  std::swap(victim_, other.victim_);
  std::swap(keeper_, other.keeper_);
  std::swap(leash_, other.leash_);
  return *this;
}

Bait::~Bait() {
  if (victim_ > 0) ::kill(victim_, SIGKILL);
  reap(victim_);
  leash_.reset();
  reap(keeper_);
}

std::string Bait::look(const std::string& name) const {
  if (name == "victim_lives") return is_alive(victim_) ? "the victim lives" : "the victim is dead";
  if (name != "host_answers") return {};
  return answers(targets_.at("address"), targets_.at("tcp_port")) && can_fork() ? "the host answers" : "the host is silent";
}

base::Result<Bait> make_bait(const BaitInput& input) {
  Bait bait;
  TRY(make_bait_files(input, bait.targets_));
  bait.victim_ = TRY(start_victim(input));
  BaitKeeper keeper = TRY(start_bait_keeper(input));
  bait.keeper_ = keeper.pid;
  bait.leash_ = std::move(keeper.leash);
  bait.targets_.merge(keeper.targets);
  bait.targets_["victim"] = std::to_string(bait.victim_);
  bait.targets_["secret_name"] = kSecretName;
  bait.targets_["secret_value"] = kSecretValue;
  bait.targets_["host_name"] = host_name();
  return bait;
}

}  // namespace harness
