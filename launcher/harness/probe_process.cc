#include "launcher/harness/probe_process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

#include "launcher/harness/process.h"
#include "launcher/sys/file.h"
#include "profiles/base/text.h"

namespace harness {
namespace {

constexpr std::size_t kMostBytes = 1 << 20;

long milliseconds_now() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct Conversation {
  sys::Fd input;
  sys::Fd output;
  sys::Fd errors;
  std::string questions;
  std::string answers;
  std::string said;
};

bool take(sys::Fd& from, std::string& into) {
  char buffer[8192];
  const ssize_t count = ::read(from.get(), buffer, sizeof buffer);
  if (count > 0) into.append(buffer, static_cast<std::size_t>(count));
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return true;
  return count > 0 && into.size() < kMostBytes;
}

void give(Conversation& talk) {
  const ssize_t count = ::write(talk.input.get(), talk.questions.data(), talk.questions.size());
  if (count > 0) talk.questions.erase(0, static_cast<std::size_t>(count));
  if ((count < 0 && errno != EAGAIN && errno != EINTR) || talk.questions.empty()) talk.input.reset();
}

void converse(Conversation& talk, int timeout_ms) {
  const long end = milliseconds_now() + timeout_ms;
  for (long left = timeout_ms; talk.output && left > 0; left = end - milliseconds_now()) {
    pollfd polled[] = {{talk.input ? talk.input.get() : -1, POLLOUT, 0}, {talk.output.get(), POLLIN, 0}, {talk.errors ? talk.errors.get() : -1, POLLIN, 0}};
    if (::poll(polled, 3, static_cast<int>(left)) <= 0) continue;
    if (polled[0].revents != 0) give(talk);
    if (polled[1].revents != 0 && !take(talk.output, talk.answers)) talk.output.reset();
    if (polled[2].revents != 0 && !take(talk.errors, talk.said)) talk.errors.reset();
  }
}

int with_streams(int input, int output, int errors, const std::function<int()>& program) {
  const int ends[] = {input, output, errors};
  for (int stream = 0; stream < 3; ++stream) ::dup2(ends[stream], stream);
  for (const int end : ends) ::close(end);
  return program();
}

std::vector<std::string> whole_lines(const std::string& text) {
  std::vector<std::string> lines = base::split(text, '\n');
  lines.pop_back();  // behind the last newline: nothing, or half a line
  return lines;
}

}  // namespace

base::Result<std::vector<std::string>> ask_probe(const std::vector<std::string>& lines, int timeout_ms, std::vector<int> kept,
                                                 const std::function<int()>& program) {
  Pipe input = TRY(make_pipe()), output = TRY(make_pipe()), errors = TRY(make_pipe());
  const int ends[] = {input.read.get(), output.write.get(), errors.write.get()};
  kept.insert(kept.end(), std::begin(ends), std::end(ends));
  Process process = TRY(Process::start([&] { return with_streams(ends[0], ends[1], ends[2], program); }, kept));
  input.read.reset();
  output.write.reset();
  errors.write.reset();
  for (const sys::Fd* end : {&input.write, &output.read, &errors.read}) ::fcntl(end->get(), F_SETFL, O_NONBLOCK);
  Conversation talk{std::move(input.write), std::move(output.read), std::move(errors.read), base::join(lines, "\n") + "\n", {}, {}};
  converse(talk, timeout_ms);
  process.end(talk.output ? 0 : Process::kPatienceMs);
  std::vector<std::string> answers = whole_lines(talk.answers);
  if (answers.empty()) return base::Error{"the process for native acts did not answer: " + base::escape_control(talk.said), {}, 0, {}};
  return answers;
}

}  // namespace harness
