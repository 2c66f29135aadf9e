#include "launcher/boxes/state.h"

#include <doctest/doctest.h>
#include <sys/mman.h>
#include <unistd.h>

#include "launcher/sys/file.h"

using namespace launcher;

TEST_CASE("one word over another") {
  const sys::Fd file(::memfd_create("state", MFD_CLOEXEC));
  for (const BoxState state : {BoxState::stopping, BoxState::running, BoxState::starting}) {
    REQUIRE(write_state(file.get(), state).ok());
    ::lseek(file.get(), 0, SEEK_SET);
    CHECK(read_state(sys::read_all(file.get(), 100).value()) == state);
  }
}

TEST_CASE("other words are none") {
  for (const char* text : {"", "running", "running \n\n", "runnning\n", "running x", "        \n"}) CHECK_FALSE(read_state(text));
}
