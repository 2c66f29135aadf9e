#include "launcher/supervise/signals.h"

#include <doctest/doctest.h>
#include <signal.h>

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
