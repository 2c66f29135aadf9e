#include "launcher/harness/native_probes.h"

#include <string>

namespace harness {
namespace {

// clang-format off: a row a probe
constexpr NativeProbe kProbes[] = {
    // programs
    {"exec_file", "path, argument", probe_exec_file},
    {"exec_at", "path, argument: by execveat, around a filter that names execve alone", probe_exec_at},
    {"exec_uploaded", "folder: in which a program is put", probe_exec_uploaded},
    {"exec_uploaded_fd", "folder: the same by execveat of the open file", probe_exec_uploaded_fd},
    {"exec_script", "folder: a script with #!", probe_exec_script},
    {"exec_memfd", ": a program that is in no file", probe_exec_memfd},
    {"spawn", "path: posix_spawn, under popen() and system()", probe_spawn},
    {"uploaded_on_k", "folder, K: a program on the one fd that the filter lets through", probe_uploaded_on_k},
    {"file_on_k", "path, K, flags of open: another file there", probe_file_on_k},
    {"path_beside_k", "path, K: an absolute path beside it", probe_path_beside_k},
    {"k_itself", "path, K: what is on it; where nothing is, path is put there first", probe_k_itself},
    // memory
    {"map_uploaded", "folder: code mapped from a file", probe_map_uploaded},
    {"map_uploaded_later", "folder: the same, made executable afterwards", probe_map_uploaded_later},
    {"anonymous_rwx", ": memory that is written and run", probe_anonymous_rwx},
    {"anonymous_later", ": the same, one after the other", probe_anonymous_later},
    {"write_own_code", ": by /proc/self/mem", probe_write_own_code},
    {"i386_call", ": getpid by int 0x80", probe_i386_call},
    {"raw_call", "number and arguments: a call that has no name here", probe_raw_call},
    {"newer_call", "name and arguments: a call newer than libseccomp", probe_newer_call},
    // processes
    {"ptrace_sibling", ": steer a process of the same user", probe_ptrace_sibling},
    {"read_sibling", ": its memory", probe_read_sibling},
    {"write_sibling", ": its memory", probe_write_sibling},
    {"take_sibling_fd", ": an open file of it", probe_take_sibling_fd},
    {"compare_sibling", ": which kernel objects it shares", probe_compare_sibling},
    {"clone_with", "flags: a child", probe_clone_with},
    {"status_field", "field: of /proc/self/status", probe_status_field},
    {"environment", "name: is it there", probe_environment},
    {"working_folder", "path: reachable from the working folder by ../", probe_working_folder},
    // files
    {"open_by_handle", "folder, file", probe_open_by_handle},
    {"name_to_handle", "path", probe_name_to_handle},
    {"make_node", "folder, mode, device number", probe_make_node},
    {"setuid_bit", "folder, call: chmod, chmod_high, fchmod, fchmodat, fchmodat2", probe_setuid_bit},
    {"mount_flag", "path, flag of statvfs: \"set\" or \"not set\"", probe_mount_flag},
    {"inherited_folders", ": folders among the fds that came with the exec", probe_inherited_folders},
    {"inherited_files", ": other fds that came with the exec, but for the three streams", probe_inherited_files},
    {"open_beneath_inherited", "path: openat of it on every fd", probe_open_beneath_inherited},
    // network
    {"connect_inet", "address, port, SOCK_ kind", probe_connect_inet},
    {"connect_inet6", "address, port, SOCK_ kind", probe_connect_inet6},
    {"connect_unix", "path", probe_connect_unix},
    {"connect_abstract", "name", probe_connect_abstract},
    {"bind_inet", "port", probe_bind_inet},
    {"interfaces", ": \"lo alone\", or how many there are", probe_interfaces},
    // resources
    {"fork_bomb", "most", probe_fork_bomb},
    {"open_files", "most", probe_open_files},
    {"take_memory", "bytes", probe_take_memory},
    {"fill_folder", "folder, bytes", probe_fill_folder},
    {"fill_inodes", "folder, count", probe_fill_inodes},
    {"hard_limit", "resource: its hard limit", probe_hard_limit},
    {"raise_limit", "resource: to its hard limit, by setrlimit", probe_raise_limit},
};
// clang-format on

}  // namespace

std::span<const NativeProbe> native_probes() { return kProbes; }

const NativeProbe* find_native_probe(std::string_view name) {
  for (const NativeProbe& probe : kProbes)
    if (probe.name == name) return &probe;
  return nullptr;
}

std::uint64_t number_at(const ProbeArguments& arguments, std::size_t index) {
  return index < arguments.size() ? arguments[index].number : 0;
}

const std::string& text_at(const ProbeArguments& arguments, std::size_t index) {
  static const std::string kNone;
  return index < arguments.size() ? arguments[index].text : kNone;
}

}  // namespace harness
