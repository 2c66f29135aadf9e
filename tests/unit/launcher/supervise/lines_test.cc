#include "launcher/supervise/lines.h"

#include <doctest/doctest.h>

using namespace launcher;

namespace {
std::vector<std::string> split_whole(const std::vector<std::string>& pieces) {
  LineSplitter splitter;
  std::vector<std::string> lines;
  for (const auto& piece : pieces)
    for (auto& line : splitter.feed(piece)) lines.push_back(line);
  if (auto rest = splitter.finish()) lines.push_back("rest:" + *rest);
  return lines;
}
}  // namespace

TEST_CASE("bytes become lines, whatever the pieces") {
  const struct {
    std::vector<std::string> pieces;
    std::vector<std::string> lines;
  } rows[] = {
      {{""}, {}},           {{"a\nb\n"}, {"a", "b"}},   {{"a", "b\nc"}, {"ab", "rest:c"}},
      {{"\n\n"}, {"", ""}}, {{"a\n", "\n"}, {"a", ""}}, {{std::string("a\0b\n", 4)}, {std::string("a\0b", 3)}},
  };
  for (const auto& row : rows) CHECK(split_whole(row.pieces) == row.lines);
}

TEST_CASE("a long line is cut and says so") {
  const std::string kept(kLineLimit, 'x');
  CHECK(split_whole({kept + "\n"}) == std::vector<std::string>{kept});
  CHECK(split_whole({kept + "y\n"}) == std::vector<std::string>{kept + " [1 bytes dropped]"});
  CHECK(split_whole({kept, "yyy", "yy\nz\n"}) == std::vector<std::string>{kept + " [5 bytes dropped]", "z"});
  CHECK(split_whole({kept, "yyy"}) == std::vector<std::string>{"rest:" + kept + " [3 bytes dropped]"});
}

TEST_CASE("printed lines carry the pool's name and drive no terminal") {
  LineRation ration("www");
  const Instant now;
  CHECK(*ration.admit("[23-Nov-2026 22:14:00] NOTICE: ready", now) == "www: [23-Nov-2026 22:14:00] NOTICE: ready");
  const std::string hostile = *ration.admit("\x1b[2J\r\xff\xfe caf\xc3\xa9", now);
  for (char c : hostile) CHECK((static_cast<unsigned char>(c) >= 0x20 && c != 0x7f));
  CHECK(hostile.find("caf\xc3\xa9") != std::string::npos);
  CHECK(hostile.find('\xff') == std::string::npos);
}

TEST_CASE("a flood of lines is rationed and counted once a second") {
  LineRation ration("www");
  const Instant start;
  int admitted = 0;
  for (int i = 0; i < 1000; ++i) admitted += ration.admit("x", start).has_value();
  CHECK(admitted == 200);
  CHECK_FALSE(ration.report(start + Milliseconds(999)));
  CHECK(ration.report_due() == start + Milliseconds(1000));
  CHECK(*ration.report(start + Milliseconds(1000)) == "www: 800 lines dropped");
  CHECK_FALSE(ration.report_due());
  CHECK_FALSE(ration.report(start + Milliseconds(9000)));
  for (int i = 0; i < 1000; ++i) admitted += ration.admit("x", start + Milliseconds(1500)).has_value();
  CHECK(admitted == 350);
}

TEST_CASE("the last lines are the last five") {
  RecentLines recent;
  for (int i = 0; i < 8; ++i) recent.keep(std::to_string(i));
  CHECK(recent.all() == std::deque<std::string>{"3", "4", "5", "6", "7"});
}
