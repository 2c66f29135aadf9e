// Denials: what the box refused, from its two sources to values that can be told. Calls that the filter reports by seccomp's
// user notification get their EPERM first and are explained afterwards; lines of the pool's log are recognised.
//
// Only the arguments that the kernel copied are looked at. Reading the caller's memory would be a race, and an answer
// "continue" is never given here (seccomp_unotify(2), "not for security policy").
//
// Which script made a call is asked of FPM once the call is answered (pool_status.h, process_numbers.h). A worker that a
// hostile script controls may say anything there; the denial calls it a claim by having no other word for it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "launcher/denials/context.h"
#include "launcher/supervise/denial_ration.h"
#include "launcher/supervise/lines.h"
#include "launcher/supervise/pool_status.h"
#include "launcher/supervise/process_numbers.h"
#include "launcher/supervise/rate.h"
#include "launcher/sys/notification.h"
#include "profiles/base/result.h"

namespace launcher {

// Who made the calls.
struct CallersOfDenials {
  ProcessNumbers numbers = {};
  int status_socket = -1;  // StatusQuestion's; -1: there is no FPM to be asked
  std::string script = {};  // where there is none: the command of the box
};

class Denials {
 public:
  // To be made before the launcher's own filter is loaded (Notifications). Borrows the context.
  Denials(const DenialContext& context, CallersOfDenials callers);

  // Answers one notification after poll(2) said that there is one. An Error means that the listener is of no more use.
  base::Status handle(int listener, Instant now);
  // true while a worker that does nothing else is made to wait: each answer costs the launcher's time, not the box's.
  bool paused(Instant now) { return answers_.empty(now); }

  // A raw line of the pool's log. Of a flood as many are looked at as are printed; the rest is counted there.
  void see_line(std::string_view line, Instant now);

  // What is ready to be told: denials whose script is known, or will not be, and every ten seconds what was only counted.
  std::vector<Denial> take(Instant now);
  std::vector<Denial> take_last();

  // The loop polls fd() for POLLIN, and calls take() then or when due() has come.
  int fd() const { return question_.fd(); }
  std::optional<Instant> due() const;

  // The decision what to tell of a call, apart from the kernel.
  void tell(const seccomp_data& call, pid_t pid, Instant now);

 private:
  struct Waiting {
    Denial denial;
    std::optional<pid_t> inside;
    Instant since;
  };

  void finish(Denial denial);
  bool ask(Instant now);
  void answer_waiting(const std::vector<WorkerStatus>& workers, Instant now);
  void give_up_waiting();

  const DenialContext& context_;
  CallersOfDenials callers_;
  DenialRation ration_;
  StatusQuestion question_;
  std::vector<Waiting> waiting_;
  std::vector<Denial> ready_;
  TokenBucket answers_{1000, 1000};
  TokenBucket questions_{20, 2};
  TokenBucket lines_{LineRation::kBurst, LineRation::kPerSecond};  // a hostile line of 8 KiB costs most of a millisecond
  sys::Notifications notifications_;
};

}  // namespace launcher
