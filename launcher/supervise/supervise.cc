#include "launcher/supervise/supervise.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <span>
#include <utility>

#include "launcher/boxes/state.h"
#include "launcher/supervise/denials.h"
#include "launcher/supervise/health.h"
#include "launcher/supervise/janitor.h"
#include "launcher/supervise/limits_watch.h"
#include "launcher/supervise/lines.h"
#include "launcher/supervise/ping.h"
#include "launcher/supervise/respawn.h"
#include "launcher/supervise/signals.h"
#include "launcher/supervise/watchdog.h"
#include "launcher/sys/file.h"
#include "launcher/sys/own_memory.h"
#include "profiles/base/text.h"

namespace launcher {
namespace {

constexpr std::size_t kReadSize = 64 * 1024;
constexpr double kLogBytesPerSecond = 8 * 1024 * 1024;  // a flood makes its writer wait, not the launcher work
constexpr std::size_t kCostOfLine = 64;
constexpr Milliseconds kThrottle{20};
constexpr Milliseconds kDrainPatience{500};
constexpr std::size_t kDrainLimit = 1024 * 1024;
constexpr Milliseconds kLastLinesPatience{2000};
constexpr Milliseconds kTellAgain{1000};
// FPM's workers come up together, and on a small machine the one that answers us takes its time from those that answer requests
// which wait at the live socket already. So we ask a moment after FPM's first line, which it writes before it forks them.
constexpr Milliseconds kRequestsFirst{5};
constexpr Milliseconds kLongestSilence{250};  // of an FPM that writes none

Instant now() { return std::chrono::steady_clock::now(); }

void earlier(std::optional<Instant>& first, std::optional<Instant> other) {
  if (other && (!first || *other < *first)) first = other;
}

int milliseconds_until(std::optional<Instant> time) {
  if (!time) return -1;
  const auto left = std::chrono::ceil<Milliseconds>(*time - now()).count();
  return static_cast<int>(std::clamp<long>(left, 0, 3600 * 1000));
}

class Supervisor {
 public:
  Supervisor(RunningBox box, SuperviseOptions options, Output& output);
  base::Status prepare();
  int run();
  int abandon(const base::Error& error);

 private:
  enum Source { kSignals, kBox, kLog, kDenials, kStatus, kPing, kHealth, kOutput, kLimits, kSources = kLimits + LimitsWatch::kMost };

  void wait(pollfd (&polled)[kSources]);
  void rest();
  std::optional<Instant> next_due();
  void handle_signals();
  void read_log();
  void take_line(const std::string& raw);
  void handle_denial(short revents);
  void tell(const std::vector<Denial>& denials);
  bool asks_pool() const;
  void handle_ping();
  void handle_health(short revents);
  void tick();
  void tell_ready();
  void tend_watchdog();
  void reap_children();
  bool has_ended();
  void drain_log();
  void say_last_lines();
  void perform(const Acts& acts);
  void give_up(const std::string& why);
  void print(const std::optional<std::string>& line);
  void print_all(const std::vector<std::string>& lines);
  // For `fpmbox ps` alone: a word that cannot be written changes nothing.
  void note(BoxState state) { (void)(options_.state && write_state(options_.state.get(), state).ok()); }
  void say(const std::string& text) { output_.line(options_.pool + ": " + text); }
  int finish();

  RunningBox box_;
  SuperviseOptions options_;
  Output& output_;
  sys::Fd signals_;
  std::optional<FpmEnd> end_;
  Lifecycle lifecycle_;
  Ping ping_;
  Watchdog watchdog_;
  LineSplitter splitter_;
  LineRation ration_;
  RecentLines recent_;
  RespawnWatch respawn_;
  Denials denials_;
  LimitsWatch limits_;
  Health health_;
  TokenBucket log_bytes_{kLogBytesPerSecond, kLogBytesPerSecond};
  std::string untold_;  // what the service manager has not heard yet
  Instant tell_again_{};
  bool rests_ = false;
  bool was_heard_ = false;  // FPM has written a line
};

Supervisor::Supervisor(RunningBox box, SuperviseOptions options, Output& output)
    : box_(std::move(box)),
      options_(std::move(options)),
      output_(output),
      lifecycle_(options_.timeouts, now()),
      ping_(box_.status_socket.get()),
      watchdog_(options_.notify.watchdog()),
      ration_(options_.pool),
      denials_(*options_.denials, {ProcessNumbers::of(box_.pid, options_.has_pid_namespace), box_.status_socket.get(), {}}),
      limits_(options_.pool, std::move(box_.counters), options_.limits),
      health_(std::move(options_.health)) {
  ping_.ask_again(now() + std::min(kLongestSilence, options_.timeouts.start / 2));
}

// All that needs opening comes before; the filter is last, because it forbids what the drop does.
base::Status Supervisor::prepare() {
  signals_ = TRY(open_signals());
  TRY(drop_privileges(options_.supervisor));
  return load_supervisor_filter();
}

// The box runs, and the launcher would have to stay privileged: neither goes on.
int Supervisor::abandon(const base::Error& error) {
  perform({{Act::Kind::signal_fpm, SIGKILL, {}}});
  say("the launcher could not give up its privileges: " + error.text());
  finish();
  return Lifecycle::kSetupFailed;
}

int Supervisor::run() {
  pollfd polled[kSources];
  while (!has_ended()) {
    wait(polled);
    if (polled[kSignals].revents != 0) handle_signals();
    if (polled[kLog].revents != 0) read_log();
    if (polled[kDenials].revents != 0) handle_denial(polled[kDenials].revents);
    if (polled[kOutput].revents != 0) output_.flush();
    print_all(limits_.handle(std::span(polled).subspan<kLimits>(), now()));
    tell(denials_.take(now()));
    handle_health(polled[kHealth].revents);
    handle_ping();
    tick();
  }
  return finish();
}

void Supervisor::wait(pollfd (&polled)[kSources]) {
  const bool read_denials = box_.notifications && !denials_.paused(now());
  const bool read_lines = box_.log && !log_bytes_.empty(now());
  polled[kSignals] = {signals_.get(), POLLIN, 0};
  polled[kBox] = {box_.pidfd.get(), POLLIN, 0};
  polled[kLog] = {read_lines ? box_.log.get() : -1, POLLIN, 0};
  polled[kDenials] = {read_denials ? box_.notifications.get() : -1, POLLIN, 0};
  polled[kStatus] = {denials_.fd(), POLLIN, 0};
  polled[kPing] = {asks_pool() ? ping_.fd() : -1, ping_.events(), 0};
  polled[kHealth] = health_.polled();
  limits_.wait_for(std::span(polled).subspan<kLimits>(), now());
  polled[kOutput] = {output_.waiting() ? output_.fd() : -1, POLLOUT, 0};
  std::optional<Instant> due = next_due();
  if (!rests_) earlier(due, now() + Milliseconds(sys::kQuietMs));
  const int ready = (rests_ ? sys::poll_at_rest : ::poll)(polled, kSources, milliseconds_until(due));
  if (ready == 0 && !rests_) rest();
  rests_ = ready == 0;
  if (ready < 0) {
    for (pollfd& source : polled) source.revents = 0;  // EINTR
  }
}

void Supervisor::rest() {
  if (options_.at_rest) options_.at_rest();
  sys::give_back_memory();
}

std::optional<Instant> Supervisor::next_due() {
  std::optional<Instant> due = lifecycle_.due();
  earlier(due, asks_pool() ? ping_.due() : watchdog_.due());
  earlier(due, watchdog_.worry_due());
  earlier(due, health_.due());
  if (!untold_.empty()) earlier(due, tell_again_);
  earlier(due, ration_.report_due());
  earlier(due, denials_.due());
  earlier(due, limits_.due(now()));
  if (denials_.paused(now()) || log_bytes_.empty(now())) earlier(due, now() + kThrottle);
  return due;
}

void Supervisor::handle_signals() {
  for (int number : read_signals(signals_.get())) {
    if (number == SIGCHLD)
      reap_children();
    else
      perform(lifecycle_.signal(number, now()));
  }
}

void Supervisor::read_log() {
  static char buffer[kReadSize];  // no page of it is there before a pool fills it
  const ssize_t count = ::read(box_.log.get(), buffer, sizeof buffer);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count <= 0) return box_.log.reset();
  const auto size = static_cast<std::size_t>(count);
  // A line costs work of its own: a flood of empty ones must not be cheaper to send than to read.
  const auto lines = splitter_.feed(std::string_view(buffer, size));
  log_bytes_.spend(static_cast<double>(size + lines.size() * kCostOfLine), now());
  for (const std::string& raw : lines) take_line(raw);
}

void Supervisor::take_line(const std::string& raw) {
  const bool is_to_be_asked = ping_.fd() < 0 && lifecycle_.stage() == Lifecycle::Stage::starting;
  if (!std::exchange(was_heard_, true) && is_to_be_asked) ping_.ask_again(now() + kRequestsFirst);
  recent_.keep(raw);
  print(ration_.admit(raw, now()));
  print_all(limits_.see(raw, now()));
  denials_.see_line(raw, now());
  const bool stays =
      lifecycle_.stage() == Lifecycle::Stage::starting || lifecycle_.stage() == Lifecycle::Stage::serving;
  const auto hopeless = respawn_.see(raw, now());
  if (hopeless && stays) give_up(*hopeless);
}

// Without POLLIN the receiving ioctl would wait. Closing the listener frees whoever still waits for an answer (ENOSYS).
void Supervisor::handle_denial(short revents) {
  if ((revents & POLLIN) == 0) return box_.notifications.reset();
  const auto handled = denials_.handle(box_.notifications.get(), now());
  if (handled) return;
  say(handled.error().text());
  box_.notifications.reset();
}

void Supervisor::tell(const std::vector<Denial>& denials) {
  for (const Denial& denial : denials) {
    output_.line(denial.count > 1 ? more_times_line(denial) : denial_line(denial));
    options_.kept_denials.line(write_denial(denial));
  }
}

// Until it has answered, and on behalf of a watchdog. A pool that ends is not asked any more.
bool Supervisor::asks_pool() const {
  return lifecycle_.stage() == Lifecycle::Stage::starting || lifecycle_.stage() == Lifecycle::Stage::serving;
}

void Supervisor::handle_ping() {
  if (!asks_pool()) return ping_.hang_up();
  if (!ping_.advance(now())) return;
  if (lifecycle_.stage() == Lifecycle::Stage::starting) {
    respawn_.answered();
    if (options_.answered) options_.answered();
    perform(lifecycle_.answered());
  } else {
    options_.notify.alive();
  }
  health_.answer(kHealthy);
  watchdog_.told(now());
  if (watchdog_.due()) ping_.ask_again(*watchdog_.due());
}

void Supervisor::tick() {
  const bool had_given_up = lifecycle_.gave_up();
  perform(lifecycle_.tick(ping_.last_failure(), now()));
  if (!had_given_up && lifecycle_.gave_up()) say_last_lines();
  tend_watchdog();
  tell_ready();
  print(ration_.report(now()));
  print_all(limits_.report(now()));
}

// Nothing but a pool that serves can be asked.
void Supervisor::handle_health(short revents) {
  const bool serves = lifecycle_.stage() == Lifecycle::Stage::serving;
  const std::string_view state = serves ? "" : lifecycle_.stage() == Lifecycle::Stage::starting ? "starting" : "stopping";
  if ((revents & POLLIN) != 0 && health_.take(now(), state) && !ping_.due()) ping_.ask_again(now());
  health_.give_up(now(), ping_.last_failure());
}

// A manager that does not hear it ends the box when its patience does: what is lost, to a full queue perhaps, is said again.
void Supervisor::tell_ready() {
  if (untold_.empty() || now() < tell_again_) return;
  const auto told = options_.notify.ready(untold_);
  if (told || !asks_pool()) return untold_.clear();
  if (tell_again_ == Instant{}) say("the service manager could not be told that the pool is ready: " + told.error().text() + "; trying again");
  tell_again_ = now() + kTellAgain;
}

// While requests finish, the lifecycle's own deadline is the watch.
void Supervisor::tend_watchdog() {
  if (!asks_pool() && watchdog_.due() && now() >= *watchdog_.due()) {
    options_.notify.alive();
    watchdog_.told(now());
  }
  if (watchdog_.is_worried(now()))
    say("php-fpm does not answer (" + ping_.last_failure() + "): the service manager will restart the box");
}

void Supervisor::give_up(const std::string& why) { perform(lifecycle_.give_up(why, now())); }

void Supervisor::print(const std::optional<std::string>& line) {
  if (line) output_.line(*line);
}

void Supervisor::print_all(const std::vector<std::string>& lines) {
  for (const std::string& line : lines) output_.line(line);
}

void Supervisor::perform(const Acts& acts) {
  for (const Act& act : acts) {
    switch (act.kind) {
      case Act::Kind::signal_fpm:
        ::syscall(SYS_pidfd_send_signal, box_.pidfd.get(), act.signal, nullptr, 0);
        break;
      case Act::Kind::tell_ready:
        note(BoxState::running);  // first: whoever was told asks `ps`
        untold_ = act.text;
        tell_ready();
        break;
      case Act::Kind::tell_stopping:
        note(BoxState::stopping);
        options_.notify.stopping(act.text, options_.timeouts.stop);
        break;
      case Act::Kind::say:
        say(act.text);
        break;
    }
  }
}

// As PID 1 of a container the launcher inherits orphans; the box's own end is left for has_ended().
void Supervisor::reap_children() {
  for (;;) {
    siginfo_t info = {};
    if (::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0) return;
    if (info.si_pid == box_.pid) return;
    ::waitid(P_PID, static_cast<id_t>(info.si_pid), &info, WEXITED | WNOHANG);
    if (info.si_pid != box_.janitor.pid) continue;
    box_.janitor.pid = -1;
    say("the janitor has died: if the launcher is killed now, cgroups and the live socket stay behind");
  }
}

bool Supervisor::has_ended() {
  if (end_) return true;
  siginfo_t info = {};
  if (::waitid(P_PID, static_cast<id_t>(box_.pid), &info, WEXITED | WNOHANG) != 0) {
    if (errno != ECHILD) return false;
    end_ = FpmEnd{true, SIGKILL};  // no such child: somebody else reaped it, and how it ended is lost
  } else if (info.si_pid == box_.pid) {
    end_ = FpmEnd{info.si_code != CLD_EXITED, info.si_status};
  }
  return end_.has_value();
}

// What FPM said last is in the pipe still. Its end comes when the kernel has ended every process of the box.
void Supervisor::drain_log() {
  const Instant end = now() + kDrainPatience;
  for (std::size_t rounds = kDrainLimit / kReadSize; box_.log && rounds > 0; --rounds) {
    pollfd log = {box_.log.get(), POLLIN, 0};
    if (::poll(&log, 1, milliseconds_until(end)) <= 0) break;
    read_log();
  }
  if (auto rest = splitter_.finish()) take_line(*rest);
  tell(denials_.take_last());
  print_all(limits_.last_report());
  if (auto dropped = ration_.last_report()) {
    print(dropped);
    say_last_lines();
  }
}

void Supervisor::say_last_lines() {
  if (!recent_.all().empty()) say("the last lines of its log:");
  for (const std::string& raw : recent_.all()) say("  " + base::escape_control(raw));
}

int Supervisor::finish() {
  drain_log();
  if (end_) perform(lifecycle_.ended(*end_));
  const auto finished = finish_janitor(std::move(box_.janitor));
  if (!finished) say(finished.error().text());
  while (!has_ended()) ::poll(nullptr, 0, 5);  // only after abandon(): SIGKILL is on its way
  output_.finish(kLastLinesPatience);
  return lifecycle_.exit_code(*end_);
}

}  // namespace

int supervise(RunningBox box, SuperviseOptions options, Output& output) {
  Supervisor supervisor(std::move(box), std::move(options), output);
  const auto prepared = supervisor.prepare();
  if (!prepared) return supervisor.abandon(prepared.error());
  return supervisor.run();
}

}  // namespace launcher
