#include "launcher/supervise/notify.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <cstdlib>

#include "launcher/sys/file.h"
#include "profiles/base/text.h"
#include "profiles/base/units.h"

namespace launcher {
namespace {

// What is left to do around a deadline of the pool file: setting up before it, killing and clearing up after it.
constexpr Milliseconds kMargin{15000};

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::optional<Milliseconds> watchdog_from_environment() {
  const auto interval = base::parse_unsigned(variable("WATCHDOG_USEC"));
  const std::string pid = variable("WATCHDOG_PID");
  constexpr std::uint64_t kLongest = 1000ull * 1000 * 3600 * 24 * 365;
  if (!interval || *interval < 1000 || *interval > kLongest) return std::nullopt;
  if (!pid.empty() && pid != std::to_string(::getpid())) return std::nullopt;
  return Milliseconds(static_cast<long>(*interval / 1000));
}

std::string extended(Milliseconds allowed) {
  return "EXTEND_TIMEOUT_USEC=" + std::to_string(std::chrono::microseconds(allowed + kMargin).count()) + "\n";
}

}  // namespace

base::Result<Notifier> Notifier::from_environment() {
  const std::string address = variable("NOTIFY_SOCKET");
  const auto watchdog = watchdog_from_environment();
  for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) ::unsetenv(name);
  if (address.empty()) return Notifier();
  Notifier notifier = TRY(to(address));
  notifier.watchdog_ = watchdog;
  return notifier;
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

base::Status Notifier::ready(std::string_view status) const {
  if (!send("READY=1\nSTATUS=" + std::string(status))) return sys::failure("send", "NOTIFY_SOCKET");
  return base::success();
}
void Notifier::starting(Milliseconds allowed) const { send(extended(allowed) + "STATUS=waiting for the pool's first answer"); }
void Notifier::stopping(std::string_view status, Milliseconds allowed) const {
  send("STOPPING=1\n" + extended(allowed) + "STATUS=" + std::string(status));
}
void Notifier::alive() const { send("WATCHDOG=1"); }

bool Notifier::send(std::string message) const {
  if (!socket_) return true;
  for (char& c : message)
    if (c == '\0') c = ' ';
  return ::send(socket_.get(), message.data(), message.size(), MSG_NOSIGNAL) >= 0;
}

}  // namespace launcher
