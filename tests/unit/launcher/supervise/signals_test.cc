#include "launcher/supervise/signals.h"

#include <doctest/doctest.h>
#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/unit/launcher/supervise/in_child.h"

using namespace launcher;

TEST_CASE("blocked signals wait in the descriptor") {
  CHECK(in_child([] {
          if (!block_signals()) return 1;
          ::raise(SIGTERM);
          auto signals = open_signals();
          if (!signals) return 2;
          ::raise(SIGUSR1);
          const auto seen = read_signals(signals.value().get());
          if (seen.size() != 2) return 3;
          return read_signals(signals.value().get()).empty() ? 0 : 4;
        }) == 0);
}

TEST_CASE("under nohup the terminal's end is not seen") {
  CHECK(in_child([] {
          ::signal(SIGHUP, SIG_IGN);
          if (!block_signals()) return 1;
          auto signals = open_signals();
          ::raise(SIGHUP);
          return read_signals(signals.value().get()).empty() ? 0 : 2;
        }) == 0);
}

TEST_CASE("a file that may not grow ends a write, and not the launcher") {
  const auto write_past_the_limit = [](bool blocked) {
    if (blocked && !block_signals()) return 1;
    const int file = ::memfd_create("log", MFD_CLOEXEC);
    const rlimit none = {0, 0};
    if (::setrlimit(RLIMIT_FSIZE, &none) != 0) return 2;
    return ::write(file, "x", 1) < 0 && errno == EFBIG ? 0 : 3;
  };
  CHECK_EQ(in_child([&] { return write_past_the_limit(true); }), 0);
  CHECK_EQ(in_child([&] { return write_past_the_limit(false); }), 128 + SIGXFSZ);
}
