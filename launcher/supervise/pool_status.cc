#include "launcher/supervise/pool_status.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <charconv>
#include <cstdio>

#include "launcher/plan/inside.h"

namespace launcher {
namespace {

constexpr std::size_t kMostWorkers = 4096;
constexpr std::string_view kNextWorker = "\n************************\n";

// "script:               /srv/x.php" -> what stands behind the blanks; nothing when the worker's part has no such line.
std::string_view field(std::string_view part, std::string_view name) {
  const std::size_t at = part.starts_with(name) ? 0 : part.find("\n" + std::string(name));
  if (at == part.npos) return {};
  part.remove_prefix(at + (at == 0 && part.starts_with(name) ? 0 : 1) + name.size());
  part = part.substr(0, part.find('\n'));
  const std::size_t start = part.find_first_not_of(' ');
  return start == part.npos ? std::string_view() : part.substr(start);
}

template <class Number>
Number number_of(std::string_view text) {
  Number value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::string script_text(std::string_view text) {
  constexpr std::size_t kLongest = 512;
  if (text == "-") return {};
  return std::string(text.substr(0, std::min(text.find('?'), kLongest)));
}

WorkerStatus parse_worker(std::string_view part) {
  return {number_of<pid_t>(field(part, "pid:")), field(part, "state:") == "Running",
          std::chrono::microseconds(number_of<std::int64_t>(field(part, "request duration:"))), script_text(field(part, "script:"))};
}

// A request that began later is another one. Of one that is over it cannot be told when it was.
bool may_be_of(const WorkerStatus& worker, std::chrono::microseconds ago) { return !worker.runs || worker.duration >= ago; }

}  // namespace

std::vector<WorkerStatus> parse_status(std::string_view text) {
  std::vector<WorkerStatus> out;
  for (std::size_t at = text.find(kNextWorker); at != text.npos && out.size() < kMostWorkers; at = text.find(kNextWorker)) {
    text.remove_prefix(at + kNextWorker.size());
    WorkerStatus worker = parse_worker(text.substr(0, text.find(kNextWorker)));
    if (worker.pid > 0) out.push_back(std::move(worker));
  }
  return out;
}

std::string script_of(const std::vector<WorkerStatus>& workers, std::optional<pid_t> pid, std::chrono::microseconds ago) {
  const WorkerStatus* found = nullptr;
  int running = 0;
  for (const WorkerStatus& worker : workers) {
    if (pid && worker.pid != *pid) continue;
    if (!pid && !worker.runs && workers.size() > 1) continue;
    if (!may_be_of(worker, ago)) continue;
    found = &worker;
    ++running;
  }
  return running == 1 ? found->script : std::string();
}

// The socket listens for as long as the box lives; a full queue is no reason to wait.
bool StatusQuestion::ask(Instant now) {
  if (inode_ < 0 || connection_) return false;
  parser_ = FastcgiParser(kLimit);
  sys::Fd connection(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  std::snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d", inode_);
  if (!connection || ::connect(connection.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return false;
  const std::string question = fastcgi_get(inside::kStatusPath, "full");
  if (::send(connection.get(), question.data(), question.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(question.size())) return false;
  connection_ = std::move(connection);
  due_ = now + kPatience;
  return true;
}

std::optional<std::vector<WorkerStatus>> StatusQuestion::advance(Instant now) {
  if (!connection_) return std::nullopt;
  char buffer[16 * 1024];
  const ssize_t count = ::recv(connection_.get(), buffer, sizeof buffer, 0);
  const bool waits = count < 0 && (errno == EAGAIN || errno == EINTR);
  if (count > 0) parser_.feed(std::string_view(buffer, static_cast<std::size_t>(count)));
  if ((waits || count > 0) && parser_.state() == FastcgiParser::State::incomplete && now < due_) return std::nullopt;
  connection_.reset();
  const bool is_answer = parser_.state() == FastcgiParser::State::complete && parser_.reply().status == 200;
  return is_answer ? parse_status(parser_.reply().body) : std::vector<WorkerStatus>();
}

}  // namespace launcher
