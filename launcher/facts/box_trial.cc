#include "launcher/facts/box_trial.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <iterator>
#include <string>
#include <utility>

#include "launcher/facts/kernel.h"
#include "launcher/sys/fd_message.h"
#include "launcher/sys/file.h"
#include "launcher/sys/own_memory.h"

// Capabilities are not all: an AppArmor profile, a filter or the device rules of a container may still refuse, and root
// of a user namespace makes no devices. So it is tried; half a millisecond.
namespace launcher {
namespace {

// Without those that a process has to be born into, or whose root is where it stands.
struct FreshName {
  int type;
  const char* name;
  const char* own;
};
constexpr FreshName kFreshNames[] = {
    {CLONE_NEWNET, "net", "/proc/self/ns/net"}, {CLONE_NEWIPC, "ipc", "/proc/self/ns/ipc"}, {CLONE_NEWUTS, "uts", "/proc/self/ns/uts"}};
static_assert(std::size(kFreshNames) <= sys::kMostFds);
constexpr int kFresh = CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS;

// What every box needs: mounts of its own, and devices on them. Runs in a child; what it mounts ends with it. /dev is a
// folder that is always there to be mounted over.
// Gives 0, or the errno.
int try_mounts_and_devices() {
  if (::unshare(CLONE_NEWNS) != 0) return errno == ENOSPC ? EPERM : errno;  // user.max_mnt_namespaces may well be 0, on purpose
  if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return errno;
  if (::mount("none", "/dev", "tmpfs", MS_NOSUID | MS_NOEXEC, "size=64k") != 0) return errno;
  if (::mknod("/dev/null", S_IFCHR | 0600, makedev(1, 3)) != 0) return errno;
  return ::open("/dev/null", O_WRONLY | O_CLOEXEC) >= 0 ? 0 : errno;
}

constexpr const char* kSubject = "the trial of what boxes need";
constexpr char kWorks = 0;
constexpr int kNoAnswer = -1;
// Of these a machine may have too little for a while.
constexpr int kShortages[] = {ENOMEM, ENOSPC, EAGAIN, EMFILE, ENFILE, EIO};

void answer(int answers, int code) {
  const char byte = static_cast<char>(code);
  if (::send(answers, &byte, 1, MSG_NOSIGNAL) != 1) ::_exit(1);
}

// By descriptor: a number of ours may be another process's in a /proc that belongs to another pid namespace. What may not be entered
// (a filter that knows clone and no setns) is nothing to hand over.
bool hand_over_namespaces(int answers) {
  if (::unshare(kFresh) != 0) return false;
  std::array<sys::Fd, std::size(kFreshNames)> own;
  std::array<int, std::size(kFreshNames)> fds{};
  for (std::size_t i = 0; i < fds.size(); ++i) {
    own[i] = sys::Fd(::open(kFreshNames[i].own, O_RDONLY | O_CLOEXEC));
    if (!own[i] || ::setns(own[i].get(), kFreshNames[i].type) != 0) return false;
    fds[i] = own[i].get();
  }
  return sys::send_fds(answers, kWorks, fds).ok();
}

// Without a heap: what allocates here ends it, and is told as a machine without namespaces.
[[noreturn]] void run_trial(int answers, BoxTrial::For purpose) {
  answer(answers, try_mounts_and_devices());
  if (purpose == BoxTrial::For::a_box) hand_over_namespaces(answers);
  ::_exit(0);  // an end without namespaces says that there are none
}

int answer_of(int answers) {
  char byte = 0;
  ssize_t count = 0;
  while ((count = ::recv(answers, &byte, 1, 0)) < 0 && errno == EINTR) continue;
  return count == 1 ? byte : kNoAnswer;
}

std::vector<FreshNamespace> receive_namespaces(int answers) {
  sys::FdMessage message = sys::receive_fds(answers);
  std::vector<FreshNamespace> out;
  for (std::size_t i = 0; i < std::size(kFreshNames) && message.fds[i]; ++i)
    out.push_back({kFreshNames[i].type, kFreshNames[i].name, std::move(message.fds[i])});
  return out;
}

}  // namespace

bool are_fresh(const std::vector<FreshNamespace>& namespaces) {
  return std::all_of(namespaces.begin(), namespaces.end(), [](const FreshNamespace& one) {
    struct stat theirs = {}, ours = {};
    const std::string own = std::string("/proc/self/ns/") + one.name;
    return ::fstat(one.fd.get(), &theirs) == 0 && ::stat(own.c_str(), &ours) == 0 && theirs.st_ino != ours.st_ino;
  });
}

BoxTrial::BoxTrial(For purpose) { shortage_ = begin(purpose); }

base::Status BoxTrial::begin(For purpose) {
  if (::geteuid() != 0 || !has_needed_capabilities()) return base::success();
  int ends[2] = {};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return sys::failure("socketpair", kSubject);
  answers_ = sys::Fd(ends[0]);
  const sys::Fd theirs(ends[1]);
  const sys::HeapStaysHere heap;
  const pid_t child = ::fork();
  if (child < 0) return sys::failure("fork", kSubject);
  if (child == 0) {  // where we may be an object of the heap, which is not there
    ::close(ends[0]);
    run_trial(ends[1], purpose);
  }
  child_ = child;
  return base::success();
}

bool BoxTrial::can_make_boxes() {
  if (works_ || child_ <= 0) return works_.value_or(false);
  const int code = answer_of(answers_.get());
  works_ = code == kWorks;
  if (std::find(std::begin(kShortages), std::end(kShortages), code) != std::end(kShortages)) shortage_ = base::Error{"mount", kSubject, code, {}};
  return *works_;
}

std::vector<FreshNamespace> BoxTrial::take_namespaces() {
  std::vector<FreshNamespace> out;
  if (can_make_boxes()) out = receive_namespaces(answers_.get());
  if (!are_fresh(out)) out.clear();
  return out;
}

// What it mounted ends with it, which takes the kernel a while.
BoxTrial::~BoxTrial() {
  answers_.reset();
  while (child_ > 0 && ::waitpid(child_, nullptr, 0) < 0 && errno == EINTR) continue;
}

}  // namespace launcher
