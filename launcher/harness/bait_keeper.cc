#include "launcher/harness/bait_keeper.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstddef>
#include <vector>

#include "launcher/harness/tiny_program.h"
#include "launcher/sys/file.h"

namespace harness {
namespace {

using base::Result;
using base::Status;
using Targets = std::map<std::string, std::string>;

constexpr int kPatienceMs = 2000;
constexpr const char* kAddress = "127.9.9.9";  // loopback, and nobody's
constexpr std::string_view kGreeting = "the host\n";
// A FastCGI answer: STDOUT "\r\n\r\nneighbour", end of it, END_REQUEST.
constexpr std::string_view kFastcgiAnswer{"\1\6\0\1\0\15\0\0\r\n\r\nneighbour\1\6\0\1\0\0\0\0\1\3\0\1\0\10\0\0\0\0\0\0\0\0\0\0", 45};

struct Listener {
  sys::Fd socket;
  std::string_view answer;  // empty: datagrams, which are dropped
};

Result<sys::Fd> bound(int family, int kind, const void* address, std::size_t size) {
  sys::Fd socket(::socket(family, kind | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return sys::failure("socket", {});
  if (::bind(socket.get(), static_cast<const sockaddr*>(address), static_cast<socklen_t>(size)) != 0) return sys::failure("bind", {});
  if (kind == SOCK_STREAM && ::listen(socket.get(), 64) != 0) return sys::failure("listen", {});
  return socket;
}

Result<Listener> on_loopback(int kind, const std::string& target, Targets& targets) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  ::inet_pton(AF_INET, kAddress, &address.sin_addr);
  Listener out{{}, kind == SOCK_STREAM ? kGreeting : ""};
  out.socket = TRY(bound(AF_INET, kind, &address, sizeof address));
  socklen_t size = sizeof address;
  if (::getsockname(out.socket.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) return sys::failure("getsockname", {});
  targets[target] = std::to_string(::ntohs(address.sin_port));
  return out;
}

Result<Listener> on_name(const std::string& name, std::string_view answer) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (name.size() >= sizeof address.sun_path) return base::Error{"the folder's path is too long for a socket", name, 0, {}};
  name.copy(address.sun_path, name.size());
  const std::size_t end = name.front() == '\0' ? name.size() : name.size() + 1;
  Listener out{{}, answer};
  out.socket = TRY(bound(AF_UNIX, SOCK_STREAM, &address, offsetof(sockaddr_un, sun_path) + end));
  if (name.front() != '\0' && ::chmod(name.c_str(), 0666) != 0) return sys::failure("chmod", name);
  return out;
}

struct Named {
  const char* target;
  const char* file;
  std::string_view answer;
};
constexpr Named kSockets[] = {{"unix_path", "database.sock", kGreeting},
                              {"neighbour_socket", "neighbour.sock", kFastcgiAnswer},
                              {"status_socket", "status.sock", kFastcgiAnswer}};

Result<std::vector<Listener>> listen_everywhere(const BaitInput& input, Targets& targets) {
  std::vector<Listener> out;
  targets["address"] = kAddress;
  Listener tcp = TRY(on_loopback(SOCK_STREAM, "tcp_port", targets));
  Listener udp = TRY(on_loopback(SOCK_DGRAM, "udp_port", targets));
  targets["abstract"] = "fpmbox-bait-" + std::to_string(::getpid());
  Listener abstract = TRY(on_name(std::string(1, '\0') + targets["abstract"], kGreeting));
  out.push_back(std::move(tcp));
  out.push_back(std::move(udp));
  out.push_back(std::move(abstract));
  for (const Named& named : kSockets) {
    targets[named.target] = input.folder + "/run/" + named.file;
    Listener listener = TRY(on_name(targets[named.target], named.answer));
    out.push_back(std::move(listener));
  }
  return out;
}

Status become(uid_t uid, gid_t gid) {
  if (::geteuid() != 0) return base::success();
  if (::setgroups(0, nullptr) != 0 || ::setresgid(gid, gid, gid) != 0 || ::setresuid(uid, uid, uid) != 0) return sys::failure("setresuid", {});
  return base::success();
}

// What namespaces of their own keep apart. Whatever this kernel lacks stays out.
struct Shared {
  key_t key = 0;
  int memory = -1, semaphore = -1, queue = -1;
  std::string posix_queue, file;
};

Shared share(pid_t launcher) {
  constexpr int kForAll = IPC_CREAT | IPC_EXCL | 0666;
  Shared out;
  ::umask(0);
  out.key = 0x66700000 | (launcher & 0xfffff);
  out.memory = ::shmget(out.key, 4096, kForAll);
  out.semaphore = ::semget(out.key, 1, kForAll);
  out.queue = ::msgget(out.key, kForAll);
  out.posix_queue = "fpmbox-bait-" + std::to_string(launcher);
  out.file = "/dev/shm/" + out.posix_queue;
  if (const mqd_t queue = ::mq_open(("/" + out.posix_queue).c_str(), O_RDWR | O_CREAT | O_EXCL, 0666, nullptr); queue == -1) out.posix_queue.clear();
  if (const sys::Fd file(::open(out.file.c_str(), O_WRONLY | O_CREAT | O_EXCL, 0644)); !file) out.file.clear();
  return out;
}

void take_away(const Shared& shared) {
  if (shared.memory >= 0) ::shmctl(shared.memory, IPC_RMID, nullptr);
  if (shared.semaphore >= 0) ::semctl(shared.semaphore, 0, IPC_RMID);
  if (shared.queue >= 0) ::msgctl(shared.queue, IPC_RMID, nullptr);
  if (!shared.posix_queue.empty()) ::mq_unlink(("/" + shared.posix_queue).c_str());
  if (!shared.file.empty()) ::unlink(shared.file.c_str());
}

std::string lines_of(const Shared& shared) {
  std::string out;
  const auto add = [&out](const char* name, const std::string& value) { out += std::string(name) + "=" + value + "\n"; };
  if (shared.memory >= 0) add("memory_key", std::to_string(shared.key)), add("memory_id", std::to_string(shared.memory));
  if (shared.semaphore >= 0) add("semaphore_key", std::to_string(shared.key));
  if (shared.queue >= 0) add("queue_key", std::to_string(shared.key));
  if (!shared.posix_queue.empty()) add("posix_queue", shared.posix_queue);
  if (!shared.file.empty()) add("shm_file", shared.file);
  return out;
}

void answer(const Listener& listener) {
  char dropped[512];
  if (listener.answer.empty()) {
    while (::recv(listener.socket.get(), dropped, sizeof dropped, MSG_DONTWAIT) > 0) {
    }
    return;
  }
  const sys::Fd connection(::accept4(listener.socket.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!connection) return;
  pollfd readable = {connection.get(), POLLIN, 0};
  if (listener.answer == kFastcgiAnswer && ::poll(&readable, 1, 200) > 0) ::recv(connection.get(), dropped, sizeof dropped, 0);
  ::send(connection.get(), listener.answer.data(), listener.answer.size(), MSG_NOSIGNAL);
}

void serve(const std::vector<Listener>& listeners, int leash) {
  std::vector<pollfd> watched = {{leash, POLLIN, 0}};
  for (const Listener& listener : listeners) watched.push_back({listener.socket.get(), POLLIN, 0});
  while (::poll(watched.data(), watched.size(), -1) >= 0 || errno == EINTR) {
    if (watched[0].revents != 0) return;
    for (std::size_t i = 0; i < listeners.size(); ++i)
      if ((watched[i + 1].revents & POLLIN) != 0) answer(listeners[i]);
  }
}

[[noreturn]] void keep(const BaitInput& input, const std::vector<Listener>& listeners, int leash, int report) {
  const pid_t launcher = ::getppid();
  ::setsid();  // what a terminal sends to the launcher must not end it before it has cleaned up
  if (!become(input.neighbour_uid, input.neighbour_gid)) ::_exit(1);
  const Shared shared = share(launcher);
  [[maybe_unused]] const auto told = sys::write_all(report, lines_of(shared));
  ::close(report);
  serve(listeners, leash);
  take_away(shared);
  ::_exit(0);
}

void add_lines(const std::string& lines, Targets& targets) {
  for (std::size_t begin = 0, end = 0; (end = lines.find('\n', begin)) != lines.npos; begin = end + 1) {
    const std::string line = lines.substr(begin, end - begin);
    targets[line.substr(0, line.find('='))] = line.substr(line.find('=') + 1);
  }
}

struct Pipe {
  sys::Fd read, write;
};
Result<Pipe> make_pipe() {
  int ends[2] = {};
  if (::pipe2(ends, O_CLOEXEC) != 0) return sys::failure("pipe", {});
  return Pipe{sys::Fd(ends[0]), sys::Fd(ends[1])};
}

// A program of its own, with nothing of ours in its memory: everybody of the pool's user may read it.
[[noreturn]] void be_victim(const BaitInput& input, pid_t launcher, int program) {
  char name[] = "bait";
  char argument[] = "--password=of-another";
  char variable[] = "PASSWORD=of-another";
  char* const arguments[] = {name, argument, nullptr};
  char* const environment[] = {variable, nullptr};
  if (!become(input.uid, input.gid)) ::_exit(1);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (::getppid() != launcher) ::_exit(0);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::fexecve(program, arguments, environment);
  ::_exit(1);
}

// The exec closes the pipe: nothing was written, and the process is what it should be.
Status await_exec(int report) {
  pollfd end = {report, POLLIN, 0};
  if (::poll(&end, 1, kPatienceMs) != 1) return base::Error{"the decoy process did not start", {}, 0, {}};
  return base::success();
}

}  // namespace

Result<Keeper> start_keeper(const BaitInput& input) {
  Keeper out;
  const std::vector<Listener> listeners = TRY(listen_everywhere(input, out.targets));
  Pipe leash = TRY(make_pipe());
  Pipe report = TRY(make_pipe());
  out.pid = ::fork();
  if (out.pid < 0) return sys::failure("fork", {});
  if (out.pid == 0) {
    leash.write.reset();
    keep(input, listeners, leash.read.get(), report.write.get());
  }
  report.write.reset();
  const std::string lines = TRY(sys::read_all(report.read.get(), 4096));
  add_lines(lines, out.targets);
  out.leash = std::move(leash.write);
  return out;
}

Result<pid_t> start_victim(const BaitInput& input) {
  const sys::Fd program(::memfd_create("bait", MFD_CLOEXEC));
  if (!program) return sys::failure("memfd_create", {});
  TRY(sys::write_all(program.get(), waiting_program()));
  Pipe report = TRY(make_pipe());
  const pid_t launcher = ::getpid();
  const pid_t victim = ::fork();
  if (victim < 0) return sys::failure("fork", {});
  if (victim == 0) be_victim(input, launcher, program.get());
  report.write.reset();
  TRY(await_exec(report.read.get()));
  return victim;
}

}  // namespace harness
