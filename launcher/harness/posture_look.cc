// The look at a running box: the one part of the posture that needs it.
#include <errno.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include <cstring>

#include "launcher/harness/posture.h"
#include "launcher/sys/file.h"

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
  for (int waited = 0; waited < 2000; ++waited) {
    int status = 0;
    if (::waitpid(process, &status, __WALL | WNOHANG) == process) return WIFSTOPPED(status);
    ::nanosleep(&kPause, nullptr);
  }
  return false;
}

// ptrace(2), PTRACE_SECCOMP_GET_FILTER: for CAP_SYS_ADMIN, and a kernel with CONFIG_CHECKPOINT_RESTORE.
void read_filter(pid_t process, Running& out) {
  if (::ptrace(PTRACE_SEIZE, process, nullptr, nullptr) != 0) {
    out.filter_obstacle = std::string("it cannot be traced: ") + std::strerror(errno);
    return;
  }
  if (::ptrace(PTRACE_INTERRUPT, process, nullptr, nullptr) == 0 && await_stop(process)) {
    const long length = ::ptrace(static_cast<__ptrace_request>(PTRACE_SECCOMP_GET_FILTER), process, nullptr, nullptr);
    std::vector<sock_filter> program(length > 0 ? static_cast<std::size_t>(length) : 0);
    if (length > 0 && ::ptrace(static_cast<__ptrace_request>(PTRACE_SECCOMP_GET_FILTER), process, nullptr, program.data()) == length)
      out.filter = std::move(program);
    else
      out.filter_obstacle = std::string("this kernel does not show filters: ") + std::strerror(errno);
  } else {
    out.filter_obstacle = "it did not stop for a look";
  }
  ::ptrace(PTRACE_DETACH, process, nullptr, nullptr);
}

}  // namespace

Result<Running> look_at_box(pid_t pid, const launcher::Plan& plan, const std::string& group) {
  const std::string process = "/proc/" + std::to_string(pid);
  Running out;
  out.status = TRY(sys::read_file(process + "/status", kLongest));
  out.limits = TRY(sys::read_file(process + "/limits", kLongest));
  out.mountinfo = TRY(sys::read_file(process + "/mountinfo", kLongest));
  out.namespaces = namespaces_of(process);
  out.own_namespaces = namespaces_of("/proc/self");
  for (const launcher::CgroupWrite& write : plan.cgroups)
    out.cgroup_files[write.parent + "/" + write.file] = line_of(write.parent + "/" + group + "/" + write.file);
  struct stat memory {};
  if (::stat((process + "/mem").c_str(), &memory) == 0) out.memory_owner = memory.st_uid;
  read_filter(pid, out);
  return out;
}

}  // namespace harness
