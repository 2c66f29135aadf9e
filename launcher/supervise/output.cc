#include "launcher/supervise/output.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>

#include "launcher/sys/file.h"

namespace launcher {

Output::Output(int fd) : fd_(fd) {
  auto info = sys::status_of(fd);
  if (!info) return;
  const mode_t type = info.value().st_mode & S_IFMT;
  if (type == S_IFSOCK) kind_ = Kind::socket;
  if (type != S_IFIFO && type != S_IFCHR) return;
  auto again = sys::open("/proc/self/fd/" + std::to_string(fd), O_WRONLY | O_NONBLOCK | O_NOCTTY);
  if (again)
    own_ = std::move(again).value();
  else
    kind_ = Kind::maybe_blocking;  // another user's pipe
}

// A pipe that poll(2) calls writable takes PIPE_BUF bytes without blocking (pipe(7)).
ssize_t Output::write_some(const char* bytes, std::size_t count) {
  switch (kind_) {
    case Kind::socket:
      return ::send(fd_, bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL);
    case Kind::plain:
      return ::write(fd(), bytes, count);
    case Kind::maybe_blocking: {
      pollfd ready = {fd_, POLLOUT, 0};
      if (::poll(&ready, 1, 0) > 0) return ::write(fd_, bytes, std::min<std::size_t>(count, PIPE_BUF));
      errno = EAGAIN;
      return -1;
    }
  }
  return -1;
}

void Output::line(std::string_view text) {
  kept_.line(text);
  if (queue_.size() + text.size() + 1 > kQueueLimit) {
    ++dropped_;
    return;
  }
  queue_.append(text).push_back('\n');
  flush();
}

void Output::flush() {
  while (!queue_.empty()) {
    const ssize_t count = write_some(queue_.data(), queue_.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) return;
    if (count < 0) {  // the reader is gone for good: nothing that is kept would ever be read
      dropped_ += static_cast<std::uint64_t>(std::count(queue_.begin(), queue_.end(), '\n'));
      queue_.clear();
      break;
    }
    queue_.erase(0, static_cast<std::size_t>(count));
    report_dropped();
  }
  constexpr std::size_t kWorthKeeping = 4096;
  if (queue_.capacity() > kWorthKeeping) queue_.shrink_to_fit();  // a slow reader had made it grow
}

void Output::report_dropped() {
  if (!queue_.empty() || dropped_ == 0) return;
  queue_ = "fpmbox: " + std::to_string(dropped_) + " lines dropped, because nothing read them\n";
  dropped_ = 0;
}

void Output::finish(Milliseconds patience) {
  const Instant end = std::chrono::steady_clock::now() + patience;
  for (flush(); waiting(); flush()) {
    const auto left = std::chrono::duration_cast<Milliseconds>(end - std::chrono::steady_clock::now()).count();
    pollfd ready = {fd(), POLLOUT, 0};
    if (left <= 0 || ::poll(&ready, 1, static_cast<int>(left)) == 0) return;
  }
}

}  // namespace launcher
