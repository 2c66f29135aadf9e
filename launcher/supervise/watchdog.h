// When the pool is asked whether it is alive, because a service manager wants to hear it (WatchdogSec=). Pure.
//
// The manager ends a service that stays silent for `patience`. It is told only what FPM itself said just before on its
// status socket, which has workers of its own: a pool whose other workers are all busy is alive, one that hangs is not.
#pragma once

#include <optional>

#include "launcher/supervise/rate.h"

namespace launcher {

class Watchdog {
 public:
  static constexpr int kQuestions = 3;  // within the manager's patience: a lost answer or two may happen

  Watchdog() = default;  // nobody wants to hear
  explicit Watchdog(std::optional<Milliseconds> patience) : patience_(patience) {}

  void told(Instant now);               // READY=1 or WATCHDOG=1 was just said
  std::optional<Instant> due() const { return due_; }  // when to ask next
  // True once for each silence, when another question's time is all that is left of the manager's patience.
  bool is_worried(Instant now);
  std::optional<Instant> worry_due() const { return worried_; }

 private:
  std::optional<Milliseconds> patience_;
  std::optional<Instant> due_;
  std::optional<Instant> worried_;
};

}  // namespace launcher
