// The service manager's notification socket, sd_notify(3), without libsystemd.
#pragma once

#include <string>
#include <string_view>

#include "launcher/sys/fd.h"
#include "profiles/base/result.h"

namespace launcher {

class Notifier {
 public:
  Notifier() = default;  // nobody to tell: every message goes nowhere
  // Connects to $NOTIFY_SOCKET, while the launcher may still reach it, and unsets the variables: nothing below inherits
  // them. Without the variable the result is a Notifier that tells nobody.
  static base::Result<Notifier> from_environment();
  // `address` is a path or "@abstract".
  static base::Result<Notifier> to(std::string_view address);

  // Lost messages are not errors: the manager's own timeouts deal with them.
  void ready(std::string_view status) const;
  void stopping(std::string_view status) const;
  explicit operator bool() const { return bool(socket_); }

 private:
  void send(std::string message) const;
  sys::Fd socket_;
};

}  // namespace launcher
