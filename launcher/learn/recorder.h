// What is done with each call that a recording box reports: noted, and then carried out, or refused where no profile should
// grant it lightly.
//
// Carried out means SECCOMP_USER_NOTIF_FLAG_CONTINUE: between our look at the caller's memory and the kernel's another process of
// the pool can change what is there. It is a record and no decision; a pool that lies can keep things out of its own
// record, or put things in that its owner then reads. Calls that the base names dangerous, and argument values that
// the profile forbids, are decided by what the kernel copied, and refused.
#pragma once

#include <map>
#include <string>

#include "launcher/learn/box_paths.h"
#include "launcher/learn/record.h"
#include "launcher/learn/watched_calls.h"
#include "launcher/plan/plan.h"
#include "launcher/sys/notification.h"

namespace launcher {

enum class Answer { carry_out, refuse };

// By the plan alone. Pure.
struct Verdict {
  Answer answer = Answer::carry_out;
  Refusal refusal = Refusal::none;
  const WatchedCall* watched = nullptr;  // to be looked into
  bool is_beyond = false;                // the policy does not allow it
};
Verdict judge(const FilterPlan& filter, int number);

class Recorder {
 public:
  Recorder(const FilterPlan& filter, BoxPaths paths) : filter_(filter), paths_(std::move(paths)) {}

  // Call it when poll(2) says POLLIN.
  base::Status handle(int listener);
  const Record& record() const { return record_; }

 private:
  // What was read of the caller; noted only if it is sure to have been the caller's.
  struct Look {
    std::string first, second, bytes;
    std::uint64_t flags = 0;
    bool is_readable = true;
  };

  Look look(const seccomp_data& call, pid_t pid, const WatchedCall& watched) const;
  Look look_at_program(const seccomp_data& call, pid_t pid) const;
  void note_programs(const Look& look, const std::string& script);
  void note(const seccomp_data& call, pid_t pid, const WatchedCall& watched, const Look& look);
  void note_open(pid_t pid, int directory, const Look& look, bool is_create);
  void note_entry(const seccomp_data& call, pid_t pid, const WatchedCall& watched, const Look& look);
  void note_read(const BoxPath& path, pid_t pid);
  void note_beyond(const seccomp_data& call, pid_t pid, const Verdict& verdict);
  void note_request(pid_t pid, const std::string& script);
  std::string script_of(pid_t pid) const;

  const FilterPlan& filter_;
  BoxPaths paths_;
  sys::Notifications notifications_;
  Record record_;
  std::map<pid_t, std::string> scripts_;     // of workers, by what they said last
  std::map<pid_t, std::string> asked_names_;  // the host that each asked for last
};

}  // namespace launcher
