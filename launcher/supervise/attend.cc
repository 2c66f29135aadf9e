#include "launcher/supervise/attend.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

#include "launcher/supervise/denials.h"
#include "launcher/supervise/forward.h"
#include "launcher/supervise/janitor.h"
#include "launcher/supervise/limits_watch.h"
#include "launcher/supervise/lines.h"
#include "launcher/supervise/signals.h"
#include "launcher/sys/file.h"
#include "launcher/sys/own_memory.h"

namespace launcher {
namespace {

constexpr int kSetupFailed = 71;
constexpr Milliseconds kTick{100};          // after a signal, until it is seen what came of it
constexpr Milliseconds kDrainPatience{500};  // for a reader that does not read, once the end was asked for

Instant now() { return std::chrono::steady_clock::now(); }

class Attendant {
 public:
  Attendant(RunningBox box, AttendOptions& options);
  base::Status prepare();
  int run();
  int abandon(const base::Error& error);

 private:
  enum Source { kSignals, kBox, kDenials, kInput, kOutput, kErrors, kLimits, kSources = kLimits + LimitsWatch::kMost };

  void wait(std::array<pollfd, kSources>& polled);
  void rest();
  int patience();
  void forward(const std::array<pollfd, kSources>& polled);
  void handle_signals();
  void handle_denial(short revents);
  void tell(const std::vector<Denial>& denials);
  void insist();
  void say_all(const std::vector<std::string>& lines);
  bool has_ended();
  bool is_drained();
  bool handles_signal(int number) const;
  void send(int number) { ::syscall(SYS_pidfd_send_signal, box_.pidfd.get(), number, nullptr, 0); }
  int finish();

  RunningBox box_;
  AttendOptions& options_;
  sys::Fd signals_;
  sys::Fd status_;  // of the command's process; opened while that can be done
  Denials denials_;
  LimitsWatch limits_;
  std::string said_;  // into the command's errors, since the last look
  LineSplitter lines_;
  Forward input_;
  Forward output_;
  Forward errors_;
  int asked_to_end_ = 0;  // the signal that did
  Instant insists_at_;
  Instant kills_at_;
  Instant gives_up_at_;  // writing, to a reader that does not read
  std::optional<siginfo_t> end_;
  bool rests_ = false;
};

Attendant::Attendant(RunningBox box, AttendOptions& options)
    : box_(std::move(box)),
      options_(options),
      denials_(*options.denials, {{}, -1, options.command}),
      limits_(options.pool, std::move(box_.counters), options.limits),
      input_(options.input, box_.input.get()),
      output_(box_.log.get(), options.output),
      errors_(box_.errors.get(), options.errors, &said_) {}

// All that needs opening comes before; the filter is last, because it forbids what the drop does.
base::Status Attendant::prepare() {
  signals_ = TRY(open_signals());
  if (auto status = sys::open("/proc/" + std::to_string(box_.pid) + "/status", O_RDONLY)) status_ = std::move(status).value();
  TRY(drop_privileges(options_.supervisor));
  return load_supervisor_filter();
}

int Attendant::abandon(const base::Error& error) {
  send(SIGKILL);
  while (!has_ended()) ::poll(nullptr, 0, 5);
  errors_.say(options_.pool + ": the launcher could not give up its privileges: " + error.text());
  errors_.go_on(POLLOUT);
  finish();
  return kSetupFailed;
}

int Attendant::run() {
  std::array<pollfd, kSources> polled;
  while (!has_ended() || !is_drained()) {
    wait(polled);
    if (polled[kSignals].revents != 0) handle_signals();
    if (polled[kDenials].revents != 0) handle_denial(polled[kDenials].revents);
    forward(polled);
    insist();
    tell(denials_.take(now()));
    say_all(limits_.handle(std::span(polled).subspan<kLimits>(), now()));
    say_all(limits_.report(now()));
  }
  return finish();
}

void Attendant::wait(std::array<pollfd, kSources>& polled) {
  const bool read_denials = box_.notifications && !denials_.paused(now());
  polled[kSignals] = {signals_.get(), POLLIN, 0};
  polled[kBox] = {end_ ? -1 : box_.pidfd.get(), POLLIN, 0};
  polled[kDenials] = {read_denials ? box_.notifications.get() : -1, POLLIN, 0};
  polled[kInput] = input_.waits_for();
  polled[kOutput] = output_.waits_for();
  polled[kErrors] = errors_.waits_for();
  limits_.wait_for(std::span(polled).subspan<kLimits>(), now());
  const int ready = ::poll(polled.data(), polled.size(), patience());
  if (ready == 0 && !rests_) rest();
  rests_ = ready == 0;
  if (ready < 0)
    for (pollfd& source : polled) source.revents = 0;  // EINTR
}

void Attendant::rest() {
  if (options_.at_rest) options_.at_rest();
  sys::give_back_memory();
}

int Attendant::patience() {
  std::optional<Instant> due = denials_.due();
  if (const auto look = limits_.due(now()); look && (!due || *look < *due)) due = look;
  const bool is_paused = box_.notifications && denials_.paused(now());
  if (asked_to_end_ != 0 || is_paused) due = now() + kTick;
  if (!rests_) due = std::min(due.value_or(Instant::max()), now() + Milliseconds(sys::kQuietMs));
  if (!due) return -1;
  return static_cast<int>(std::clamp<long>(std::chrono::ceil<Milliseconds>(*due - now()).count(), 0, 3600 * 1000));
}

// A stream that is over on one side is closed on the other: end of file goes in, a broken pipe goes in as well.
void Attendant::forward(const std::array<pollfd, kSources>& polled) {
  input_.go_on(polled[kInput].revents);
  output_.go_on(polled[kOutput].revents);
  errors_.go_on(polled[kErrors].revents);
  for (const std::string& line : lines_.feed(std::exchange(said_, {}))) denials_.see_line(line, now());
  if (input_.is_over()) box_.input.reset();
  if (output_.is_broken()) box_.log.reset();
  if (errors_.is_broken()) box_.errors.reset();
}

// A first process of a pid namespace that has no handler never sees the signal (pid_namespaces(7)): insist() looks after it.
void Attendant::handle_signals() {
  for (const int number : read_signals(signals_.get())) {
    if (number == SIGCHLD || number == SIGPIPE) continue;
    if (number == SIGUSR1) {
      send(number);
      continue;
    }
    send(asked_to_end_ == 0 ? number : SIGKILL);
    if (asked_to_end_ != 0) continue;
    asked_to_end_ = number;
    gives_up_at_ = now() + kDrainPatience;
    insists_at_ = now() + kTick;
    kills_at_ = now() + options_.stop;
  }
}

void Attendant::say_all(const std::vector<std::string>& lines) {
  for (const std::string& line : lines) errors_.say(line);
}

void Attendant::insist() {
  if (asked_to_end_ == 0 || end_ || now() < insists_at_) return;
  if (now() >= kills_at_ || !handles_signal(asked_to_end_)) send(SIGKILL);
}

bool Attendant::handles_signal(int number) const {
  std::array<char, 4096> text{};
  const ssize_t count = status_ ? ::pread(status_.get(), text.data(), text.size(), 0) : -1;
  return count > 0 && handles(std::string_view(text.data(), static_cast<std::size_t>(count)), number);
}

// Without POLLIN the receiving ioctl would wait. Closing the listener frees whoever still waits for an answer (ENOSYS).
void Attendant::handle_denial(short revents) {
  if ((revents & POLLIN) == 0) return box_.notifications.reset();
  const auto handled = denials_.handle(box_.notifications.get(), now());
  if (handled) return;
  errors_.say(options_.pool + ": " + handled.error().text());
  box_.notifications.reset();
}

void Attendant::tell(const std::vector<Denial>& denials) {
  for (const Denial& denial : denials) {
    errors_.say(denial.count > 1 ? more_times_line(denial) : denial_line(denial));
    options_.kept_denials.line(write_denial(denial));
  }
}

// With its first process every other of the box has ended, so the pipes end too.
bool Attendant::has_ended() {
  if (end_) return true;
  siginfo_t info = {};
  if (::waitid(P_PID, static_cast<id_t>(box_.pid), &info, WEXITED | WNOHANG) != 0) {
    if (errno != ECHILD) return false;
    info.si_code = CLD_KILLED;  // no such child: somebody else reaped it, and how it ended is lost
    info.si_status = SIGKILL;
  } else if (info.si_pid != box_.pid) {
    return false;
  }
  end_ = info;
  input_.stop_reading();
  gives_up_at_ = now() + kDrainPatience;
  return true;
}

bool Attendant::is_drained() {
  return (output_.is_over() && errors_.is_over()) || (asked_to_end_ != 0 && now() >= gives_up_at_);
}

int Attendant::finish() {
  for (const std::string& line : lines_.feed("\n")) denials_.see_line(line, now());
  tell(denials_.take_last());
  say_all(limits_.last_report());
  while (!errors_.is_over() && errors_.waits_for().events == POLLOUT && asked_to_end_ == 0) {
    pollfd ready = errors_.waits_for();
    if (::poll(&ready, 1, static_cast<int>(kDrainPatience.count())) <= 0) break;
    errors_.go_on(ready.revents);
  }
  const auto finished = finish_janitor(std::move(box_.janitor));
  if (!finished) {
    errors_.say(options_.pool + ": " + finished.error().text());
    errors_.go_on(POLLOUT);
  }
  if (!end_ || end_->si_code == CLD_EXITED) return end_ ? end_->si_status : kSetupFailed;
  return 128 + (asked_to_end_ != 0 && end_->si_status == SIGKILL ? asked_to_end_ : end_->si_status);
}

}  // namespace

int attend(RunningBox box, AttendOptions options) {
  Attendant attendant(std::move(box), options);
  const auto prepared = attendant.prepare();
  if (!prepared) return attendant.abandon(prepared.error());
  return attendant.run();
}

// proc(5): SigCgt is a mask in hexadecimal, of which bit 0 is signal 1.
bool handles(std::string_view status, int signal) {
  constexpr std::string_view kKey = "\nSigCgt:\t";
  const auto at = status.find(kKey);
  if (at == status.npos) return false;
  const std::string_view text = status.substr(at + kKey.size());
  std::uint64_t mask = 0;
  if (std::from_chars(text.data(), text.data() + std::min<std::size_t>(text.size(), 16), mask, 16).ec != std::errc()) return false;
  return ((mask >> (signal - 1)) & 1) != 0;
}

}  // namespace launcher
