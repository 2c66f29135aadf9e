// Probes that reach into another process of the same user, and into what the kernel says of this one.
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launcher/harness/native_probes.h"
#include "launcher/sys/file.h"

namespace harness {
namespace {

constexpr std::size_t kStatusSize = 8192;
constexpr int kFoldersUp = 40;

// Stands for another worker, in the middle of another visitor's request. Our child, which is what Yama asks for.
class Sibling {
 public:
  Sibling() : pid_(::fork()) {
    if (pid_ == 0)
      for (;;) ::pause();
  }
  Sibling(const Sibling&) = delete;
  Sibling& operator=(const Sibling&) = delete;
  ~Sibling() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_;
};

base::Status check(const Sibling& sibling) {
  if (sibling.pid() < 0) return sys::failure("fork", {});
  return base::success();
}

using Transfer = ssize_t (*)(pid_t, const iovec*, unsigned long, const iovec*, unsigned long, unsigned long);

// At the same address in both, which fork gave the same content.
Attempt transfer(Transfer call) {
  char secret[] = "of another visitor";
  const Sibling sibling;
  TRY(check(sibling));
  const iovec here = {secret, sizeof secret};
  return word_of(call(sibling.pid(), &here, 1, &here, 1, 0));
}

std::string trimmed(std::string text) {
  const auto begin = text.find_first_not_of(" \t");
  text = begin == text.npos ? "" : text.substr(begin);
  for (char& c : text)
    if (c == '\t') c = ' ';
  return text;
}

}  // namespace

Attempt probe_ptrace_sibling(const ProbeArguments&) {
  const Sibling sibling;
  TRY(check(sibling));
  return word_of(::ptrace(static_cast<decltype(PTRACE_ATTACH)>(PTRACE_ATTACH), sibling.pid(), nullptr, nullptr));
}

Attempt probe_read_sibling(const ProbeArguments&) { return transfer(::process_vm_readv); }
Attempt probe_write_sibling(const ProbeArguments&) { return transfer(::process_vm_writev); }

Attempt probe_take_sibling_fd(const ProbeArguments&) {
  const Sibling sibling;
  TRY(check(sibling));
  const sys::Fd process(static_cast<int>(::syscall(SYS_pidfd_open, sibling.pid(), 0)));
  if (!process) return sys::failure("pidfd_open", {});
  return word_of(::syscall(SYS_pidfd_getfd, process.get(), 0, 0));
}

Attempt probe_compare_sibling(const ProbeArguments&) {
  const Sibling sibling;
  TRY(check(sibling));
  return word_of(::syscall(SYS_kcmp, ::getpid(), sibling.pid(), 0, 0, 0));
}

Attempt probe_clone_with(const ProbeArguments& a) {
  const long child = ::syscall(SYS_clone, number_at(a, 0) | SIGCHLD, 0, 0, 0, 0);
  if (child == 0) ::_exit(0);
  return word_of(child);
}

Attempt probe_status_field(const ProbeArguments& a) {
  const auto read = sys::read_file("/proc/self/status", kStatusSize);
  if (!read) return std::string("no /proc");
  const std::string& status = read.value();
  const std::string key = "\n" + text_at(a, 0) + ":";
  const auto at = status.find(key);
  if (at == status.npos) return std::string("no such field");
  const auto begin = at + key.size();
  return trimmed(status.substr(begin, status.find('\n', begin) - begin));
}

Attempt probe_environment(const ProbeArguments& a) {
  return std::string(::getenv(text_at(a, 0).c_str()) != nullptr ? "ok" : "nothing");
}

Attempt probe_working_folder(const ProbeArguments& a) {
  std::string up;
  for (int i = 0; i < kFoldersUp; ++i) up += "../";
  const auto file = sys::open(up + text_at(a, 0), O_RDONLY);
  return file ? "ok" : errno_name(file.error().code);
}

}  // namespace harness
