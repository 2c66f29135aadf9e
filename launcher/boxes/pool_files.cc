#include "launcher/boxes/pool_files.h"

#include <stdio.h>
#include <unistd.h>

#include "launcher/boxes/state.h"
#include "launcher/sys/file.h"
#include "launcher/sys/process.h"

namespace launcher {
namespace {

base::Result<sys::Fd> make_file(int directory, const std::string& name) {
  return sys::open_at(directory, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
}

}  // namespace

base::Result<PoolFiles> make_pool_files(int directory) {
  PoolFiles files;
  remove_pool_files(directory);
  files.record = TRY(make_file(directory, kRecordDraft));
  files.state = TRY(make_file(directory, kStateFile));
  TRY(write_state(files.state.get(), BoxState::starting));
  return files;
}

base::Status publish_record(int directory, const PoolFiles& files, const BoxRecord& record) {
  if (auto written = sys::write_all(files.record.get(), write_record(record)); !written)
    return std::move(written).take_error().during("the box's record");
  if (::renameat(directory, kRecordDraft, directory, kRecordFile) != 0) return sys::failure("rename", kRecordFile);
  return base::success();
}

std::size_t remove_pool_files(int directory) {
  std::size_t removed = 0;
  for (const char* name : {kRecordFile, kRecordDraft, kStateFile}) removed += ::unlinkat(directory, name, 0) == 0;
  return removed;
}

base::Result<RecordedProcess> identify(pid_t pid) {
  const sys::ProcessStat stat = TRY(sys::process_stat(pid));
  return RecordedProcess{pid, stat.start};
}

std::string boot_id() {
  auto read = sys::read_file("/proc/sys/kernel/random/boot_id", 256);
  std::string text = read ? std::move(read).value() : std::string();
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

}  // namespace launcher
