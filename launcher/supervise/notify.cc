#include "launcher/supervise/notify.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <cstddef>
#include <cstdlib>

#include "launcher/sys/file.h"
#include "profiles/base/text.h"

namespace launcher {

base::Result<Notifier> Notifier::from_environment() {
  const char* variable = std::getenv("NOTIFY_SOCKET");
  const std::string address = variable == nullptr ? "" : variable;
  for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) ::unsetenv(name);
  if (address.empty()) return Notifier();
  return to(address);
}

base::Result<Notifier> Notifier::to(std::string_view address) {
  const std::string subject = base::escape_control(address);
  sockaddr_un where = {};
  where.sun_family = AF_UNIX;
  const bool usable = address.size() > 1 && (address[0] == '/' || address[0] == '@');
  if (!usable || address.size() >= sizeof where.sun_path) {
    return base::Error{"NOTIFY_SOCKET is neither a path nor @name", subject, 0, {}};
  }
  address.copy(where.sun_path, address.size());
  if (address[0] == '@') where.sun_path[0] = '\0';  // unix(7), abstract: the length delimits the name
  const auto length =
      static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.size() + (address[0] == '/' ? 1 : 0));
  Notifier notifier;
  notifier.socket_ = sys::Fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!notifier.socket_) return sys::failure("socket", "AF_UNIX");
  if (::connect(notifier.socket_.get(), reinterpret_cast<const sockaddr*>(&where), length) != 0) {
    return sys::failure("connect", subject);
  }
  return notifier;
}

void Notifier::ready(std::string_view status) const { send("READY=1\nSTATUS=" + std::string(status)); }
void Notifier::stopping(std::string_view status) const { send("STOPPING=1\nSTATUS=" + std::string(status)); }

void Notifier::send(std::string message) const {
  if (!socket_) return;
  for (char& c : message)
    if (c == '\0') c = ' ';
  static_cast<void>(::send(socket_.get(), message.data(), message.size(), MSG_NOSIGNAL));
}

}  // namespace launcher
