#include "launcher/harness/command.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>

#include "launcher/harness/plain_fpm.h"
#include "profiles/base/text.h"

namespace harness {
namespace {

constexpr std::size_t kMostBytes = 64 * 1024;
constexpr std::size_t kBrief = 300;
constexpr int kSliceMs = 20;

int become_silent(const std::vector<std::string>& words, const std::map<std::string, std::string>& environment, int output) {
  const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (nothing < 0 || ::dup2(nothing, STDIN_FILENO) < 0) return kNotStarted;
  if (::dup2(output, STDOUT_FILENO) < 0 || ::dup2(output, STDERR_FILENO) < 0) return kNotStarted;
  if (!clear_environment() || ::chdir("/") != 0) return kNotStarted;
  for (const auto& [name, value] : environment) ::setenv(name.c_str(), value.c_str(), 1);
  return become_program(words);
}

// A child of its own may keep the stream open after it: the end is the program's.
void take_what_is_there(int stream, std::string& into) {
  char buffer[4096];
  for (ssize_t count = 0; (count = ::read(stream, buffer, sizeof buffer)) > 0;)
    if (into.size() < kMostBytes) into.append(buffer, static_cast<std::size_t>(count));
}

}  // namespace

base::Result<Said> run_program(const std::vector<std::string>& words, const std::map<std::string, std::string>& environment, int timeout_ms) {
  Pipe output = TRY(make_pipe());
  const int end = output.write.get();
  Process process = TRY(Process::start([&] { return become_silent(words, environment, end); }, {end}));
  output.write.reset();
  ::fcntl(output.read.get(), F_SETFL, O_NONBLOCK);
  Said out;
  for (int waited = 0; waited < timeout_ms; waited += kSliceMs) {
    const auto code = process.wait(kSliceMs);
    take_what_is_there(output.read.get(), out.text);
    if (!code) continue;
    out.code = *code;
    return out;
  }
  process.end(0);
  return base::Error{words.front() + " is not done after " + std::to_string(timeout_ms / 1000) + " s: " + brief(out), {}, 0, {}};
}

std::string brief(const Said& said) {
  std::string text = said.text;
  std::replace(text.begin(), text.end(), '\n', ' ');
  while (!text.empty() && text.back() == ' ') text.pop_back();
  if (text.size() > kBrief) text = text.substr(0, kBrief) + "...";
  return text.empty() ? "exit code " + std::to_string(said.code) : base::escape_control(text);
}

}  // namespace harness
