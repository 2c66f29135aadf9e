// Bytes from one descriptor to another, through a bounded buffer: what is read is written before more is read, so a slow
// reader makes the writer wait and nobody else.
#pragma once

#include <poll.h>

#include <string>
#include <string_view>

#include "launcher/sys/fd.h"

namespace launcher {

// What a terminal would obey becomes visible: control characters but for newline, tab and carriage return, and bytes that
// are not UTF-8, as \xNN. The first bytes of a character whose rest is still to come stay in `rest` until the next call.
std::string for_terminal(std::string_view bytes, std::string& rest);

class Forward {
 public:
  // Borrows all. What is read is appended to `copy` too, as it comes. `to` may be somebody else's, which blocks: it is never written more than poll(2) promises room for.
  Forward(int from, int to, std::string* copy = nullptr);

  // What to wait for; its descriptor is negative once there is nothing more to do.
  pollfd waits_for() const;
  // After poll(2) said so.
  void go_on(short events);

  // A line of the launcher's own among the bytes. Dropped when the reader is far behind.
  void say(std::string_view line);

  // Nothing will be read any more, and everything is written; or the reader is gone.
  bool is_over() const { return !reads_ && buffer_.empty(); }
  void stop_reading() { reads_ = false; }
  // The reader is gone: whoever writes into `from` should hear of it.
  bool is_broken() const { return is_broken_; }

 private:
  void read_some();
  void write_some();

  int from_;
  int to_;
  std::string* copy_;
  bool reads_ = true;
  bool is_broken_ = false;
  bool is_terminal_ = false;
  bool is_socket_ = false;
  std::string buffer_;
  std::string rest_;
};

}  // namespace launcher
