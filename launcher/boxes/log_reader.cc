#include "launcher/boxes/log_reader.h"

#include <unistd.h>

#include <algorithm>

#include "launcher/sys/file.h"
#include "profiles/base/text.h"

namespace launcher {
namespace {

// Two files are read from their start at most, and once more when they turned over meanwhile. What comes faster, or counts
// backwards, is of a launcher that was taken over; the next look goes on.
constexpr int kMostTurns = 8;

}  // namespace

base::Result<LogReader> LogReader::open(int directory, const LogFiles& files) {
  LogReader reader;
  for (std::size_t i = 0; i < reader.files_.size(); ++i)
    reader.files_[i] = TRY(sys::open_at(directory, files.names[i], O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
  return reader;
}

std::uint64_t LogReader::number_of(std::size_t file) const {
  char start[kLogHeaderLength];
  if (::pread(files_[file].get(), start, sizeof start, 0) != static_cast<ssize_t>(sizeof start)) return 0;
  return read_log_header({start, sizeof start}).value_or(0);
}

std::optional<std::size_t> LogReader::file_with(std::uint64_t number) const {
  for (std::size_t i = 0; i < files_.size(); ++i)
    if (number_of(i) == number) return i;
  return std::nullopt;
}

// false when the file was emptied for newer lines meanwhile: what was read then may be of either.
bool LogReader::read_on(std::size_t file, std::string& out) {
  std::string bytes(2 * kLogFileLimit, '\0');
  const ssize_t count = ::pread(files_[file].get(), bytes.data(), bytes.size(), static_cast<off_t>(offset_));
  if (number_of(file) != number_) return false;
  bytes.resize(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  bytes.resize(bytes.rfind('\n') + 1);  // of a line that is being written only the end is missing
  offset_ += bytes.size();
  out += bytes;
  return true;
}

std::string LogReader::more() {
  std::string out;
  for (int turn = 0; turn < kMostTurns; ++turn) {
    auto file = number_ == 0 ? std::nullopt : file_with(number_);
    if (file && read_on(*file, out)) {
      if (!file_with(number_ + 1)) return out;
      if (!read_on(*file, out)) continue;  // what came between our look and the turn
      ++number_;
    } else {
      const std::uint64_t one = number_of(0), other = number_of(1);
      const std::uint64_t oldest = std::min(one, other) == 0 ? std::max(one, other) : std::min(one, other);
      if (oldest == 0 || oldest == number_) return out;
      if (number_ != 0) out += "fpmbox: lines are missing here: they were overwritten before they could be read\n";
      number_ = oldest;
    }
    offset_ = kLogHeaderLength;
  }
  return out;
}

std::string shown(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    out += base::escape_control(text.substr(0, end)) + "\n";
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::string_view last_lines(std::string_view text, std::size_t count) {
  std::size_t at = text.size();
  if (count == 0) return {};
  while (at > 0) {
    const std::size_t end = at - 1;  // the newline of the line before
    if (end != text.size() - 1 && text[end] == '\n' && --count == 0) return text.substr(at);
    --at;
  }
  return text;
}

}  // namespace launcher
