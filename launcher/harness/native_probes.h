// Acts that take more than one system call, by name. Each says in its row what its arguments are; the words of outcomes are
// those of native.h. They run in a child (native_child.h) that they may spoil as they like.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "launcher/harness/native.h"
#include "launcher/harness/native_child.h"

namespace harness {

using ProbeArguments = std::vector<ProbeArgument>;

struct NativeProbe {
  std::string_view name;
  std::string_view arguments;  // what they are: "folder, K", each as the numbers and texts of a line
  Attempt (*run)(const ProbeArguments& arguments);
};

std::span<const NativeProbe> native_probes();
const NativeProbe* find_native_probe(std::string_view name);

// An argument that is not there is 0 or "".
std::uint64_t number_at(const ProbeArguments& arguments, std::size_t index);
const std::string& text_at(const ProbeArguments& arguments, std::size_t index);

// The groups of native_probes(), a file each.
Attempt probe_exec_file(const ProbeArguments&);
Attempt probe_exec_at(const ProbeArguments&);
Attempt probe_exec_uploaded(const ProbeArguments&);
Attempt probe_exec_uploaded_fd(const ProbeArguments&);
Attempt probe_exec_script(const ProbeArguments&);
Attempt probe_exec_memfd(const ProbeArguments&);
Attempt probe_spawn(const ProbeArguments&);
Attempt probe_uploaded_on_k(const ProbeArguments&);
Attempt probe_file_on_k(const ProbeArguments&);
Attempt probe_path_beside_k(const ProbeArguments&);
Attempt probe_k_itself(const ProbeArguments&);

Attempt probe_map_uploaded(const ProbeArguments&);
Attempt probe_map_uploaded_later(const ProbeArguments&);
Attempt probe_anonymous_rwx(const ProbeArguments&);
Attempt probe_anonymous_later(const ProbeArguments&);
Attempt probe_write_own_code(const ProbeArguments&);
Attempt probe_i386_call(const ProbeArguments&);
Attempt probe_raw_call(const ProbeArguments&);
Attempt probe_newer_call(const ProbeArguments&);

Attempt probe_ptrace_sibling(const ProbeArguments&);
Attempt probe_read_sibling(const ProbeArguments&);
Attempt probe_write_sibling(const ProbeArguments&);
Attempt probe_take_sibling_fd(const ProbeArguments&);
Attempt probe_compare_sibling(const ProbeArguments&);
Attempt probe_clone_with(const ProbeArguments&);

Attempt probe_status_field(const ProbeArguments&);
Attempt probe_environment(const ProbeArguments&);
Attempt probe_working_folder(const ProbeArguments&);

Attempt probe_open_by_handle(const ProbeArguments&);
Attempt probe_name_to_handle(const ProbeArguments&);
Attempt probe_make_node(const ProbeArguments&);
Attempt probe_setuid_bit(const ProbeArguments&);
Attempt probe_mount_flag(const ProbeArguments&);
Attempt probe_inherited_folders(const ProbeArguments&);
Attempt probe_inherited_files(const ProbeArguments&);
Attempt probe_open_beneath_inherited(const ProbeArguments&);

Attempt probe_connect_inet(const ProbeArguments&);
Attempt probe_connect_inet6(const ProbeArguments&);
Attempt probe_connect_unix(const ProbeArguments&);
Attempt probe_connect_abstract(const ProbeArguments&);
Attempt probe_bind_inet(const ProbeArguments&);
Attempt probe_interfaces(const ProbeArguments&);

Attempt probe_fork_bomb(const ProbeArguments&);
Attempt probe_open_files(const ProbeArguments&);
Attempt probe_take_memory(const ProbeArguments&);
Attempt probe_fill_folder(const ProbeArguments&);
Attempt probe_fill_inodes(const ProbeArguments&);
Attempt probe_hard_limit(const ProbeArguments&);
Attempt probe_raise_limit(const ProbeArguments&);

}  // namespace harness
