#include "launcher/supervise/output.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>

#include "launcher/sys/file.h"

using namespace launcher;

namespace {
struct Ends {
  sys::Fd reader, writer;
};
Ends pipe_ends() {
  int ends[2] = {};
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  return {sys::Fd(ends[0]), sys::Fd(ends[1])};
}
Ends socket_ends() {
  int ends[2] = {};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
  return {sys::Fd(ends[0]), sys::Fd(ends[1])};
}
std::string read_some(int fd) {
  std::string bytes(1 << 20, '\0');
  const ssize_t count = ::read(fd, bytes.data(), bytes.size());
  bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  return bytes;
}
}  // namespace

TEST_CASE("lines reach a reader") {
  for (Ends (*make)() : {pipe_ends, socket_ends}) {
    Ends ends = make();
    Output output(ends.writer.get());
    output.line("one");
    output.line("two");
    CHECK(read_some(ends.reader.get()) == "one\ntwo\n");
    CHECK_FALSE(output.waiting());
  }
}

TEST_CASE("a reader that does not read blocks nobody, and learns what it missed") {
  for (Ends (*make)() : {pipe_ends, socket_ends}) {
    Ends ends = make();
    Output output(ends.writer.get());
    const std::string line(999, 'x');
    for (int i = 0; i < 2000; ++i) output.line(line);
    CHECK(output.waiting());
    CHECK(output.dropped() > 1000);
    output.finish(Milliseconds(10));
    std::string seen;
    while (output.waiting()) {
      seen += read_some(ends.reader.get());
      output.flush();
    }
    seen += read_some(ends.reader.get());
    CHECK(seen.find(" lines dropped, because nothing read them\n") != std::string::npos);
    CHECK((::fcntl(ends.writer.get(), F_GETFL) & O_NONBLOCK) == 0);  // others share it
  }
}

TEST_CASE("a reader that is gone is no error") {
  ::signal(SIGPIPE, SIG_IGN);
  Ends ends = pipe_ends();
  Output output(ends.writer.get());
  ends.reader.reset();
  output.line("one");
  CHECK_FALSE(output.waiting());
  CHECK(output.dropped() == 1);
  ::signal(SIGPIPE, SIG_DFL);
}
