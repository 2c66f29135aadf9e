#include "launcher/supervise/forward.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "launcher/supervise/attend.h"
#include "launcher/sys/file.h"

using namespace launcher;

namespace {

struct Pipe {
  sys::Fd reader, writer;
};
Pipe make_pipe() {
  int ends[2] = {};
  REQUIRE(::pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0);
  return {sys::Fd(ends[0]), sys::Fd(ends[1])};
}

std::string read_some(int fd) {
  std::string bytes(1 << 20, '\0');
  const ssize_t count = ::read(fd, bytes.data(), bytes.size());
  bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  return bytes;
}

// As the loop does it, while there is something to do at once.
void run(Forward& forward) {
  for (;;) {
    pollfd ready = forward.waits_for();
    if (ready.fd < 0 || ::poll(&ready, 1, 0) <= 0) return;
    forward.go_on(ready.revents);
  }
}

std::string shown(std::initializer_list<std::string_view> chunks) {
  std::string rest, out;
  for (const std::string_view chunk : chunks) out += for_terminal(chunk, rest);
  return out + for_terminal("", rest);
}

}  // namespace

TEST_CASE("what a terminal would obey is shown") {
  using namespace std::string_view_literals;
  const struct {
    std::initializer_list<std::string_view> chunks;
    const char* expected;
  } rows[] = {
      {{"one\ttwo\r\n"}, "one\ttwo\r\n"},
      {{"\033[31mred"}, "\\x1b[31mred"},
      {{"a\0b\177"sv}, "a\\x00b\\x7f"},
      {{"gr\xc3\xbc\xc3\x9f", "e"}, "gr\xc3\xbc\xc3\x9f" "e"},
      {{"gr\xc3", "\xbc" "n"}, "gr\xc3\xbcn"},            // a character in two chunks
      {{"\xe2\x82", "\xac", "\n"}, "\xe2\x82\xac\n"},
      {{"\xc2", "\x9b" "31m"}, "\\xc2\\x9b31m"},           // a C1 control in two chunks
      {{"cut \xe2\x82"}, "cut \\xe2\\x82"},                // never finished
      {{"\x9b\xff"}, "\\x9b\\xff"},
      {{"\xf0\x9f\x98", "\x80\n"}, "\xf0\x9f\x98\x80\n"},
  };
  for (const auto& row : rows) CHECK_EQ(shown(row.chunks), row.expected);
}

TEST_CASE("only the beginning of a character waits for its end") {
  const struct {
    std::string_view bytes;
    std::size_t held;
  } rows[] = {{"\xc2", 1}, {"\xf0\x9f\x98", 3}, {"\xf4\x8f", 2}, {"\xc1", 0}, {"\xf5", 0}, {"\xff", 0}, {"\x9b", 0}, {"a", 0}};
  for (const auto& row : rows) {
    std::string rest;
    for_terminal(row.bytes, rest);
    CHECK_EQ(rest.size(), row.held);
  }
}

TEST_CASE("bytes pass as they are where there is no terminal") {
  Pipe from = make_pipe(), to = make_pipe();
  Forward forward(from.reader.get(), to.writer.get());
  const std::string bytes("\0\033\xff\r\n", 5);
  REQUIRE(::write(from.writer.get(), bytes.data(), bytes.size()) == 5);
  run(forward);
  CHECK_EQ(read_some(to.reader.get()), bytes);
  CHECK(!forward.is_over());
  from.writer.reset();
  run(forward);
  CHECK(forward.is_over());
  CHECK(!forward.is_broken());
}

TEST_CASE("a slow reader makes the writer wait, and nothing is lost") {
  Pipe from = make_pipe(), to = make_pipe();
  Forward forward(from.reader.get(), to.writer.get());
  const std::string block(4096, 'x');
  std::size_t written = 0, read = 0;
  for (int round = 0; round < 2000; ++round) {
    if (const ssize_t count = ::write(from.writer.get(), block.data(), block.size()); count > 0) written += static_cast<std::size_t>(count);
    run(forward);
  }
  CHECK_LT(written, 300 * 1024);  // two pipes and one buffer
  from.writer.reset();
  while (!forward.is_over()) {
    read += read_some(to.reader.get()).size();
    run(forward);
  }
  read += read_some(to.reader.get()).size();
  CHECK_EQ(read, written);
}

TEST_CASE("a reader that is gone ends the forwarding") {
  Pipe from = make_pipe(), to = make_pipe();
  ::signal(SIGPIPE, SIG_IGN);
  Forward forward(from.reader.get(), to.writer.get());
  to.reader.reset();
  REQUIRE(::write(from.writer.get(), "x", 1) == 1);
  run(forward);
  CHECK(forward.is_over());
  CHECK(forward.is_broken());
}

TEST_CASE("the launcher's own lines are bounded") {
  Pipe from = make_pipe(), to = make_pipe();
  Forward forward(from.reader.get(), to.writer.get());
  for (int i = 0; i < 100000; ++i) forward.say("a line of the launcher's own");
  std::size_t size = 0;
  run(forward);
  for (std::string some = read_some(to.reader.get()); !some.empty(); some = read_some(to.reader.get())) {
    size += some.size();
    run(forward);
  }
  CHECK_GT(size, 1024);
  CHECK_LT(size, 256 * 1024);
}

TEST_CASE("whether a process handles a signal is in its status") {
  const std::string status = "Name:\tphp\nSigIgn:\tffffffffffffffff\nSigCgt:\t0000000000004002\nCapInh:\t0\n";
  CHECK(handles(status, SIGINT));
  CHECK(handles(status, SIGTERM));
  CHECK(!handles(status, SIGHUP));
  CHECK(!handles(status, SIGKILL));
  CHECK(!handles("Name:\tphp\n", SIGTERM));
  CHECK(!handles("\nSigCgt:\tzz", SIGTERM));
}
