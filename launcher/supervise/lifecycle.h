// The course of a box from its exec to its end, as decisions: what happened goes in, what to do comes out. Pure, so
// that deadlines and second signals are rows of a test.
//
//   starting --answered--> serving --stop--> stopping --deadline, or a second stop--> killed
//      |  start_timeout, workers that cannot start: exit code 71
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "launcher/supervise/rate.h"

namespace launcher {

struct Act {
  enum class Kind { signal_fpm, tell_ready, tell_stopping, say };
  Kind kind = Kind::say;
  int signal = 0;
  std::string text;
  friend bool operator==(const Act&, const Act&) = default;
};
using Acts = std::vector<Act>;

// How FPM's master ended.
struct FpmEnd {
  bool by_signal = false;
  int number = 0;  // exit code, or signal
  friend bool operator==(const FpmEnd&, const FpmEnd&) = default;
};

class Lifecycle {
 public:
  enum class Stage { starting, serving, stopping, killed };
  struct Timeouts {
    Milliseconds start{30000};
    Milliseconds stop{30000};
  };

  static constexpr int kSetupFailed = 71;  // "a set-up step failed", design: exit codes
  static constexpr int kKilled = 137;
  static constexpr int kEndedByItself = 1;   // with code 0, though nobody asked: an end, but no success
  // To a PID 1 that has no handler yet a signal is lost (pid_namespaces(7)), so the request to stop is repeated; FPM
  // ignores those after the first.
  static constexpr Milliseconds kRepeatStop{500};

  Lifecycle(Timeouts timeouts, Instant now);

  Acts signal(int number, Instant now);
  Acts answered();
  Acts give_up(std::string why, Instant now);
  // `last_failure`: why no ping was answered, for the message of a start that takes too long.
  Acts tick(const std::string& last_failure, Instant now);
  Acts ended(FpmEnd end);

  Stage stage() const { return stage_; }
  bool gave_up() const { return gave_up_; }
  std::optional<Instant> due() const;  // when to tick
  int exit_code(FpmEnd end) const;

 private:
  Acts stop(Instant now);
  Acts kill(std::string why);

  Timeouts timeouts_;
  Stage stage_ = Stage::starting;
  Instant deadline_;
  Instant repeat_;
  bool gave_up_ = false;
};

}  // namespace launcher
