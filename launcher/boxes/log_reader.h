// Reads the log that a launcher keeps, also while it writes: whole lines, in order.
//
//   auto log = LogReader::open(directory);
//   print(shown(log.more()));      // all there is
//   while (...) print(log.more()); // what has come since
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "launcher/boxes/log_format.h"
#include "launcher/sys/fd.h"
#include "profiles/base/result.h"

namespace launcher {

class LogReader {
 public:
  // An Error with ENOENT: no launcher of this pool has kept a log.
  static base::Result<LogReader> open(int directory, const LogFiles& files = kLogFiles);
  std::string more();

 private:
  std::uint64_t number_of(std::size_t file) const;
  std::optional<std::size_t> file_with(std::uint64_t number) const;
  bool read_on(std::size_t file, std::string& out);

  std::array<sys::Fd, 2> files_;
  std::uint64_t number_ = 0;  // of the file that is being read; 0: none yet
  std::size_t offset_ = 0;
};

// Each line as a terminal may have it. The launcher wrote it so; one that was taken over need not have.
std::string shown(std::string_view text);
// The last `count` lines of a text.
std::string_view last_lines(std::string_view text, std::size_t count);

}  // namespace launcher
