// The service manager's notification socket, sd_notify(3), without libsystemd.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "launcher/supervise/rate.h"
#include "launcher/sys/fd.h"
#include "profiles/base/result.h"

namespace launcher {

class Notifier {
 public:
  Notifier() = default;  // nobody to tell: every message goes nowhere
  // Connects to $NOTIFY_SOCKET, while the launcher may still reach it, and unsets the variables: nothing below inherits
  // them. Without the variable the result is a Notifier that tells nobody. $WATCHDOG_USEC counts only when it is meant
  // for this process, and not for one that it was inherited from (sd_watchdog_enabled(3)).
  static base::Result<Notifier> from_environment();
  // `address` is a path or "@abstract".
  static base::Result<Notifier> to(std::string_view address);

  // Lost messages are not errors: the manager's own timeouts deal with them. But for `ready`, which they would punish.
  // The launcher has deadlines of its own, from the pool file; `allowed` makes the manager wait at least as long.
  void starting(Milliseconds allowed) const;
  base::Status ready(std::string_view status) const;
  void stopping(std::string_view status, Milliseconds allowed) const;
  void alive() const;
  std::optional<Milliseconds> watchdog() const { return watchdog_; }  // what the manager's patience is
  explicit operator bool() const { return bool(socket_); }

 private:
  bool send(std::string message) const;  // or errno
  sys::Fd socket_;
  std::optional<Milliseconds> watchdog_;
};

}  // namespace launcher
