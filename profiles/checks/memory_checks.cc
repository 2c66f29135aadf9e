// Memory that is written and executed, against what would need it.
#include <algorithm>
#include <array>
#include <cctype>

#include "profiles/checks/facets.h"
#include "profiles/checks/ini_size.h"
#include "profiles/checks/report.h"

namespace profiles {

namespace {

// php-src issue 21450: with a JIT on, FPM starts and every worker answers with nothing.
constexpr std::array<std::string_view, 3> kJitSettings = {"pcre.jit", "opcache.jit", "opcache.jit_buffer_size"};
// As php.ini spells "no"; opcache.jit has a word of its own.
constexpr std::array<std::string_view, 6> kOff = {"", "off", "no", "false", "none", "disable"};
constexpr std::array<std::string_view, 2> kMemoryFiles = {"memfd_create", "memfd_secret"};

bool is_off(const std::string& value) {
  std::string lower = value;
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const auto size = parse_ini_size(value);
  return std::find(kOff.begin(), kOff.end(), lower) != kOff.end() || (size && size->count == 0);
}

}  // namespace

void check_write_execute(const CheckInput& input) {
  const Policy& policy = input.composed.policy;
  if (!policy.memory.deny_write_execute) return;
  const std::string decided = place_of(input, "memory.deny_write_execute").text();
  for (const std::string_view name : kJitSettings) {
    const auto value = policy.php.admin_values.find(std::string(name));
    if (value == policy.php.admin_values.end() || is_off(value->second)) continue;
    error(input, "php.admin_values[" + value->first + "]",
          "`" + value->second + "` turns a JIT on, and memory.deny_write_execute at " + decided + " leaves it no memory",
          "remove one of them");
  }
}

void check_memory_files(const CheckInput& input) {
  const Policy& policy = input.composed.policy;
  if (!policy.memory.deny_write_execute) return;
  const std::string decided = place_of(input, "memory.deny_write_execute").text();
  for (const SyscallGrant& grant : policy.syscalls.allow)
    if (std::find(kMemoryFiles.begin(), kMemoryFiles.end(), grant.name) != kMemoryFiles.end())
      error(input, "syscalls.allow[" + grant.name + "]",
            "gives memory that can be mapped twice, to write and to execute, around memory.deny_write_execute at " + decided,
            "remove one of them");
}

}  // namespace profiles
