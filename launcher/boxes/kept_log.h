// Writes the launcher's own log. Its files are opened by root before the box; what comes later is pwrite(2) and ftruncate(2).
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "launcher/boxes/log_format.h"
#include "launcher/sys/fd.h"
#include "profiles/base/result.h"

namespace launcher {

class KeptLog {
 public:
  KeptLog() = default;  // keeps nothing
  // Goes on behind what earlier launchers of the pool wrote. Only for who holds the pool's claim, or else for files that are
  // claimed one by one: EWOULDBLOCK when another launcher writes them.
  static base::Result<KeptLog> open(int directory, const LogFiles& files = kLogFiles);

  // The first of those that nobody else writes; EWOULDBLOCK when there is none.
  static base::Result<KeptLog> open_first(int directory, std::span<const LogFiles> choice);

  // Never fails: a line that cannot be written is lost, and the next one that can says how many were.
  void line(std::string_view text);
  std::uint64_t lost() const { return lost_; }

 private:
  std::string text_of(std::string_view text) const;
  bool write(std::string_view bytes);
  bool turn_over();

  bool is_timed_ = true;
  std::array<sys::Fd, 2> files_;
  std::size_t current_ = 0;
  std::size_t size_ = 0;       // of the current file
  std::uint64_t number_ = 0;   // 0: there is no file to write to yet
  std::uint64_t lost_ = 0;
};

}  // namespace launcher
