#include "launcher/harness/bait_keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <signal.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vector>

#include "launcher/harness/bait_listeners.h"
#include "launcher/harness/bait_victim.h"
#include "launcher/harness/process.h"
#include "launcher/sys/file.h"

namespace harness {
namespace {

using base::Result;
using Targets = std::map<std::string, std::string>;

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
  ::setsid();
  sigset_t all;
  ::sigfillset(&all);  // nothing but the leash ends it: it has to clean up
  ::sigprocmask(SIG_SETMASK, &all, nullptr);
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

}  // namespace

Result<BaitKeeper> start_bait_keeper(const BaitInput& input) {
  BaitKeeper out;
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

}  // namespace harness
