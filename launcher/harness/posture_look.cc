// The look at a running box: the one part of the posture that needs it.
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include <cstring>

#include "launcher/harness/posture.h"
#include "launcher/sys/file.h"
#include "launcher/sys/process.h"

namespace harness {
namespace {

using base::Result;

constexpr std::size_t kLongest = 1 << 20;
constexpr const char* kNamespaceNames[] = {"mnt", "pid", "net", "ipc", "uts", "cgroup"};

std::map<std::string, std::uint64_t> namespaces_of(const std::string& process) {
  std::map<std::string, std::uint64_t> out;
  for (const char* name : kNamespaceNames) {
    struct stat info {};
    if (::stat((process + "/ns/" + name).c_str(), &info) == 0) out[name] = info.st_ino;
  }
  return out;
}

std::string line_of(const std::string& path) {
  auto text = sys::read_file(path, 4096);
  std::string out = text ? std::move(text).value() : "";
  while (out.ends_with('\n')) out.pop_back();
  return out;
}

bool await_stop(pid_t process) {
  constexpr timespec kPause = {0, 1'000'000};
  constexpr int kMostLooks = 20000;
  for (int looks = 0; looks < kMostLooks; ++looks) {
    int status = 0;
    if (::waitpid(process, &status, __WALL | WNOHANG) == process) return WIFSTOPPED(status);
    ::nanosleep(&kPause, nullptr);
  }
  return false;
}

long get_filter(pid_t process, std::uintptr_t index, sock_filter* into) {
  return ::ptrace(static_cast<__ptrace_request>(PTRACE_SECCOMP_GET_FILTER), process, reinterpret_cast<void*>(index), into);
}

// The last that was loaded: the kernel counts from the first, which is an engine's where the box is in a container.
void read_last_filter(pid_t process, Running& out) {
  std::uintptr_t count = 0;
  while (get_filter(process, count, nullptr) > 0) ++count;
  const long length = count > 0 ? get_filter(process, count - 1, nullptr) : -1;
  std::vector<sock_filter> program(length > 0 ? static_cast<std::size_t>(length) : 0);
  if (length > 0 && get_filter(process, count - 1, program.data()) == length)
    out.filter = std::move(program);
  else
    out.filter_obstacle = std::string("this kernel does not show filters: ") + std::strerror(errno);
}

// ptrace(2), PTRACE_SECCOMP_GET_FILTER: for CAP_SYS_ADMIN, and a kernel with CONFIG_CHECKPOINT_RESTORE.
void read_filter(pid_t process, Running& out) {
  if (::ptrace(PTRACE_SEIZE, process, nullptr, nullptr) != 0) {
    out.filter_obstacle = std::string("it cannot be traced: ") + std::strerror(errno);
    return;
  }
  if (::ptrace(PTRACE_INTERRUPT, process, nullptr, nullptr) == 0 && await_stop(process))
    read_last_filter(process, out);
  else
    out.filter_obstacle = "it did not stop for a look";
  ::ptrace(PTRACE_DETACH, process, nullptr, nullptr);
}

// The way to the root is the kernel's own link; beneath it nothing leads out.
void read_files(const std::string& process, const launcher::Plan& plan, Running& out) {
  const auto root = sys::open(process + "/root", O_PATH | O_DIRECTORY);
  if (!root) {
    out.files_obstacle = "its tree cannot be opened: " + root.error().text();
    return;
  }
  for (const launcher::MountOp& op : plan.mounts) {
    if (op.kind != launcher::MountOp::Kind::file) continue;
    const auto file = sys::open_beneath(root.value().get(), op.target.substr(1), O_RDONLY | O_NONBLOCK, RESOLVE_IN_ROOT);
    if (!file) continue;
    auto text = sys::read_all(file.value().get(), kLongest);
    if (text) out.files[op.target] = std::move(text).value();
  }
}

bool is_alive(pid_t pid) {
  const auto stat = sys::process_stat(pid);
  return stat.ok() && !stat.value().is_dead();
}

Result<Running> look_at_process(pid_t pid, const launcher::Plan& plan, const std::string& group, pid_t beside) {
  const std::string process = "/proc/" + std::to_string(pid);
  Running out;
  out.status = TRY(sys::read_file(process + "/status", kLongest));
  out.limits = TRY(sys::read_file(process + "/limits", kLongest));
  out.mountinfo = TRY(sys::read_file(process + "/mountinfo", kLongest));
  out.namespaces = namespaces_of(process);
  out.own_namespaces = namespaces_of("/proc/" + (beside > 0 ? std::to_string(beside) : "self"));
  for (const launcher::CgroupWrite& write : plan.cgroups)
    out.cgroup_files[write.parent + "/" + write.file] = line_of(write.parent + "/" + group + "/" + write.file);
  struct stat memory {};
  if (::stat((process + "/mem").c_str(), &memory) == 0) out.memory_owner = memory.st_uid;
  read_files(process, plan, out);
  read_filter(pid, out);
  return out;
}

}  // namespace

Result<Running> look_at_box(const std::function<pid_t()>& choose, const launcher::Plan& plan, const std::string& group, pid_t beside) {
  constexpr int kMostLooks = 5;
  for (int looks = 1;; ++looks) {
    const pid_t process = choose();
    auto seen = look_at_process(process, plan, group, beside);
    if (is_alive(process) || looks == kMostLooks) return seen;
  }
}

}  // namespace harness
