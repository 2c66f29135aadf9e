#include "launcher/supervise/forward.h"

#include <errno.h>
#include <limits.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "launcher/sys/file.h"
#include "profiles/base/text.h"

namespace launcher {
namespace {

constexpr std::size_t kChunk = 64 * 1024;
constexpr std::size_t kMostOwnWords = 64 * 1024;

bool stays(char c) { return c == '\n' || c == '\t' || c == '\r'; }

// How many bytes the UTF-8 character has that begins so (RFC 3629); 1 where none begins so.
std::size_t length_of_character(unsigned char first) {
  if (first < 0xc2 || first > 0xf4) return 1;
  return first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
}

// How many bytes at the end begin a UTF-8 character that is longer than what is there.
std::size_t unfinished(std::string_view bytes) {
  for (std::size_t back = 1; back <= std::min<std::size_t>(3, bytes.size()); ++back) {
    const auto byte = static_cast<unsigned char>(bytes[bytes.size() - back]);
    if ((byte & 0xc0) == 0x80) continue;
    return length_of_character(byte) > back ? back : 0;
  }
  return 0;
}

}  // namespace

std::string for_terminal(std::string_view bytes, std::string& rest) {
  std::string all = std::move(rest);
  all += bytes;
  const std::size_t held = bytes.empty() ? 0 : unfinished(all);
  rest = all.substr(all.size() - held);
  std::string out;
  std::string_view left = std::string_view(all).substr(0, all.size() - held);
  while (!left.empty()) {
    const auto plain = static_cast<std::size_t>(std::find_if(left.begin(), left.end(), stays) - left.begin());
    out += base::escape_control(left.substr(0, plain));
    if (plain < left.size()) out += left[plain];
    left.remove_prefix(std::min(plain + 1, left.size()));
  }
  return out;
}

Forward::Forward(int from, int to, std::string* copy)
    : from_(from), to_(to), copy_(copy), is_terminal_(::isatty(to) == 1) {
  if (auto info = sys::status_of(to)) is_socket_ = S_ISSOCK(info.value().st_mode);
}

pollfd Forward::waits_for() const {
  if (!buffer_.empty()) return {to_, POLLOUT, 0};
  return {reads_ ? from_ : -1, POLLIN, 0};
}

void Forward::go_on(short events) {
  if (events == 0) return;
  if (!buffer_.empty())
    write_some();
  else if (reads_)
    read_some();
}

void Forward::read_some() {
  std::array<char, kChunk> bytes;
  const ssize_t count = ::read(from_, bytes.data(), bytes.size());
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  const std::string_view read(bytes.data(), count > 0 ? static_cast<std::size_t>(count) : 0);
  if (read.empty()) reads_ = false;
  buffer_ += is_terminal_ ? for_terminal(read, rest_) : std::string(read);
  if (copy_ != nullptr) copy_->append(read);
}

// A pipe that poll(2) calls writable takes PIPE_BUF bytes without blocking (pipe(7)).
void Forward::write_some() {
  const std::size_t size = std::min<std::size_t>(buffer_.size(), PIPE_BUF);
  const ssize_t count = is_socket_ ? ::send(to_, buffer_.data(), size, MSG_DONTWAIT | MSG_NOSIGNAL)
                                   : ::write(to_, buffer_.data(), size);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count >= 0) {
    buffer_.erase(0, static_cast<std::size_t>(count));
    return;
  }
  is_broken_ = true;
  reads_ = false;
  buffer_.clear();
}

void Forward::say(std::string_view line) {
  if (is_broken_ || buffer_.size() > kChunk + kMostOwnWords) return;
  buffer_.append(line).push_back('\n');
}

}  // namespace launcher
