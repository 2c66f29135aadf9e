#include "launcher/boxes/kept_log.h"

#include <errno.h>
#include <sys/file.h>
#include <unistd.h>

#include "launcher/sys/file.h"
#include "profiles/base/text.h"

namespace launcher {
namespace {

base::Result<sys::Fd> open_file(int directory, const char* name, mode_t mode) {
  sys::Fd file = TRY(sys::open_at(directory, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK, mode));
  const struct stat info = TRY(sys::status_of(file.get()));
  if (!S_ISREG(info.st_mode) || info.st_uid != ::geteuid() || info.st_nlink != 1)
    return base::Error{std::string(name) + " is not what a launcher writes; remove it", {}, 0, {}};
  return file;
}

// For as long as the file is open, and before anything of it is looked at.
base::Status lock(int file, const char* name) {
  return ::flock(file, LOCK_EX | LOCK_NB) == 0 ? base::success() : base::Status(sys::failure("flock", name));
}

base::Status forget_if_old(int file, const char* name) {
  const struct stat info = TRY(sys::status_of(file));
  const auto written = std::chrono::system_clock::from_time_t(info.st_mtime);
  if (std::chrono::system_clock::now() - written > kLogExpiry && ::ftruncate(file, 0) != 0) return sys::failure("ftruncate", name);
  return base::success();
}

std::uint64_t number_of(int file) {
  char start[kLogHeaderLength];
  if (::pread(file, start, sizeof start, 0) != static_cast<ssize_t>(sizeof start)) return 0;
  return read_log_header({start, sizeof start}).value_or(0);
}

bool ends_within_a_line(int file, std::size_t size) {
  char last = '\n';
  return ::pread(file, &last, 1, static_cast<off_t>(size) - 1) == 1 && last != '\n';
}

}  // namespace

base::Result<KeptLog> KeptLog::open(int directory, const LogFiles& files) {
  KeptLog log;
  log.is_timed_ = files.is_timed;
  for (std::size_t i = 0; i < log.files_.size(); ++i) {
    log.files_[i] = TRY(open_file(directory, files.names[i], static_cast<mode_t>(files.mode)));
    if (files.is_claimed && i == 0) TRY(lock(log.files_[i].get(), files.names[i]));
    TRY(forget_if_old(log.files_[i].get(), files.names[i]));
    const std::uint64_t number = number_of(log.files_[i].get());
    if (number <= log.number_) continue;
    const struct stat info = TRY(sys::status_of(log.files_[i].get()));
    log.current_ = i;
    log.number_ = number;
    log.size_ = static_cast<std::size_t>(info.st_size);
  }
  if (log.number_ != 0 && ends_within_a_line(log.files_[log.current_].get(), log.size_)) log.write("\n");  // of a launcher that was killed
  return log;
}

base::Result<KeptLog> KeptLog::open_first(int directory, std::span<const LogFiles> choice) {
  for (const LogFiles& files : choice) {
    auto log = open(directory, files);
    if (log || log.error().code != EWOULDBLOCK) return log;
  }
  return base::Error{std::to_string(choice.size()) + " others write theirs, and there is room for no more", {}, EWOULDBLOCK, {}};
}

void KeptLog::line(std::string_view text) {
  if (!files_[0]) return;
  std::string bytes;
  if (lost_ > 0 && is_timed_) bytes = text_of("fpmbox: " + std::to_string(lost_) + (lost_ == 1 ? " line was" : " lines were") + " lost, because this log could not be written");
  bytes += text_of(text);
  const bool fits = number_ != 0 && size_ + bytes.size() <= kLogFileLimit;
  if ((fits || turn_over()) && write(bytes))
    lost_ = 0;
  else
    ++lost_;
}

std::string KeptLog::text_of(std::string_view text) const {
  return is_timed_ ? log_line(std::chrono::system_clock::now(), text) : base::escape_control(text) + "\n";
}

// All or nothing: half a line would run into the next one.
bool KeptLog::write(std::string_view bytes) {
  const int file = files_[current_].get();
  ssize_t count = -1;
  do count = ::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(size_));
  while (count < 0 && errno == EINTR);
  if (count == static_cast<ssize_t>(bytes.size())) {
    size_ += bytes.size();
    return true;
  }
  if (count > 0 && ::ftruncate(file, static_cast<off_t>(size_)) != 0) size_ += static_cast<std::size_t>(count);
  return false;
}

// The older file becomes the current one. Where even its first line cannot be written, it stays empty, and is tried again.
bool KeptLog::turn_over() {
  const std::size_t other = number_ == 0 ? 0 : 1 - current_;
  if (::ftruncate(files_[other].get(), 0) != 0) return false;
  const std::string header = log_header(number_ + 1);
  if (::pwrite(files_[other].get(), header.data(), header.size(), 0) != static_cast<ssize_t>(header.size())) return false;
  current_ = other;
  ++number_;
  size_ = header.size();
  return true;
}

}  // namespace launcher
