#include "launcher/supervise/lifecycle.h"

#include <doctest/doctest.h>
#include <signal.h>

#include <functional>

using namespace launcher;

namespace {

using Stage = Lifecycle::Stage;
const Instant kStart;
Instant at(int ms) { return kStart + Milliseconds(ms); }

std::string in_short(const Acts& acts) {
  std::string text;
  for (const Act& act : acts) {
    if (!text.empty()) text += ", ";
    switch (act.kind) {
      case Act::Kind::signal_fpm:
        text += "signal " + std::to_string(act.signal);
        break;
      case Act::Kind::tell_ready:
        text += "ready";
        break;
      case Act::Kind::tell_stopping:
        text += "stopping";
        break;
      case Act::Kind::say:
        text += "say \"" + act.text + "\"";
        break;
    }
  }
  return text;
}

Lifecycle fresh() { return Lifecycle({Milliseconds(3000), Milliseconds(2000)}, kStart); }

}  // namespace

TEST_CASE("an ordinary life") {
  Lifecycle life = fresh();
  CHECK(life.due() == at(3000));
  CHECK(in_short(life.tick("", at(100))) == "");
  CHECK(in_short(life.answered()) == "ready");
  CHECK(in_short(life.answered()) == "");
  CHECK_FALSE(life.due());
  CHECK(in_short(life.tick("", at(9000))) == "");
  CHECK(in_short(life.signal(SIGUSR1, at(9000))) == "signal 10");
  CHECK(in_short(life.signal(SIGPIPE, at(9000))) == "");
  CHECK(in_short(life.signal(SIGTERM, at(9000))) == "stopping, signal 3");
  CHECK(in_short(life.ended({false, 0})) == "");
  CHECK(life.exit_code({false, 0}) == 0);
}

TEST_CASE("each of these signals stops gracefully") {
  for (int number : {SIGTERM, SIGINT, SIGQUIT, SIGHUP}) {
    CAPTURE(number);
    Lifecycle life = fresh();
    CHECK(in_short(life.signal(number, at(1))) == "stopping, signal 3");
    CHECK(life.stage() == Stage::stopping);
  }
}

TEST_CASE("a stop is repeated, then enforced") {
  Lifecycle life = fresh();
  life.answered();
  life.signal(SIGTERM, at(1000));
  CHECK(life.due() == at(1500));
  CHECK(in_short(life.tick("", at(1499))) == "");
  CHECK(in_short(life.tick("", at(1500))) == "signal 3");
  CHECK(in_short(life.tick("", at(1600))) == "");
  CHECK(in_short(life.tick("", at(3000))) ==
        "say \"requests did not finish within stop_timeout (2s): the box is killed\", signal 9");
  CHECK(in_short(life.tick("", at(9000))) == "");
  CHECK(in_short(life.signal(SIGTERM, at(9000))) == "");
  CHECK(life.exit_code({true, 9}) == 137);
}

TEST_CASE("a second stop kills") {
  Lifecycle life = fresh();
  life.signal(SIGINT, at(0));
  CHECK(in_short(life.signal(SIGINT, at(10))) == "say \"stopped a second time: the box is killed\", signal 9");
  CHECK(life.exit_code({true, 9}) == 137);
}

TEST_CASE("a pool that does not answer") {
  Lifecycle life = fresh();
  CHECK(in_short(life.tick("no answer yet", at(3000))) ==
        "say \"no answer to a ping within start_timeout (3s): no answer yet\", signal 9");
  CHECK(life.gave_up());
  CHECK(in_short(life.ended({true, 9})) == "");
  CHECK(life.exit_code({true, 9}) == 71);
}

TEST_CASE("workers that cannot start") {
  Lifecycle starting = fresh();
  CHECK(in_short(starting.give_up("hopeless", at(5))) == "say \"hopeless\", signal 9");
  CHECK(starting.exit_code({true, 9}) == 71);
  Lifecycle serving = fresh();
  serving.answered();
  CHECK(in_short(serving.give_up("hopeless", at(5))) == "say \"hopeless\", stopping, signal 3");
  CHECK(in_short(serving.give_up("hopeless", at(5))) == "");
  CHECK(serving.exit_code({false, 0}) == 71);
}

TEST_CASE("FPM's own end passes its code on") {
  const struct {
    bool answered;
    FpmEnd end;
    int code;
    std::string said;
  } rows[] = {
      {false, {false, 78}, 78, "say \"php-fpm ended with code 78 before it answered\""},
      {true, {false, 0}, 1, "say \"php-fpm ended with code 0, which nobody asked for\""},
      {true,
       {true, SIGSEGV},
       139,
       "say \"php-fpm was killed by signal 11 (Segmentation fault), which nobody asked for\""},
  };
  for (const auto& row : rows) {
    CAPTURE(row.code);
    Lifecycle life = fresh();
    if (row.answered) life.answered();
    CHECK(in_short(life.ended(row.end)) == row.said);
    CHECK(life.exit_code(row.end) == row.code);
  }
}
