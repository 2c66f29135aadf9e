#include "launcher/learn/status_question.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstdio>

#include "launcher/sys/file.h"
#include "profiles/base/text.h"

namespace launcher {

using base::Error;

base::Result<StatusQuestion> StatusQuestion::ask(int socket_inode, const std::string& script) {
  StatusQuestion out;
  out.connection_ = sys::Fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!out.connection_) return sys::failure("socket", {});
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  std::snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d", socket_inode);
  if (::connect(out.connection_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return sys::failure("connect", "the status socket");
  const std::string question = fastcgi_get(script);
  const ssize_t sent = ::send(out.connection_.get(), question.data(), question.size(), MSG_NOSIGNAL);
  if (sent != static_cast<ssize_t>(question.size())) return Error{"the status socket takes no question", {}, 0, {}};
  return out;
}

base::Result<std::optional<std::string>> StatusQuestion::advance() {
  char buffer[8192];
  const ssize_t count = ::recv(connection_.get(), buffer, sizeof buffer, 0);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return std::optional<std::string>();
  if (count < 0) return sys::failure("recv", "the status socket");
  if (count == 0) return Error{"the connection was closed without an answer", {}, 0, {}};
  switch (parser_.feed({buffer, static_cast<std::size_t>(count)})) {
    case FastcgiParser::State::incomplete: return std::optional<std::string>();
    case FastcgiParser::State::malformed: return Error{parser_.error(), {}, 0, {}};
    case FastcgiParser::State::complete: break;
  }
  if (parser_.reply().status == 200) return std::optional(parser_.reply().body);
  return Error{"status " + std::to_string(parser_.reply().status) + ", " + base::escape_control(parser_.reply().body.substr(0, 200)), {}, 0, {}};
}

}  // namespace launcher
