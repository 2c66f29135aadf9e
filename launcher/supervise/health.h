// Answers to `fpmbox health`: whoever connects to the launcher's own socket gets one line and the end of file. The pool itself is
// asked each time, so that a master that hangs is not called healthy.
#pragma once

#include <poll.h>

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "launcher/supervise/rate.h"
#include "launcher/sys/fd.h"

namespace launcher {

class Health {
 public:
  static constexpr Milliseconds kPatience{4000};  // for the pool's answer
  static constexpr std::size_t kMostAsking = 8;   // more at once are turned away

  explicit Health(sys::Fd listener) : listener_(std::move(listener)) {}

  pollfd polled() const { return {listener_.get(), POLLIN, 0}; }
  std::optional<Instant> due() const;  // when the first of those who wait is told that there was no answer
  // Takes who came; true when the pool is to be asked for them. `state`: what is told at once where there is nothing to ask.
  bool take(Instant now, std::string_view state);
  void answer(std::string_view word);                    // all who wait
  void give_up(Instant now, std::string_view why);       // those who waited long enough

 private:
  struct Asking {
    sys::Fd connection;
    Instant until;
  };
  sys::Fd listener_;
  std::vector<Asking> asking_;
};

// What `fpmbox health` takes for good.
inline constexpr std::string_view kHealthy = "healthy";

}  // namespace launcher
