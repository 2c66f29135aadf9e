#include "launcher/doctor/surroundings.h"

#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <charconv>

#include "launcher/facts/kernel.h"
#include "launcher/sys/file.h"
#include "profiles/base/text.h"

namespace launcher {
namespace {

std::string text_of(const char* path) {
  auto text = sys::read_file(path, 1 << 20);
  std::string out = text ? std::move(text).value() : "";
  while (out.ends_with('\n') || out.ends_with('\0')) out.pop_back();
  return out;
}

bool exists(const char* path) {
  struct stat info = {};
  return ::lstat(path, &info) == 0;
}

// By the marks that the runtimes leave: systemd's first, which says it of all that it knows.
std::string find_container() {
  const std::string named = text_of("/run/systemd/container");
  if (!named.empty()) return named;
  if (exists("/run/.containerenv")) return "podman";
  if (exists("/.dockerenv")) return "docker";
  const std::string environment = text_of("/proc/1/environ");
  for (const std::string& one : base::split(environment, '\0'))
    if (one.starts_with("container=") && one.size() > 10) return one.substr(10);
  return "";
}

// "docker-default (enforce)"; "unconfined" outside of every profile
std::string apparmor_profile() {
  if (text_of("/sys/module/apparmor/parameters/enabled") != "Y") return "";
  const std::string label = text_of("/proc/self/attr/current");
  return label.ends_with("(enforce)") ? label.substr(0, label.rfind(' ')) : "";
}

// "5.12" in "5.12.19-rc1": two numbers, as far as they can be read.
std::pair<int, int> numbers_of(std::string_view version) {
  std::pair<int, int> out;
  const char* end = version.data() + version.size();
  const auto major = std::from_chars(version.data(), end, out.first);
  if (major.ec == std::errc() && major.ptr != end && *major.ptr == '.') std::from_chars(major.ptr + 1, end, out.second);
  return out;
}

}  // namespace

bool is_kernel_since(std::string_view release, std::string_view since) { return numbers_of(release) >= numbers_of(since); }

bool is_of_namespace(std::string_view uid_map) { return !uid_map.empty() && uid_map.find("4294967295") == uid_map.npos; }

std::vector<std::string> covered_in(std::string_view mountinfo) {
  constexpr std::size_t kPoint = 4;
  std::vector<std::string> out;
  for (const std::string& line : base::split(mountinfo, '\n')) {
    const auto fields = base::split(line, ' ');
    if (fields.size() > kPoint && fields[kPoint].starts_with("/proc/") && fields[kPoint] != "/proc/sys/fs/binfmt_misc") out.push_back(fields[kPoint]);
  }
  return out;
}

Surroundings look_around() {
  Surroundings out;
  struct utsname names = {};
  if (::uname(&names) == 0) out.release = names.release;
  out.root = ::geteuid() == 0;
  if (out.root) out.missing_capabilities = missing_capabilities();
  out.root_of_namespace = out.root && is_of_namespace(text_of("/proc/self/uid_map"));
  out.filtered = text_of("/proc/self/status").find("\nSeccomp:\t2") != std::string::npos;
  out.systemd = exists("/run/systemd/system");
  out.container = find_container();
  out.confined_by = apparmor_profile();
  out.apparmor_restricts_namespaces = text_of("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == "1";
  out.namespaces_switched_off = text_of("/proc/sys/kernel/unprivileged_userns_clone") == "0";
  out.no_namespaces_allowed = text_of("/proc/sys/user/max_user_namespaces") == "0";
  out.covered_proc = covered_in(text_of("/proc/self/mountinfo"));
  return out;
}

}  // namespace launcher
