#include "launcher/supervise/denials.h"

#include <errno.h>

#include <utility>

#include "launcher/denials/php_messages.h"
#include "launcher/denials/refused_calls.h"

namespace launcher {

Denials::Denials(const DenialContext& context, CallersOfDenials callers)
    : context_(context), callers_(std::move(callers)), question_(callers_.status_socket) {}

void Denials::finish(Denial denial) {
  denial.time = std::chrono::system_clock::now();
  denial.pool = context_.policy.name;
  denial.generation = context_.generation;
  ready_.push_back(bounded(std::move(denial)));
}

void Denials::tell(const seccomp_data& call, pid_t pid, Instant now) {
  Denial denial = explain_call(call, context_);
  denial.pid = pid;
  denial.script = callers_.script;
  if (!ration_.admit(call_key(call, context_), denial, now)) return;
  if (!question_.is_asked() && !ask(now)) return finish(std::move(denial));
  waiting_.push_back({std::move(denial), callers_.numbers.inside(pid), now});
}

base::Status Denials::handle(int listener, Instant now) {
  answers_.spend(1, now);
  const auto reported = TRY(notifications_.receive(listener));
  if (!reported) return base::success();
  TRY(notifications_.refuse(listener, *reported, EPERM));
  tell(reported->call, reported->pid, now);
  return base::success();
}

void Denials::see_line(std::string_view line, Instant now) {
  if (!lines_.take(now)) return;
  auto denial = recognise(line, context_);
  if (!denial) return;
  if (denial->script.empty()) denial->script = callers_.script;
  if (ration_.admit(denial->act + " " + denial->script, *denial, now)) finish(std::move(*denial));
}

bool Denials::ask(Instant now) { return callers_.status_socket >= 0 && questions_.take(now) && question_.ask(now); }

// What the status says is of the moment of the question or later: perhaps from before a call that came in between, which
// waits for the next.
void Denials::answer_waiting(const std::vector<WorkerStatus>& workers, Instant now) {
  std::vector<Waiting> later;
  for (Waiting& one : waiting_) {
    if (one.since > question_.asked_at()) {
      later.push_back(std::move(one));
      continue;
    }
    const auto ago = std::chrono::duration_cast<std::chrono::microseconds>(question_.asked_at() - one.since);
    one.denial.script = script_of(workers, one.inside, ago);
    finish(std::move(one.denial));
  }
  waiting_ = std::move(later);
  if (!waiting_.empty() && !ask(now)) give_up_waiting();
}

void Denials::give_up_waiting() {
  for (Waiting& one : waiting_) finish(std::move(one.denial));
  waiting_.clear();
}

std::vector<Denial> Denials::take(Instant now) {
  if (const auto workers = question_.advance(now)) answer_waiting(*workers, now);
  for (Denial& more : ration_.report(now)) finish(std::move(more));
  return std::exchange(ready_, {});
}

std::vector<Denial> Denials::take_last() {
  give_up_waiting();
  for (Denial& more : ration_.last_report()) finish(std::move(more));
  return std::exchange(ready_, {});
}

std::optional<Instant> Denials::due() const {
  const auto report = ration_.report_due(), answer = question_.due();
  if (!report || !answer) return report ? report : answer;
  return std::min(*report, *answer);
}

}  // namespace launcher
