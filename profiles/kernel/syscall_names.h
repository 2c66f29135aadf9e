// Names and numbers of system calls on this architecture, as libseccomp knows them, and the constants that argument
// rules may name. Numbers from the kernel's uapi headers, which are stable by contract.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace profiles {

// Number of `name` on the native architecture; nullopt when it has no such call (open on arm64) or the name is unknown.
std::optional<int> syscall_number(std::string_view name);
// Name of `number`, or "" when libseccomp does not know it.
std::string syscall_name(int number);
// true when the name exists on any architecture; a name that is merely absent here is no mistake.
bool is_syscall_anywhere(std::string_view name);
// Every name of the native architecture, sorted.
const std::vector<std::string>& native_syscall_names();
// The highest number that libseccomp knows natively: numbers above it did not exist for the author of a filter.
int highest_known_syscall();

// Calls that came after libseccomp 2.5.4 (Debian 12); since Linux 5.1 a new number is the same on every architecture that we
// know. Only for trying them: rules of a profile are written by libseccomp.
std::optional<int> newer_syscall_number(std::string_view name);

// Value of a constant such as PR_SET_VMA, TCGETS, CLONE_NEWUSER, AF_UNIX, NULL or of a literal (0x541b, 33).
std::optional<std::uint64_t> kernel_constant(std::string_view name);
const std::vector<std::string>& kernel_constant_names();

}  // namespace profiles
