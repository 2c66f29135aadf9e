#include "launcher/sys/own_memory.h"

#include <doctest/doctest.h>
#include <sys/mman.h>
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

TEST_CASE("what is forked while the heap stays here has none, and lives; ours is as it was") {
  if (kSanitized) {
    MESSAGE("skipped: a sanitizer has a heap of its own");
    return;
  }
  const std::unique_ptr<char[]> mark(new char[64 * 1024]);  // page after page of it
  std::fill_n(mark.get(), 64 * 1024, 'x');
  char* const inside = reinterpret_cast<char*>((reinterpret_cast<std::uintptr_t>(mark.get()) + 32 * 1024) & ~std::uintptr_t{4095});
  REQUIRE(lies_in(inside, own_heap()));
  const auto forked = [inside] {
    const pid_t child = ::fork();
    if (child != 0) return wait_for(child);
    errno = 0;
    const bool is_gone = ::madvise(inside, 4096, MADV_NORMAL) != 0 && errno == ENOMEM;
    ::_exit(is_gone ? 7 : *inside == 'x' ? 0 : 1);
  };
  {
    const HeapStaysHere heap;
    CHECK(forked() == 7);
  }
  CHECK(forked() == 0);
  CHECK(*inside == 'x');
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
