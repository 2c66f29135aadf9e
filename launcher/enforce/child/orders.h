// Orders: all that the child needs between clone and exec, laid out by the parent. Plain data: spans, fds, C strings that
// the parent owns and that stay where they are. This folder includes nothing of the rest of fpmbox.
#pragma once

#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

namespace child {

// One detached mount to attach below the new root. tree -1 means: a fresh procfs, which must be made inside.
struct Attach {
  int tree;
  const char* target;  // relative to the new root
  unsigned long flags;  // ST_RDONLY, ST_NOSUID, ... that statfs(2) must say of it once it is in place
};

// A namespace that was made ahead, to be entered.
struct Join {
  int fd;
  int type;  // CLONE_NEWNET
};

struct Rlimit {
  int resource;
  uint64_t value;
};

struct Orders {
  bool enclosed;   // a container runtime made namespaces and mounts: those steps are passed over
  int handshake;   // SOCK_SEQPACKET: "go" comes down, the seccomp listener goes up
  int report;      // CLOEXEC pipe: one SetupFailure, or EOF when the exec worked
  const Join* join;
  size_t join_count;
  const int* cgroup_tasks;  // of v1 groups, open for writing
  size_t cgroup_count;
  int root;        // detached tmpfs, already read-only
  const Attach* attach;
  size_t attach_count;
  bool hides_processes;  // of the box from each other, in its /proc
  bool own_cgroup_namespace;
  const char* hostname;
  size_t hostname_length;
  uid_t uid;
  gid_t gid;
  bool has_capabilities;  // of root or of a user namespace: ids and capabilities must be dropped
  bool keeps_groups;      // in a user namespace of one id nobody can set groups, nor can who has no capability
  bool root_group;        // whoever started the launcher as another user than root chose group 0 for it
  mode_t umask;
  const Rlimit* rlimits;
  size_t rlimit_count;
  bool deny_write_execute;  // the kernel has kSetMdwe, and the box is to be without
  int landlock;  // ruleset fd, or -1
  const sock_filter* filter;
  unsigned short filter_length;
  bool listener;  // the filter reports calls: its listener goes up
  bool listener_waits;  // the kernel knows kWaitKillable
  int input;      // becomes 0
  int output;     // becomes 1
  int errors;     // becomes 2
  int live;       // becomes 3; -1 where there are no sockets
  int status;     // becomes 4; likewise
  const char* directory;  // where the program starts, inside
  bool pin_path;  // the path of the exec lies on page 0
  const int* parent_ends;  // fds of the launcher that clone copied: closed first
  size_t parent_end_count;
  int program;    // becomes `program_number`, which nothing else can ever stand on
  int program_number;
  char* const* argv;
  char* const* environment;
  int fault_step;   // builds for fault injection only; -1
  int fault_errno;
};

// What the child says when a step fails. `subject` is an index whose meaning the step gives, or -1.
struct SetupFailure {
  int32_t step;
  int32_t code;  // errno
  int32_t subject;
};

// Where the empty path of the one execveat lies. The kernel does not look at the fd when the path is absolute, and a filter
// cannot see what a pointer leads to; but it can compare the pointer, and on page 0 only a process with CAP_SYS_RAWIO can map
// anything (vm.mmap_min_addr). After the exec the address is empty for good: execveat gets EFAULT.
inline constexpr uintptr_t kPathAddress = 0x10;

// PR_SET_MDWE, PR_GET_MDWE and PR_MDWE_REFUSE_EXEC_GAIN, Linux 6.3
inline constexpr int kSetMdwe = 65;
inline constexpr int kGetMdwe = 66;
inline constexpr unsigned long kRefuseExecGain = 1;

// Runs every step and becomes the program. Never returns.
[[noreturn]] void enter(const Orders& orders);

}  // namespace child
