#include "launcher/boxes/stop.h"

#include <errno.h>
#include <sys/stat.h>

#include "launcher/boxes/pool_files.h"
#include "launcher/boxes/processes.h"

namespace launcher {
namespace {

bool exists(const std::string& path) {
  struct stat info = {};
  return ::lstat(path.c_str(), &info) == 0;
}

}  // namespace

base::Result<sys::Fd> open_recorded(const RecordedProcess& process) {
  sys::Fd opened = TRY(sys::open_process(process.pid));
  const auto now = identify(process.pid);
  if (!now && is_hidden(process.pid)) return opened;
  if (!now) return now.error();
  if (now.value() != process) return base::Error{"the recorded process is gone", std::to_string(process.pid), ESRCH, {}};
  return opened;
}

std::vector<std::string> remains_of(const BoxRecord& record, const std::string& run) {
  std::vector<std::string> out;
  const Processes processes = Processes::now();
  if (processes.has(record.launcher)) out.push_back("its launcher (pid " + std::to_string(record.launcher.pid) + ")");
  if (processes.has(record.box)) out.push_back("php-fpm (pid " + std::to_string(record.box.pid) + ")");
  const auto found = read_box(run, record.pool);
  const bool is_another = found && found->mistake.empty() && found->record.launcher != record.launcher;
  if (is_another) return out;  // started again meanwhile: socket and record are its own
  if (found) out.push_back("its record");
  if (record.socket.starts_with('/') && exists(record.socket)) out.push_back("the socket " + record.socket);
  for (const std::string& group : record.cgroups)
    if (exists(group)) out.push_back("the control group " + group);
  return out;
}

}  // namespace launcher
