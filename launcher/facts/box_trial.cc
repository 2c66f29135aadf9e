#include "launcher/facts/box_trial.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <string>
#include <utility>

#include "launcher/facts/kernel.h"

// Capabilities are not all: an AppArmor profile, a filter or the device rules of a container may still refuse, and root
// of a user namespace makes no devices. So it is tried; half a millisecond.
namespace launcher {
namespace {

// Without those that a process has to be born into, or whose root is where it stands.
struct FreshName {
  int type;
  const char* name;  // in /proc/PID/ns
};
constexpr FreshName kFreshNames[] = {{CLONE_NEWNET, "net"}, {CLONE_NEWIPC, "ipc"}, {CLONE_NEWUTS, "uts"}};
constexpr int kFresh = CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS;

// What every box needs: mounts of its own, and devices on them. Runs in a child; what it mounts ends with it. /dev is a
// folder that is always there to be mounted over.
bool try_mounts_and_devices() {
  if (::unshare(CLONE_NEWNS) != 0 || ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return false;
  if (::mount("none", "/dev", "tmpfs", MS_NOSUID | MS_NOEXEC, "size=64k") != 0) return false;
  if (::mknod("/dev/null", S_IFCHR | 0600, makedev(1, 3)) != 0) return false;
  return ::open("/dev/null", O_WRONLY | O_CLOEXEC) >= 0;
}

void answer(int answers, bool yes) {
  const char byte = yes ? 1 : 0;
  if (::send(answers, &byte, 1, MSG_NOSIGNAL) != 1) ::_exit(1);
}

// One byte and the three descriptors.
struct Parcel {
  char byte = 1;
  iovec part = {&byte, 1};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * std::size(kFreshNames))] = {};
  msghdr header = {};
  Parcel() {
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = control;
    header.msg_controllen = sizeof control;
  }
};

sys::Fd own_namespace(const FreshName& row) {
  return sys::Fd(::open((std::string("/proc/self/ns/") + row.name).c_str(), O_RDONLY | O_CLOEXEC));
}

// By descriptor: a number of ours may be another process's in a /proc that belongs to another pid namespace. What may not be entered
// (a filter that knows clone and no setns) is nothing to hand over.
bool hand_over_namespaces(int answers) {
  if (::unshare(kFresh) != 0) return false;
  std::array<sys::Fd, std::size(kFreshNames)> own;
  std::array<int, std::size(kFreshNames)> fds{};
  for (std::size_t i = 0; i < fds.size(); ++i) {
    own[i] = own_namespace(kFreshNames[i]);
    if (!own[i] || ::setns(own[i].get(), kFreshNames[i].type) != 0) return false;
    fds[i] = own[i].get();
  }
  Parcel parcel;
  cmsghdr* rights = CMSG_FIRSTHDR(&parcel.header);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(sizeof fds);
  std::memcpy(CMSG_DATA(rights), fds.data(), sizeof fds);
  return ::sendmsg(answers, &parcel.header, MSG_NOSIGNAL) == 1;
}

[[noreturn]] void run_trial(int answers, BoxTrial::For purpose) {
  answer(answers, try_mounts_and_devices());
  if (purpose == BoxTrial::For::a_box) hand_over_namespaces(answers);
  ::_exit(0);  // an end without namespaces says that there are none
}

bool says_yes(int answers) {
  char byte = 0;
  ssize_t count = 0;
  while ((count = ::recv(answers, &byte, 1, 0)) < 0 && errno == EINTR) continue;
  return count == 1 && byte == 1;
}

std::vector<FreshNamespace> receive_namespaces(int answers) {
  Parcel parcel;
  ssize_t count = 0;
  while ((count = ::recvmsg(answers, &parcel.header, MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR) continue;
  const cmsghdr* rights = count == 1 ? CMSG_FIRSTHDR(&parcel.header) : nullptr;
  if (rights == nullptr || rights->cmsg_type != SCM_RIGHTS) return {};
  std::array<int, std::size(kFreshNames)> fds{};
  if (rights->cmsg_len != CMSG_LEN(sizeof fds)) return {};
  std::memcpy(fds.data(), CMSG_DATA(rights), sizeof fds);
  std::vector<FreshNamespace> out;
  for (std::size_t i = 0; i < fds.size(); ++i) out.push_back({kFreshNames[i].type, kFreshNames[i].name, sys::Fd(fds[i])});
  return out;
}

// A box that entered one of ours would rename the host.
bool are_others(const std::vector<FreshNamespace>& namespaces) {
  struct stat theirs = {}, ours = {};
  for (std::size_t i = 0; i < namespaces.size(); ++i) {
    const sys::Fd own = own_namespace(kFreshNames[i]);
    if (!own || ::fstat(own.get(), &ours) != 0 || ::fstat(namespaces[i].fd.get(), &theirs) != 0) return false;
    if (ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino) return false;
  }
  return true;
}

}  // namespace

BoxTrial::BoxTrial(For purpose) {
  int ends[2] = {};
  if (::geteuid() != 0 || !has_needed_capabilities() || ::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return;
  answers_ = sys::Fd(ends[0]);
  const sys::Fd theirs(ends[1]);
  child_ = ::fork();
  if (child_ != 0) return;
  answers_.reset();
  run_trial(theirs.get(), purpose);
}

bool BoxTrial::can_make_boxes() {
  const pid_t child = std::exchange(child_, -1);
  if (child <= 0) return works_;
  works_ = says_yes(answers_.get());
  if (works_) namespaces_ = receive_namespaces(answers_.get());
  if (!are_others(namespaces_)) namespaces_.clear();
  answers_.reset();
  while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) continue;
  return works_;
}

std::vector<FreshNamespace> BoxTrial::take_namespaces() { return std::move(namespaces_); }

}  // namespace launcher
