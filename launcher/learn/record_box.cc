#include "launcher/learn/record_box.h"

#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>

#include "launcher/enforce/scratch.h"
#include "launcher/learn/recorder.h"
#include "launcher/learn/status_question.h"
#include "launcher/plan/inside.h"
#include "launcher/supervise/janitor.h"
#include "launcher/supervise/lines.h"
#include "launcher/supervise/own_privileges.h"
#include "launcher/supervise/ping.h"
#include "launcher/supervise/signals.h"
#include "launcher/sys/file.h"
#include "profiles/base/text.h"

namespace launcher {
namespace {

using base::Error;
using base::Result;
using base::Status;

constexpr Milliseconds kAskPatience{60000};  // for the script that reads all recorded scripts
constexpr Milliseconds kTick{100};
constexpr int kCallsAtOnce = 256;
constexpr std::size_t kReadSize = 64 * 1024;
constexpr const char* kScripts = "scripts";  // in the exchange folder

Instant now() { return std::chrono::steady_clock::now(); }

class Recording {
 public:
  Recording(RunningBox box, const RecordOptions& options, Output& output)
      : box_(std::move(box)), options_(options), output_(output), ping_(box_.status_socket.get()), ration_(options.plan.pool),
        buffer_(kReadSize, '\0') {}

  Status prepare();
  Result<Recorded> run();
  void abandon();

 private:
  enum class Stage { starting, recording, asking, stopping };
  enum Source { kSignals, kBox, kLog, kCalls, kPing, kAnswer, kSources };

  void wait(std::array<pollfd, kSources>& polled);
  void answer_calls(short revents);
  void read_log();
  void handle_signals();
  void tick();
  void warn_if_full();
  void ask_for_extensions();
  Status write_scripts();
  void take_answer();
  void no_answer(const std::string& why);
  void stop();
  bool has_ended();
  void send(int number) { ::syscall(SYS_pidfd_send_signal, box_.pidfd.get(), number, nullptr, 0); }
  void say(const std::string& text) { output_.line(options_.plan.pool + ": " + text); }
  Milliseconds since(Instant begin) const { return std::chrono::duration_cast<Milliseconds>(now() - begin); }

  RunningBox box_;
  const RecordOptions& options_;
  Output& output_;
  sys::Fd signals_;
  sys::Fd exchange_;
  std::optional<Recorder> recorder_;
  Ping ping_;
  LineSplitter splitter_;
  LineRation ration_;
  std::optional<StatusQuestion> question_;
  Recorded out_;
  Stage stage_ = Stage::starting;
  Instant begin_ = now();
  Instant deadline_ = begin_;  // of the stage; none while recording without an end
  Instant repeat_;             // of the request to stop: a first process without a handler never sees it
  std::string failure_;
  bool has_ended_ = false;
  bool has_warned_ = false;
  std::string buffer_;
};

// Root without its powers but three: whose memory it reads, whose files it looks at, what it ends.
Status Recording::prepare() {
  signals_ = TRY(open_signals());
  exchange_ = TRY(sys::open(options_.plan.scratch + "/" + kExchange, O_RDONLY | O_DIRECTORY));
  BoxPaths paths = TRY(BoxPaths::open(box_.pid));
  recorder_.emplace(options_.plan.filter, std::move(paths));
  deadline_ = begin_ + Milliseconds(static_cast<long>(options_.plan.start_timeout_ms));
  TRY(keep_capabilities(capability_bit(CAP_SYS_PTRACE) | capability_bit(CAP_DAC_READ_SEARCH) | capability_bit(CAP_KILL)));
  return drop_nothing_but_growth();
}

Result<Recorded> Recording::run() {
  std::array<pollfd, kSources> polled;
  while (!has_ended()) {
    wait(polled);
    if (polled[kCalls].revents != 0) answer_calls(polled[kCalls].revents);
    if (polled[kLog].revents != 0) read_log();
    if (polled[kSignals].revents != 0) handle_signals();
    if (polled[kAnswer].revents != 0) take_answer();
    tick();
  }
  if (box_.log) read_log();
  const auto finished = finish_janitor(std::move(box_.janitor));
  if (!finished) say(finished.error().text());
  if (!failure_.empty()) return Error{failure_, {}, 0, {}};
  if (stage_ != Stage::stopping) return Error{"php-fpm ended by itself while it was recorded; its log says why", {}, 0, {}};
  out_.record = recorder_->record();
  return std::move(out_);
}

void Recording::abandon() {
  send(SIGKILL);
  box_.notifications.reset();
  while (!has_ended()) ::poll(nullptr, 0, 5);
  (void)finish_janitor(std::move(box_.janitor)).ok();
}

void Recording::wait(std::array<pollfd, kSources>& polled) {
  polled[kSignals] = {signals_.get(), POLLIN, 0};
  polled[kBox] = {box_.pidfd.get(), POLLIN, 0};
  polled[kLog] = {box_.log.get(), POLLIN, 0};
  polled[kCalls] = {box_.notifications.get(), POLLIN, 0};
  polled[kPing] = {stage_ == Stage::starting ? ping_.fd() : -1, ping_.events(), 0};
  polled[kAnswer] = {question_ ? question_->fd() : -1, POLLIN, 0};
  if (::poll(polled.data(), polled.size(), static_cast<int>(kTick.count())) < 0)
    for (pollfd& source : polled) source.revents = 0;  // EINTR
}

// Without POLLIN the receiving ioctl would wait. Closing the listener frees whoever still waits for an answer (ENOSYS).
void Recording::answer_calls(short revents) {
  if ((revents & POLLIN) == 0) return box_.notifications.reset();
  for (int i = 0; i < kCallsAtOnce; ++i) {
    if (auto answered = recorder_->handle(box_.notifications.get()); !answered) {
      failure_ = "recording failed: " + answered.error().text();
      box_.notifications.reset();
      return stop();
    }
    pollfd more = {box_.notifications.get(), POLLIN, 0};
    if (::poll(&more, 1, 0) != 1 || (more.revents & POLLIN) == 0) return;
  }
}

void Recording::read_log() {
  const ssize_t count = ::read(box_.log.get(), buffer_.data(), buffer_.size());
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count <= 0) return box_.log.reset();
  for (const std::string& raw : splitter_.feed(std::string_view(buffer_).substr(0, static_cast<std::size_t>(count))))
    if (auto line = ration_.admit(raw, now())) output_.line(*line);
  output_.flush();
}

void Recording::handle_signals() {
  for (const int number : read_signals(signals_.get())) {
    if (number == SIGCHLD || number == SIGPIPE) continue;
    if (number == SIGUSR1) {
      send(number);
    } else if (stage_ == Stage::recording) {
      ask_for_extensions();
    } else if (stage_ == Stage::starting) {
      failure_ = "stopped before the pool had answered";
      stop();
    } else {
      no_answer("it was not waited for");
      send(SIGKILL);  // asked twice
    }
  }
}

void Recording::warn_if_full() {
  if (has_warned_ || recorder_->record().untold() == 0) return;
  has_warned_ = true;
  say("the record is full: what is new from here on is counted and not kept; record again, a part of the application at a time");
  output_.flush();
}

void Recording::tick() {
  warn_if_full();
  if (stage_ == Stage::starting && ping_.advance(now())) {
    stage_ = Stage::recording;
    begin_ = now();
    deadline_ = options_.lasts ? begin_ + *options_.lasts : Instant::max();
    say("recording" + (options_.lasts ? "" : std::string(" until Ctrl-C")) + ": use the application now, all of it");
    output_.flush();
  }
  if (stage_ == Stage::stopping && now() >= repeat_) {
    send(SIGQUIT);
    repeat_ = now() + Milliseconds(500);
  }
  if (now() < deadline_) return;
  switch (stage_) {
    case Stage::starting:
      failure_ = "the pool did not answer in time: " + ping_.last_failure();
      return stop();
    case Stage::recording: return ask_for_extensions();
    case Stage::asking: return no_answer("no answer within " + std::to_string(kAskPatience.count() / 1000) + " s"), stop();
    case Stage::stopping: return send(SIGKILL);
  }
}

Status Recording::write_scripts() {
  std::string list;
  for (const auto& seen : recorder_->record().scripts.all())
    if (seen.thing.find('\n') == std::string::npos) list += seen.thing + "\n";
  return sys::write_file_at(exchange_.get(), kScripts, list, 0644);
}

void Recording::ask_for_extensions() {
  out_.took = since(begin_);
  stage_ = Stage::asking;
  deadline_ = now() + kAskPatience;
  const auto written = write_scripts();
  auto asked = written ? StatusQuestion::ask(box_.status_socket.get(), inside::kExtensionsScript) : Result<StatusQuestion>(written.error());
  if (asked) {
    question_.emplace(std::move(asked).value());
    return;
  }
  no_answer(asked.error().text());
  stop();
}

void Recording::no_answer(const std::string& why) {
  if (stage_ != Stage::asking) return;
  out_.extensions_obstacle = why;
  question_.reset();
}

void Recording::take_answer() {
  auto answer = question_->advance();
  if (answer && !answer.value()) return;
  if (answer)
    out_.extensions = std::move(*answer.value());
  else
    no_answer(answer.error().text());
  question_.reset();
  stop();
}

void Recording::stop() {
  stage_ = Stage::stopping;
  deadline_ = now() + Milliseconds(static_cast<long>(options_.plan.stop_timeout_ms));
  repeat_ = now();
}

bool Recording::has_ended() {
  siginfo_t info = {};
  if (has_ended_) return true;
  has_ended_ = ::waitid(P_PID, static_cast<id_t>(box_.pid), &info, WEXITED | WNOHANG) != 0 || info.si_pid == box_.pid;
  return has_ended_;
}

}  // namespace

Result<Recorded> record_box(RunningBox box, const RecordOptions& options, Output& output) {
  Recording recording(std::move(box), options, output);
  if (auto prepared = recording.prepare(); !prepared) {
    recording.abandon();
    return prepared.take_error();
  }
  return recording.run();
}

}  // namespace launcher
