#include "launcher/boxes/find.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "launcher/boxes/pool_files.h"
#include "launcher/sys/file.h"

namespace launcher {
namespace {

using base::Error;
using base::Result;

// Only what we (root) wrote and nobody else could is read.
Result<std::string> read_own(int directory, const char* name) {
  const sys::Fd file = TRY(sys::open_at(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
  const struct stat info = TRY(sys::status_of(file.get()));
  if (!S_ISREG(info.st_mode) || info.st_uid != ::geteuid() || (info.st_mode & 0077) != 0)
    return Error{std::string(name) + " is not what a launcher writes", {}, 0, {}};
  return sys::read_all(file.get(), kLongestRecord);
}

Result<BoxRecord> record_in(int directory, const std::string& pool) {
  const std::string text = TRY(read_own(directory, kRecordFile));
  BoxRecord record = TRY(read_record(text));
  if (record.pool != pool) return Error{"the record is of another pool", {}, 0, {}};
  return record;
}

Result<std::vector<std::string>> names_in(int directory) {
  const int again = ::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(again < 0 ? nullptr : ::fdopendir(again), ::closedir);
  if (!stream) return sys::failure("open", "the pool's folder");
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(stream.get())) names.emplace_back(entry->d_name);
  return names;
}

// rmdir(2) takes only groups that are empty.
std::size_t remove_groups(const BoxRecord& record) {
  std::size_t removed = 0;
  for (const std::string& group : record.cgroups)
    if (group.substr(group.rfind('/') + 1).starts_with("fpmbox-" + record.pool + "-")) removed += ::rmdir(group.c_str()) == 0;
  return removed;
}

// The live socket, and one that had no name for others yet. A socket in a folder of the operator's may be another's by now.
Result<std::size_t> remove_sockets(int directory) {
  std::size_t removed = 0;
  const auto names = TRY(names_in(directory));
  for (const std::string& name : names) {
    const auto info = sys::status_at(directory, name);
    if (info && S_ISSOCK(info.value().st_mode)) removed += ::unlinkat(directory, name.c_str(), 0) == 0;
  }
  return removed;
}

}  // namespace

Result<sys::Fd> open_pool_folder(const std::string& run, const std::string& pool) {
  if (pool.empty() || pool.front() == '.' || pool.find('/') != pool.npos) return Error{"not a pool's name", pool, 0, {}};
  const sys::Fd above = TRY(sys::open(run, O_PATH | O_DIRECTORY));
  return sys::open_at(above.get(), pool, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
}

Result<std::vector<std::string>> find_pool_folders(const std::string& run) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::opendir(run.c_str()), ::closedir);
  if (!stream && errno == ENOENT) return names;
  if (!stream) return sys::failure("open", run);
  while (const dirent* entry = ::readdir(stream.get()))
    if (entry->d_name[0] != '.' && entry->d_type == DT_DIR) names.emplace_back(entry->d_name);
  std::sort(names.begin(), names.end());
  return names;
}

std::optional<FoundBox> read_box(const std::string& run, const std::string& pool) {
  auto directory = open_pool_folder(run, pool);
  if (!directory) return std::nullopt;
  auto record = record_in(directory.value().get(), pool);
  if (!record && record.error().code == ENOENT) return std::nullopt;
  FoundBox box;
  box.pool = pool;
  if (record)
    box.record = std::move(record).value();
  else
    box.mistake = record.error().text();
  if (auto state = read_own(directory.value().get(), kStateFile)) box.said = read_state(state.value());
  return box;
}

bool is_of_boot(const BoxRecord& record, const std::string& boot) { return record.boot == boot || record.boot.empty() || boot.empty(); }

Presence presence_of(const BoxRecord& record, const std::string& boot, const Processes& processes) {
  if (!is_of_boot(record, boot)) return Presence::gone;
  if (processes.has(record.launcher)) return Presence::running;
  return processes.has(record.box) ? Presence::orphaned : Presence::gone;
}

Result<Cleared> clear_stale(const std::string& run, const std::string& pool, const BoxRecord* record) {
  const sys::Fd directory = TRY(open_pool_folder(run, pool));
  const sys::Fd lock = TRY(sys::open_at(directory.get(), ".lock", O_RDWR | O_NOFOLLOW));
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) return Cleared::held;
  std::size_t removed = TRY(remove_sockets(directory.get()));
  if (record != nullptr) removed += remove_groups(*record);
  removed += remove_pool_files(directory.get());
  return removed == 0 ? Cleared::nothing : Cleared::removed;
}

}  // namespace launcher
