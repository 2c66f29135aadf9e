#include <doctest/doctest.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launcher/harness/native_child.h"
#include "launcher/sys/file.h"

using harness::Attempt;
using harness::try_in_child;

namespace {

constexpr int kSoon = 30000;  // for what ends by itself

std::string tried(Attempt (*act)(), int patience_ms = kSoon) { return try_in_child(act, patience_ms); }

}  // namespace

TEST_CASE("an act ends with its own word, an earlier step's errno, or a signal") {
  CHECK(tried([]() -> Attempt { return std::string("ok"); }) == "ok");
  CHECK(tried([]() -> Attempt { return harness::word_of(::close(-1)); }) == "EBADF");
  CHECK(tried([]() -> Attempt { return base::Error{"dup2", {}, EBADF, {}}; }) == "EBADF at dup2");
  CHECK(tried([]() -> Attempt { ::raise(SIGSYS); return std::string("ok"); }) == "SIGSYS");
  CHECK(tried([]() -> Attempt { ::raise(SIGKILL); return std::string("ok"); }) == "SIGKILL");
}

TEST_CASE("a word that was said counts, whatever becomes of the process afterwards") {
  // the memory that the word is written in is shared, so that a crash of what an act left behind does not hide it
  CHECK(tried([]() -> Attempt { return std::string(500, 'x'); }) == std::string(239, 'x'));
}

TEST_CASE("an act that blocks is ended, with all that it started") {
  CHECK(tried([]() -> Attempt {
          ::signal(SIGTERM, SIG_IGN);
          if (::fork() == 0)
            for (;;) ::pause();
          for (;;) ::pause();
        },
              200) == "no answer in 0 s");
  CHECK(::waitpid(-1, nullptr, WNOHANG) == -1);
  CHECK(errno == ECHILD);
}

TEST_CASE("a program that was started is told from an act that came back") {
  const auto starts = [](const char* path) {
    return harness::try_exec([path] { ::execl(path, path, nullptr); });
  };
  const auto ran = starts("/proc/self/exe/none");
  REQUIRE(ran.ok());
  CHECK(ran.value() == "ENOTDIR");
  CHECK(starts("/bin/true").value() == "ran");
}

TEST_CASE("an act has no stream of ours") {
  CHECK(tried([]() -> Attempt { return std::string(::isatty(1) || ::lseek(1, 0, SEEK_CUR) != 0 ? "ours" : "null"); }) == "null");
}
