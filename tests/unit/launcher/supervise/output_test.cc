#include "launcher/supervise/output.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <sys/socket.h>

#include "launcher/sys/file.h"
#include "tests/unit/launcher/supervise/in_child.h"

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

namespace {

std::size_t heap_in_use() {
  const struct mallinfo2 info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
}

}  // namespace

TEST_CASE("what a slow reader has made to wait is not kept in memory once it has read, or is gone") {
  if (kSanitized) {
    MESSAGE("skipped: a sanitizer has a heap of its own");
    return;
  }
  ::signal(SIGPIPE, SIG_IGN);
  for (const bool reads : {true, false}) {
    CAPTURE(reads);
    Ends ends = socket_ends();
    Output output(ends.writer.get());
    const std::size_t before = heap_in_use();
    const std::string line(999, 'x');
    while (output.dropped() == 0) output.line(line);
    REQUIRE_GT(heap_in_use(), before + Output::kQueueLimit / 2);
    if (!reads) ends.reader.reset();
    for (output.flush(); output.waiting(); output.flush()) read_some(ends.reader.get());
    CHECK_LT(heap_in_use(), before + 8192);
  }
  ::signal(SIGPIPE, SIG_DFL);
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
