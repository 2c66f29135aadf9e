#include "launcher/supervise/ping.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstdio>
#include <cstring>

#include "launcher/plan/inside.h"
#include "profiles/base/text.h"

namespace launcher {

short Ping::events() const { return connection_ ? POLLIN : 0; }

std::optional<Instant> Ping::due() const { return due_; }

bool Ping::advance(Instant now) {
  if (!due_) return false;
  if (!connection_) return now >= *due_ && ask(now);
  return listen_for_reply(now);
}

bool Ping::fail(std::string why, Instant now) {
  failure_ = std::move(why);
  connection_.reset();
  due_ = now + kPause;
  return false;
}

// The socket listens from before FPM's start, so that the question waits in its queue for the first accept(2).
bool Ping::ask(Instant now) {
  parser_ = FastcgiParser();
  connection_ = sys::Fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!connection_) return fail(std::string("socket: ") + std::strerror(errno), now);
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  std::snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d", inode_);
  if (::connect(connection_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return fail(std::string("connect to the status socket: ") + std::strerror(errno), now);
  }
  const std::string question = fastcgi_get(inside::kPingPath);
  const ssize_t sent = ::send(connection_.get(), question.data(), question.size(), MSG_NOSIGNAL);
  if (sent != static_cast<ssize_t>(question.size())) return fail("the status socket takes no question", now);
  due_ = now + kPatience;
  failure_ = "no answer yet";
  return false;
}

bool Ping::listen_for_reply(Instant now) {
  char buffer[4096];
  const ssize_t count = ::recv(connection_.get(), buffer, sizeof buffer, 0);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) {
    return now >= *due_ && fail("no answer within 5 s", now);
  }
  if (count < 0) return fail(std::string("the status socket: ") + std::strerror(errno), now);
  if (count == 0) return fail("the connection was closed without an answer", now);
  switch (parser_.feed(std::string_view(buffer, static_cast<std::size_t>(count)))) {
    case FastcgiParser::State::incomplete:
      return now >= *due_ && fail("no whole answer within 5 s", now);
    case FastcgiParser::State::malformed:
      return fail(parser_.error(), now);
    case FastcgiParser::State::complete:
      break;
  }
  const FastcgiReply& reply = parser_.reply();
  if (reply.status != 200 || reply.body != "pong") {
    return fail(
        "status " + std::to_string(reply.status) + ", \"" + base::escape_control(reply.body.substr(0, 100)) + "\"",
        now);
  }
  connection_.reset();
  due_.reset();
  return true;
}

}  // namespace launcher
