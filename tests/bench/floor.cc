// What the kernel alone takes for a program in namespaces of its own: one clone with those of a box, its mounts made private, the
// program, its end. No tool's start, no view of its own, no filter, no limits.
//
//   floor PROGRAM [ARGUMENT...]
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>

int main(int argc, char** argv) {
  if (argc < 2) return 64;
  constexpr unsigned long kNamespaces = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;
  const long pid = ::syscall(SYS_clone, kNamespaces | SIGCHLD, 0, nullptr, 0, 0);
  if (pid == 0) {
    if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0) ::execv(argv[1], argv + 1);
    ::_exit(71);
  }
  int status = 0;
  if (pid < 0 || ::waitpid(static_cast<pid_t>(pid), &status, 0) != pid) {
    std::perror("floor");
    return 71;
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 71;
}
