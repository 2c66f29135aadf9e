// Output: the launcher's own lines to a file descriptor that somebody else reads, or does not. It never blocks for
// ever: what cannot be written is kept up to a bound, then dropped and counted.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "launcher/boxes/kept_log.h"
#include "launcher/supervise/rate.h"
#include "launcher/sys/fd.h"

namespace launcher {

class Output {
 public:
  static constexpr std::size_t kQueueLimit = 256 * 1024;

  // Borrows `fd`. Needs open(2), so it is made before the launcher gives up its privileges.
  explicit Output(int fd);

  void keep_in(KeptLog log) { kept_ = std::move(log); }  // every line goes there as well, read or not
  void line(std::string_view text);    // without the newline
  void flush();                        // as much as can be written now
  void finish(Milliseconds patience);  // the same, waiting that long for a slow reader

  bool waiting() const { return !queue_.empty(); }  // then poll fd() for POLLOUT and flush()
  int fd() const { return own_ ? own_.get() : fd_; }
  std::uint64_t dropped() const { return dropped_; }

 private:
  enum class Kind { plain, socket, maybe_blocking };

  ssize_t write_some(const char* bytes, std::size_t count);
  void report_dropped();

  int fd_;
  KeptLog kept_;
  sys::Fd own_;  // the same pipe or terminal opened anew: O_NONBLOCK on the original would reach whoever shares it
  Kind kind_ = Kind::plain;
  std::string queue_;
  std::uint64_t dropped_ = 0;
};

}  // namespace launcher
