#include "launcher/sys/own_memory.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <memory>
#include <string>

#include "tests/unit/launcher/supervise/in_child.h"

using namespace sys;

namespace {

bool lies_in(const void* address, Range range) {
  const auto number = reinterpret_cast<std::uintptr_t>(address);
  return number >= range.begin && number < range.end;
}

}  // namespace

TEST_CASE("a forgotten heap is zero, errno and the stack are not") {
  if (kSanitized) {
    MESSAGE("skipped: a sanitizer has a heap of its own");
    return;
  }
  const std::unique_ptr<char[]> mark(new char[64 * 1024]);  // page after page of it
  std::fill_n(mark.get(), 64 * 1024, 'x');
  const pid_t child = start_child([&] {
    const Range heap = own_heap();
    if (!lies_in(mark.get(), heap)) return 2;
    const volatile char* seen = mark.get() + 32 * 1024;
    const char on_stack = *seen;
    forget(heap);
    errno = 0;
    const bool fails = ::close(-1) != 0 && errno == EBADF;
    ::_exit(on_stack == 'x' && *seen == 0 && fails ? 0 : 1);
  });
  CHECK(wait_for(child) == 0);
  CHECK(mark[32 * 1024] == 'x');  // ours is another
}

TEST_CASE("what was given back is there again") {
  const std::string before = "constants and heap";
  give_back_memory();
  CHECK(before == "constants and heap");
}

TEST_CASE("poll at rest is poll") {
  int ends[2] = {};
  REQUIRE(::pipe(ends) == 0);
  pollfd wait = {ends[0], POLLIN, 0};
  const auto begin = std::chrono::steady_clock::now();
  CHECK(poll_at_rest(&wait, 1, 30) == 0);
  CHECK(std::chrono::steady_clock::now() - begin >= std::chrono::milliseconds(30));
  REQUIRE(::write(ends[1], "x", 1) == 1);
  CHECK(poll_at_rest(&wait, 1, -1) == 1);
  CHECK((wait.revents & POLLIN) != 0);
  ::close(ends[0]);
  ::close(ends[1]);
  wait.revents = 0;
  CHECK(poll_at_rest(&wait, 1, 0) == 1);
  CHECK((wait.revents & POLLNVAL) != 0);
}
