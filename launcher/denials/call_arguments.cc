#include "launcher/denials/call_arguments.h"

#include <fcntl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string_view>

#include "profiles/kernel/syscall_names.h"

namespace launcher {
namespace {

struct Named {
  std::string_view name;
  std::uint64_t value;
};

// What profiles/kernel has no word for, because no rule names it.
constexpr Named kOpenFlags[] = {
    {"O_WRONLY", O_WRONLY}, {"O_RDWR", O_RDWR}, {"O_CREAT", O_CREAT}, {"O_EXCL", O_EXCL}, {"O_TRUNC", O_TRUNC},
    {"O_APPEND", O_APPEND}, {"O_NONBLOCK", O_NONBLOCK}, {"O_DIRECTORY", O_DIRECTORY}, {"O_NOFOLLOW", O_NOFOLLOW},
    {"O_CLOEXEC", O_CLOEXEC}, {"O_PATH", O_PATH},
};
constexpr Named kTraceRequests[] = {
    {"PTRACE_TRACEME", PTRACE_TRACEME},   {"PTRACE_PEEKTEXT", PTRACE_PEEKTEXT}, {"PTRACE_PEEKDATA", PTRACE_PEEKDATA},
    {"PTRACE_POKETEXT", PTRACE_POKETEXT}, {"PTRACE_POKEDATA", PTRACE_POKEDATA}, {"PTRACE_ATTACH", PTRACE_ATTACH},
    {"PTRACE_SEIZE", PTRACE_SEIZE},       {"PTRACE_SETREGSET", PTRACE_SETREGSET},
};
constexpr Named kResources[] = {
    {"RLIMIT_AS", RLIMIT_AS},       {"RLIMIT_CORE", RLIMIT_CORE},       {"RLIMIT_CPU", RLIMIT_CPU},     {"RLIMIT_DATA", RLIMIT_DATA},
    {"RLIMIT_FSIZE", RLIMIT_FSIZE}, {"RLIMIT_MEMLOCK", RLIMIT_MEMLOCK}, {"RLIMIT_NICE", RLIMIT_NICE},   {"RLIMIT_NOFILE", RLIMIT_NOFILE},
    {"RLIMIT_NPROC", RLIMIT_NPROC}, {"RLIMIT_RTPRIO", RLIMIT_RTPRIO},   {"RLIMIT_STACK", RLIMIT_STACK},
};
constexpr Named kSocketFlags[] = {{"SOCK_CLOEXEC", SOCK_CLOEXEC}, {"SOCK_NONBLOCK", SOCK_NONBLOCK}};
constexpr std::string_view kIoctls[] = {"TC", "TIOC", "FIO"};

// How an argument is shown. A row ends where nothing more is worth saying.
enum class Show {
  nothing,  // the end of a row
  pointer,  // left out
  number,
  flags,    // in hexadecimal
  mode,     // in octal
  family, socket_type, namespaces, control, request, protection, mapping, open_flags, trace, resource,
};
using enum Show;

struct Shape {
  std::string_view name;
  std::array<Show, 6> arguments;
};

// clang-format off: a row per call
constexpr Shape kShapes[] = {
    {"socket", {family, socket_type, number}},
    {"socketpair", {family, socket_type, number}},
    {"clone", {namespaces}},
    {"unshare", {namespaces}},
    {"setns", {number, namespaces}},
    {"prctl", {control, flags}},
    {"ioctl", {number, request}},
    {"open", {pointer, open_flags}},
    {"openat", {number, pointer, open_flags}},
    {"mmap", {pointer, number, protection, mapping, number}},
    {"mprotect", {pointer, number, protection}},
    {"memfd_create", {pointer, flags}},
    {"ptrace", {trace, number}},
    {"process_vm_readv", {number}},
    {"process_vm_writev", {number}},
    {"pidfd_getfd", {number, number}},
    {"perf_event_open", {pointer, number, number}},
    {"bpf", {number}},
    {"keyctl", {number}},
    {"personality", {flags}},
    {"chmod", {pointer, mode}},
    {"fchmod", {number, mode}},
    {"fchmodat", {number, pointer, mode}},
    {"mkdir", {pointer, mode}},
    {"mkdirat", {number, pointer, mode}},
    {"prlimit64", {number, resource}},
    {"mount", {pointer, pointer, pointer, flags}},
    {"umount2", {pointer, flags}},
    {"reboot", {flags, flags, flags}},
    {"execveat", {number, pointer, pointer, pointer, flags}},
    {"setuid", {number}}, {"setgid", {number}}, {"setreuid", {number, number}}, {"setregid", {number, number}},
    {"setresuid", {number, number, number}}, {"setresgid", {number, number, number}}, {"setgroups", {number}},
    {"setfsuid", {number}}, {"setfsgid", {number}},
    {"iopl", {number}}, {"ioperm", {number, number, number}},
    {"userfaultfd", {flags}}, {"open_by_handle_at", {number, pointer, flags}}, {"fanotify_init", {flags, flags}},
};
// clang-format on

std::string formatted(const char* format, std::uint64_t value) {
  char text[32];
  std::snprintf(text, sizeof text, format, static_cast<unsigned long long>(value));
  return text;
}

std::string number_text(std::uint64_t value) {
  if (static_cast<std::uint32_t>(value) > 0xffff0000) return std::to_string(static_cast<std::int32_t>(value));  // AT_FDCWD, -1
  return value < 65536 ? std::to_string(value) : formatted("0x%llx", value);
}

// A constant of profiles/kernel by its prefix.
std::string constant_text(std::uint64_t value, std::string_view prefix) {
  for (const std::string& name : profiles::kernel_constant_names())
    if (name.starts_with(prefix) && profiles::kernel_constant(name) == value) return name;
  return {};
}

std::string one_of(std::uint64_t value, std::string_view prefix) {
  const std::string name = constant_text(value, prefix);
  return name.empty() ? number_text(value) : name;
}

std::string one_of(std::uint64_t value, std::span<const Named> table) {
  for (const Named& row : table)
    if (row.value == value) return std::string(row.name);
  return number_text(value);
}

// The flags that have a name, and the rest as a number.
std::string join_flags(std::uint64_t value, std::span<const Named> table, std::string text) {
  for (const Named& row : table) {
    if (row.value == 0 || (value & row.value) != row.value) continue;
    text += (text.empty() ? "" : "|") + std::string(row.name);
    value &= ~row.value;
  }
  if (value != 0 || text.empty()) text += (text.empty() ? "" : "|") + formatted("0x%llx", value);
  return text;
}

std::vector<Named> constants_of(std::string_view prefix) {
  std::vector<Named> out;
  for (const std::string& name : profiles::kernel_constant_names())
    if (name.starts_with(prefix)) out.push_back({name, profiles::kernel_constant(name).value_or(0)});
  return out;
}

std::string socket_type_text(std::uint64_t value) {
  const std::uint64_t rest = value & ~std::uint64_t{0xf};
  const std::string type = one_of(value & 0xf, "SOCK_");
  return rest == 0 ? type : join_flags(rest, kSocketFlags, type);
}

// The lowest byte is the signal at a thread's end.
std::string namespaces_text(std::uint64_t value) { return join_flags(value & ~std::uint64_t{0x7f}, constants_of("CLONE_"), {}); }

std::string request_text(std::uint64_t value) {
  for (const std::string_view prefix : kIoctls)
    if (std::string name = constant_text(value, prefix); !name.empty()) return name;
  return formatted("0x%llx", value);
}

std::string open_flags_text(std::uint64_t value) {
  return (value & O_ACCMODE) == 0 ? join_flags(value, kOpenFlags, "O_RDONLY") : join_flags(value, kOpenFlags, {});
}

std::string argument_text(Show show, std::uint64_t whole) {
  const std::uint64_t value = whole & 0xffffffff;  // of an int the kernel looks at no more
  switch (show) {
    case Show::nothing:
    case Show::pointer: return {};
    case Show::number: return number_text(whole);
    case Show::flags: return formatted("0x%llx", value);
    case Show::mode: return formatted("0%llo", value);
    case Show::family: return one_of(value, "AF_");
    case Show::socket_type: return socket_type_text(value);
    case Show::namespaces: return namespaces_text(value);
    case Show::control: return one_of(value, "PR_");
    case Show::request: return request_text(value);
    case Show::protection: return value == 0 ? "PROT_NONE" : join_flags(value, constants_of("PROT_"), {});
    case Show::mapping: return join_flags(value, constants_of("MAP_"), {});
    case Show::open_flags: return open_flags_text(value);
    case Show::trace: return one_of(value, kTraceRequests);
    case Show::resource: return one_of(value, kResources);
  }
  return {};
}

}  // namespace

std::string call_name(int number) {
  const std::string name = profiles::syscall_name(number);
  return name.empty() ? "system call " + std::to_string(number) : name;
}

std::string call_text(const seccomp_data& call) {
  const std::string name = call_name(call.nr);
  std::string arguments;
  for (const Shape& shape : kShapes) {
    if (shape.name != name) continue;
    for (std::size_t i = 0; i < shape.arguments.size() && shape.arguments[i] != Show::nothing; ++i) {
      const std::string text = argument_text(shape.arguments[i], call.args[i]);
      if (!text.empty()) arguments += (arguments.empty() ? "" : ", ") + text;
    }
  }
  return name + "(" + (arguments.empty() ? "..." : arguments) + ")";
}

}  // namespace launcher
