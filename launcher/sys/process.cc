#include "launcher/sys/process.h"

#include <dirent.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <charconv>
#include <memory>
#include <string>

#include "launcher/sys/file.h"
#include "profiles/base/text.h"

namespace sys {
namespace {

template <class T>
bool read_number(std::string_view text, T& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

std::optional<ProcessStat> parse_stat(std::string_view text) {
  constexpr std::size_t kState = 0, kParent = 1, kStart = 19;  // of what stands behind the name
  ProcessStat out;
  const std::size_t open = text.find(" ("), close = text.rfind(") ");
  if (open == text.npos || close == text.npos || close < open || !read_number(text.substr(0, open), out.pid)) return std::nullopt;
  const auto fields = base::split(text.substr(close + 2), ' ');
  if (fields.size() <= kStart || fields[kState].size() != 1) return std::nullopt;
  out.state = fields[kState].front();
  if (!read_number(fields[kParent], out.parent) || !read_number(fields[kStart], out.start)) return std::nullopt;
  return out;
}

base::Result<ProcessStat> process_stat(pid_t pid) {
  const std::string path = "/proc/" + std::to_string(pid) + "/stat";
  const std::string text = TRY(read_file(path, 4096));
  const auto stat = parse_stat(text);
  if (!stat) return base::Error{"not understood", path, 0, {}};
  return *stat;
}

std::vector<pid_t> children_of(pid_t parent) {
  std::vector<pid_t> out;
  const std::unique_ptr<DIR, int (*)(DIR*)> processes(::opendir("/proc"), ::closedir);
  while (const dirent* entry = processes ? ::readdir(processes.get()) : nullptr) {
    pid_t pid = 0;
    if (!read_number(std::string_view(entry->d_name), pid)) continue;
    const auto stat = process_stat(pid);
    if (stat && stat.value().parent == parent) out.push_back(pid);
  }
  return out;
}

base::Result<Fd> open_process(pid_t pid) {
  Fd process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!process) return failure("pidfd_open", std::to_string(pid));
  return process;
}

base::Status signal_process(int pidfd, int number) {
  if (::syscall(SYS_pidfd_send_signal, pidfd, number, nullptr, 0) != 0) return failure("pidfd_send_signal", std::to_string(number));
  return base::success();
}

}  // namespace sys
