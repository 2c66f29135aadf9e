#include "launcher/supervise/clean_up.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <string>

namespace launcher {
namespace {

constexpr long kPatienceMs = 5000;  // for the groups to become empty
constexpr long kRetryMs = 5;

long now_ms() {
  timespec now = {};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void pause_ms(long count) {
  const timespec time = {count / 1000, count % 1000 * 1000000};
  ::nanosleep(&time, nullptr);
}

bool is_gone(int parent, const FileName& name, int flags) {
  return ::unlinkat(parent, name.c_str(), flags) == 0 || errno == ENOENT;
}

// Killing PID 1 kills its pid namespace; the groups catch a box that has none. Both are asynchronous.
void kill_box(const JanitorPlan& plan, int box) {
  if (box >= 0) ::syscall(SYS_pidfd_send_signal, box, SIGKILL, nullptr, 0);
  for (const auto& group : plan.cgroups) {
    if (group.kill_file && ::write(group.kill_file.get(), "1", 1) != 1) continue;
  }
}

// A group is busy until its last process is reaped.
bool remove_cgroups(const JanitorPlan& plan) {
  const long end = now_ms() + kPatienceMs;
  bool all_gone = true;
  for (const auto& group : plan.cgroups) {
    bool gone = is_gone(group.parent.get(), group.name, AT_REMOVEDIR);
    while (!gone && errno == EBUSY && now_ms() < end) {
      pause_ms(kRetryMs);
      gone = is_gone(group.parent.get(), group.name, AT_REMOVEDIR);
    }
    all_gone = all_gone && gone;
  }
  return all_gone;
}

bool remove_socket(const JanitorPlan::Socket& socket) {
  struct stat found = {};
  if (::fstatat(socket.directory.get(), socket.name.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0) return errno == ENOENT;
  if (found.st_dev != socket.device || found.st_ino != socket.inode) return true;
  return is_gone(socket.directory.get(), socket.name, 0);
}

// Under one inode, whoever wrote another file of that name meanwhile keeps it.
bool remove_file(const JanitorPlan::File& file) {
  struct stat ours = {}, found = {};
  if (::fstatat(file.inode.get(), "", &ours, AT_EMPTY_PATH) != 0) return false;
  bool gone = true;
  for (const FileName& name : file.names) {
    if (::fstatat(file.directory.get(), name.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0) continue;
    if (found.st_dev == ours.st_dev && found.st_ino == ours.st_ino) gone = is_gone(file.directory.get(), name, 0) && gone;
  }
  return gone;
}

// That it stays is no failure: the next start of a box removes it.
void remove_old_program(const JanitorPlan::Program& program) {
  struct stat source = {};
  if (::fstatat(program.source.get(), "", &source, AT_EMPTY_PATH) != 0 || source.st_nlink != 0) return;
  if (::flock(program.lock.get(), LOCK_EX | LOCK_NB) != 0) return;
  struct stat ours = {};  // without a name since somebody cleared up: another copy may have that name by now
  if (::fstatat(program.lock.get(), "", &ours, AT_EMPTY_PATH) != 0 || ours.st_nlink == 0) return;
  ::unlinkat(program.directory.get(), program.name.c_str(), 0);
}

// Not empty means that somebody else uses it by now.
bool remove_directory(const JanitorPlan::Directory& directory) {
  return is_gone(directory.parent.get(), directory.name, AT_REMOVEDIR) || errno == ENOTEMPTY || errno == EEXIST;
}

}  // namespace

int remove_remains(const JanitorPlan& plan, int box) {
  int left = kNothingLeft;
  kill_box(plan, box);
  if (plan.live_socket && !remove_socket(*plan.live_socket)) left |= kSocketLeft;
  if (!remove_cgroups(plan)) left |= kCgroupLeft;
  if (plan.program) remove_old_program(*plan.program);
  for (const auto& file : plan.files)  // last: the record stands for all the rest
    if (!remove_file(file)) left |= kFileLeft;
  if (plan.run_directory && !remove_directory(*plan.run_directory)) left |= kDirectoryLeft;
  return left;
}

base::Status left_behind(int left) {
  if (left == kNothingLeft) return base::success();
  std::string what;
  if (left & kCgroupLeft) what += " cgroups";
  if (left & kSocketLeft) what += " live-socket";
  if (left & kFileLeft) what += " record";
  if (left & kDirectoryLeft) what += " run-directory";
  return base::Error{"left behind:" + what + "; `fpmbox stop --remains` removes what nobody uses any more", {}, 0, {}};
}

}  // namespace launcher
