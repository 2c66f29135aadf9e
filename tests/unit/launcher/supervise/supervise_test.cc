// supervise() whole, with a child that behaves like FPM. It drops privileges and loads a filter, so that each run is in
// a process of its own.
#include "launcher/supervise/supervise.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>
#include <functional>

#include "launcher/supervise/janitor.h"
#include "launcher/supervise/signals.h"
#include "launcher/sys/file.h"
#include "tests/unit/launcher/supervise/fake_fpm.h"
#include "tests/unit/launcher/supervise/fake_manager.h"
#include "tests/unit/launcher/supervise/in_child.h"

using namespace launcher;

namespace {

struct Scene {
  std::function<int(int listener)> fpm;
  Milliseconds start{60000};
  Milliseconds stop{5000};
  std::string manager = {};  // notification socket, with this watchdog
  Milliseconds watchdog{0};
  bool speaks_first = false;  // time runs from FPM's first words
};

void clear_signals() {
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

// The launcher's side: forks janitor and FPM, supervises. 99 when the scene itself could not be set.
int launch(const Scene& scene, int output_fd) {
  ::signal(SIGHUP, SIG_DFL);  // whoever runs the tests by nohup(1) has it ignored, and a launcher leaves it so
  if (!block_signals()) return 99;
  FakeSocket socket;
  const bool root = ::geteuid() == 0;
  if (root && ::fchownat(socket.inode.get(), "", 65533, 65533, AT_EMPTY_PATH) != 0) return 99;
  auto janitor = start_janitor({});
  int log[2];
  if (!janitor || ::pipe2(log, O_CLOEXEC) != 0) return 99;
  RunningBox box;
  box.pid = ::fork();
  if (box.pid == 0) {
    clear_signals();
    ::dup2(log[1], 2);
    ::close(log[0]);
    ::close(log[1]);
    ::_exit(scene.fpm(socket.listener.get()));
  }
  ::close(log[1]);
  pollfd words = {log[0], POLLIN, 0};
  if (scene.speaks_first && ::poll(&words, 1, 60000) != 1) return 99;
  box.pidfd = sys::Fd(static_cast<int>(::syscall(SYS_pidfd_open, box.pid, 0)));
  box.log = sys::Fd(log[0]);
  box.status_socket = std::move(socket.inode);
  socket.listener.reset();
  if (!hand_box_to_janitor(janitor.value().socket.get(), box.pidfd.get())) return 99;
  box.janitor = std::move(janitor).value();
  SuperviseOptions options;
  options.pool = "www";
  if (root) options.supervisor = SuperviseOptions::Ids{65533, 65533};
  options.timeouts = {scene.start, scene.stop};
  if (!scene.manager.empty()) {
    ::setenv("NOTIFY_SOCKET", scene.manager.c_str(), 1);
    ::setenv("WATCHDOG_USEC", std::to_string(scene.watchdog.count() * 1000).c_str(), 1);
    auto notify = Notifier::from_environment();
    if (!notify) return 99;
    options.notify = std::move(notify).value();
  }
  Output output(output_fd);
  return supervise(std::move(box), std::move(options), output);
}

struct Outcome {
  int code = -1;
  std::string lines;
};

std::string contents(int fd) {
  std::string text(1 << 20, '\0');
  const ssize_t count = ::pread(fd, text.data(), text.size(), 0);
  text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  return text;
}

// Once these words are among the lines, behind those of the step before: this signal, or none.
struct Step {
  std::string words;
  int signal = 0;
};

Outcome play(const Scene& scene, const std::vector<Step>& steps = {}) {
  const sys::Fd output(::memfd_create("output", MFD_CLOEXEC));
  const pid_t launcher = start_child([&] { return launch(scene, output.get()); });
  std::size_t at = 0;
  for (const Step& step : steps) {
    std::size_t found = std::string::npos;
    for (int i = 0; i < 6000 && found == std::string::npos; ++i) {
      found = contents(output.get()).find(step.words, at);
      if (found == std::string::npos) ::usleep(10000);
    }
    if (found != std::string::npos) at = found + step.words.size();
    if (step.signal != 0) ::kill(launcher, step.signal);
  }
  Outcome outcome;
  outcome.code = wait_for(launcher);
  outcome.lines = contents(output.get());
  return outcome;
}

void log_line(const std::string& line) { static_cast<void>(!::write(2, (line + "\n").c_str(), line.size() + 1)); }

void on_quit(int) { ::_exit(0); }
void on_reopen(int) { log_line("reopened"); }

int good_fpm(int listener) {
  ::signal(SIGQUIT, on_quit);
  struct sigaction action = {};
  action.sa_handler = on_reopen;
  ::sigaction(SIGUSR1, &action, nullptr);
  if (serve(listener, {kPong}) != 0) return 1;
  log_line("answered");
  for (;;) ::pause();
}
void on_quit_stay(int) { log_line("stays"); }
int stubborn_fpm(int listener) {
  ::signal(SIGQUIT, on_quit_stay);
  if (serve(listener, {kPong}) != 0) return 1;
  log_line("answered");
  for (;;) ::pause();
}
// Answers as many pings, then its master hangs.
int hanging_fpm(int listener) {
  ::signal(SIGQUIT, SIG_IGN);
  if (serve(listener, {kPong, kPong, kPong, kPong}) != 0) return 1;
  log_line("hangs");
  for (;;) ::pause();
}
// A worker that has been asked ends when whoever asked it hangs up, and its master when the worker does.
int asked_fpm(int listener) {
  ::signal(SIGQUIT, SIG_IGN);
  const int connection = ::accept(listener, nullptr, nullptr);
  log_line("asked");
  char question[4096];
  while (::read(connection, question, sizeof question) > 0) continue;
  return 0;
}
// Looks whether it was asked before it has said a word, for less than the time after which it would be all the same.
int hurried_fpm(int listener) {
  const Instant born = std::chrono::steady_clock::now();
  pollfd question = {listener, POLLIN, 0};
  const bool was_asked = ::poll(&question, 1, 100) > 0 && std::chrono::steady_clock::now() - born < Milliseconds(200);
  log_line(was_asked ? "asked too early" : "has time to start");
  return good_fpm(listener);
}
int silent_fpm(int) {
  log_line("something is wrong \x1b[2J");
  for (;;) ::pause();
}
int hopeless_fpm(int) {
  for (;;) {
    log_line(
        "[23-Nov-2026 22:47:29] WARNING: [pool www] child 9 exited with code 70 after 0.002409 seconds from start");
    ::usleep(2000);
  }
}
int talkative_fpm(int listener) {
  ::signal(SIGQUIT, on_quit);
  for (int i = 0; i < 200000; ++i) log_line("a line of some length, over and over again, as a flood");
  log_line(std::string(20000, 'x'));
  return serve(listener, {kPong}) == 0 ? 0 : 1;
}
int mistaken_fpm(int) {
  log_line("unable to parse the configuration");
  return 78;
}

bool can_run() {
  if (!kSanitized) return true;
  MESSAGE("skipped: a filter under a sanitizer");
  return false;
}

bool has(const Outcome& outcome, const std::string& text) { return outcome.lines.find(text) != std::string::npos; }

}  // namespace

TEST_CASE("a pool starts, reopens its logs, and stops when it is asked") {
  if (!can_run()) return;
  for (int stop : {SIGTERM, SIGINT, SIGQUIT, SIGHUP}) {
    CAPTURE(stop);
    const Outcome outcome = play({good_fpm}, {{"www: answered\n", SIGUSR1}, {"www: reopened\n", stop}});
    CAPTURE(outcome.lines);
    CHECK(outcome.code == 0);
    CHECK(has(outcome, "www: reopened\n"));
  }
}

TEST_CASE("a pool is asked once it has said something, so that its first workers answer others first") {
  if (!can_run()) return;
  const Outcome outcome = play({hurried_fpm}, {{"www: answered\n", SIGTERM}});
  CAPTURE(outcome.lines);
  CHECK(outcome.code == 0);
  CHECK(has(outcome, "www: has time to start\n"));
}

TEST_CASE("a pool that does not stop in time is killed, and so is one that is stopped twice") {
  if (!can_run()) return;
  const Outcome late = play({stubborn_fpm, Milliseconds(60000), Milliseconds(300)}, {{"www: answered\n", SIGTERM}});
  CAPTURE(late.lines);
  CHECK(late.code == 137);
  CHECK(has(late, "www: requests did not finish within stop_timeout (300ms): the box is killed\n"));
  const Outcome twice = play({stubborn_fpm, Milliseconds(60000), Milliseconds(60000)}, {{"www: answered\n", SIGTERM}, {"www: stays\n", SIGTERM}});
  CAPTURE(twice.lines);
  CHECK(twice.code == 137);
  CHECK(has(twice, "www: stopped a second time: the box is killed\n"));
}

TEST_CASE("a question that was not answered yet does not hold up a stop") {
  if (!can_run()) return;
  const Outcome outcome = play({asked_fpm}, {{"www: asked\n", SIGTERM}});
  CAPTURE(outcome.lines);
  CHECK(outcome.code == 0);
}

TEST_CASE("a pool that never answers, and one whose workers cannot start") {
  if (!can_run()) return;
  const Outcome silent = play({.fpm = silent_fpm, .start = Milliseconds(300), .speaks_first = true});
  CAPTURE(silent.lines);
  CHECK(silent.code == 71);
  CHECK(has(silent, "www: no answer to a ping within start_timeout (300ms): no answer yet\n"));
  CHECK(has(silent, "www: the last lines of its log:\nwww:   something is wrong \\x1b[2J\n"));
  const Outcome hopeless = play({hopeless_fpm});
  CAPTURE(hopeless.lines);
  CHECK(hopeless.code == 71);
  CHECK(has(hopeless, "www: workers die as soon as they start: 10 within 10 s, the last: [23-Nov-2026"));
}

TEST_CASE("FPM's own end is passed on with its last words") {
  if (!can_run()) return;
  const Outcome outcome = play({mistaken_fpm});
  CAPTURE(outcome.lines);
  CHECK(outcome.code == 78);
  CHECK(has(outcome, "www: unable to parse the configuration\nwww: php-fpm ended with code 78 before it answered\n"));
}

TEST_CASE("a flood of lines is bounded") {
  if (!can_run()) return;
  const Outcome outcome = play({talkative_fpm});
  CAPTURE(outcome.lines.size());
  CAPTURE(outcome.lines.substr(outcome.lines.size() - std::min<std::size_t>(outcome.lines.size(), 500)));
  CHECK(outcome.code == 1);
  CHECK(has(outcome, " lines dropped\n"));
  CHECK(outcome.lines.size() < 200000);
}

TEST_CASE("the manager's watchdog hears of a pool exactly as often as the pool answers") {
  if (!can_run()) return;
  FakeManager manager;
  const std::string silence = "www: php-fpm does not answer (no answer yet): the service manager will restart the box\n";
  const Outcome outcome = play({hanging_fpm, Milliseconds(60000), Milliseconds(3000), manager.address, Milliseconds(1500)},
                               {{"www: hangs\n"}, {silence, SIGTERM}});
  CAPTURE(outcome.lines);
  CHECK(outcome.code == 137);
  CHECK(has(outcome, silence));
  CHECK(manager.next() == "READY=1\nSTATUS=answering requests");
  for (int answers = 1; answers < 4; ++answers) CHECK(manager.next() == "WATCHDOG=1");
  CHECK(manager.next().starts_with("STOPPING=1\n"));
  // While requests finish, the launcher's own deadline counts: the manager must not cut them off.
  CHECK(manager.next() == "WATCHDOG=1");
}
