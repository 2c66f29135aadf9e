#include "launcher/supervise/lifecycle.h"

#include <signal.h>

#include <algorithm>
#include <cstring>

#include "profiles/base/units.h"

namespace launcher {
namespace {

Act say(std::string text) { return {Act::Kind::say, 0, std::move(text)}; }
Act send(int signal) { return {Act::Kind::signal_fpm, signal, {}}; }

std::string in_words(Milliseconds time) {
  return base::format(base::Duration{static_cast<std::uint64_t>(time.count())});
}

std::string in_words(FpmEnd end) {
  if (!end.by_signal) return "ended with code " + std::to_string(end.number);
  return "was killed by signal " + std::to_string(end.number) + " (" + ::strsignal(end.number) + ")";
}

}  // namespace

Lifecycle::Lifecycle(Timeouts timeouts, Instant now)
    : timeouts_(timeouts), deadline_(now + timeouts.start), repeat_(now) {}

Acts Lifecycle::signal(int number, Instant now) {
  switch (number) {
    case SIGTERM:
    case SIGINT:
    case SIGQUIT:
    case SIGHUP:
      if (stage_ == Stage::stopping) return kill("stopped a second time: the box is killed");
      if (stage_ == Stage::killed) return {};
      return stop(now);
    case SIGUSR1:
      return {send(SIGUSR1)};  // FPM reopens its logs
    default:
      return {};
  }
}

Acts Lifecycle::stop(Instant now) {
  stage_ = Stage::stopping;
  deadline_ = now + timeouts_.stop;
  repeat_ = now + kRepeatStop;
  return {{Act::Kind::tell_stopping, 0, "finishing requests"}, send(SIGQUIT)};
}

Acts Lifecycle::kill(std::string why) {
  stage_ = Stage::killed;
  return {say(std::move(why)), send(SIGKILL)};
}

Acts Lifecycle::answered() {
  if (stage_ != Stage::starting) return {};
  stage_ = Stage::serving;
  return {{Act::Kind::tell_ready, 0, "answering requests"}};
}

// A pool that never answered has no requests to finish.
Acts Lifecycle::give_up(std::string why, Instant now) {
  if (stage_ == Stage::stopping || stage_ == Stage::killed) return {};
  gave_up_ = true;
  if (stage_ == Stage::starting) return kill(std::move(why));
  Acts acts = stop(now);
  acts.insert(acts.begin(), say(std::move(why)));
  return acts;
}

Acts Lifecycle::tick(const std::string& last_failure, Instant now) {
  if (stage_ == Stage::starting && now >= deadline_) {
    return give_up("no answer to a ping within start_timeout (" + in_words(timeouts_.start) + "): " + last_failure,
                   now);
  }
  if (stage_ != Stage::stopping) return {};
  if (now >= deadline_) {
    return kill("requests did not finish within stop_timeout (" + in_words(timeouts_.stop) + "): the box is killed");
  }
  if (now < repeat_) return {};
  repeat_ = now + kRepeatStop;
  return {send(SIGQUIT)};
}

std::optional<Instant> Lifecycle::due() const {
  switch (stage_) {
    case Stage::starting:
      return deadline_;
    case Stage::stopping:
      return std::min(deadline_, repeat_);
    case Stage::serving:
    case Stage::killed:
      return std::nullopt;
  }
  return std::nullopt;
}

Acts Lifecycle::ended(FpmEnd end) {
  switch (stage_) {
    case Stage::starting:
      return {say("php-fpm " + in_words(end) + " before it answered")};
    case Stage::serving:
      return {say("php-fpm " + in_words(end) + ", which nobody asked for")};
    case Stage::stopping:
      if (end == FpmEnd{}) return {};
      return {say("php-fpm " + in_words(end))};
    case Stage::killed:
      return {};
  }
  return {};
}

int Lifecycle::exit_code(FpmEnd end) const {
  if (gave_up_) return kSetupFailed;
  if (stage_ == Stage::killed) return kKilled;
  // A script can tell the master to end (same user). To a service manager that must not look like an operator's stop.
  if (stage_ != Stage::stopping && end == FpmEnd{}) return kEndedByItself;
  return end.by_signal ? 128 + end.number : end.number;
}

}  // namespace launcher
