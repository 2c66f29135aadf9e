#include "launcher/boxes/kept_log.h"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#include <algorithm>

#include "launcher/boxes/log_reader.h"
#include "launcher/sys/file.h"
#include "profiles/base/text.h"
#include "tests/support/scratch.h"
#include "tests/unit/launcher/supervise/in_child.h"

using namespace launcher;

namespace {

struct Place {
  Scratch scratch;
  sys::Fd directory = sys::open(scratch.root(), O_RDONLY | O_DIRECTORY).value();
  KeptLog log() const { return KeptLog::open(directory.get()).value(); }
  LogReader reader() const { return LogReader::open(directory.get()).value(); }
};

// Without the times.
std::vector<std::string> texts(const std::string& lines) {
  std::vector<std::string> out;
  for (const std::string& line : base::split(lines, '\n'))
    if (!line.empty()) out.push_back(line.substr(line.find(' ') + 1));
  return out;
}

}  // namespace

TEST_CASE("times are RFC 3339 in UTC") {
  using namespace std::chrono;
  CHECK(time_text(WallTime(microseconds(0))) == "1970-01-01T00:00:00.000000Z");
  CHECK(time_text(WallTime(seconds(1709210096) + microseconds(7))) == "2024-02-29T12:34:56.000007Z");
  CHECK(log_line(WallTime(), "a\nb\x1b[m") == "1970-01-01T00:00:00.000000Z a\\x0ab\\x1b[m\n");
}

TEST_CASE("headers") {
  CHECK(log_header(17).size() == kLogHeaderLength);
  for (const std::uint64_t number : {1ULL, 17ULL, ~0ULL}) CHECK(read_log_header(log_header(number) + "more") == number);
  for (const std::string text : {"", "fpmbox-log", "fpmbox-log 0000000000000000001x\n", "fpmbox-log 00000000000000000000\n"}) CHECK_FALSE(read_log_header(text));
}

TEST_CASE("lines are read as they were written, also by who comes later, and those of the next launcher follow") {
  Place place;
  KeptLog log = place.log();
  LogReader reader = place.reader();
  CHECK(reader.more().empty());
  log.line("one");
  log.line("two");
  CHECK(texts(reader.more()) == std::vector<std::string>{"one", "two"});
  log = place.log();
  log.line("three");
  CHECK(texts(reader.more()) == std::vector<std::string>{"three"});
  CHECK(texts(place.reader().more()) == std::vector<std::string>{"one", "two", "three"});
}

TEST_CASE("the files turn over within their bounds, and a reader that keeps up misses nothing") {
  Place place;
  KeptLog log = place.log();
  LogReader reader = place.reader();
  std::size_t read = 0;
  for (int i = 0; i < 4000; ++i) {
    log.line(std::string(900, 'x') + " " + std::to_string(i));
    if (i % 100 != 0) continue;
    for (const std::string& text : texts(reader.more())) CHECK(text.ends_with(" " + std::to_string(read++)));
  }
  CHECK(read == 3901);
  for (const char* name : kLogFiles.names) CHECK(sys::status_at(place.directory.get(), name).value().st_size <= static_cast<off_t>(kLogFileLimit));
  const auto kept = texts(place.reader().more());
  CHECK(kept.back().ends_with(" 3999"));
  CHECK(kept.size() > 500);
}

TEST_CASE("a reader that does not keep up is told so") {
  Place place;
  KeptLog log = place.log();
  LogReader reader = place.reader();
  log.line("first");
  reader.more();
  for (int i = 0; i < 4000; ++i) log.line(std::string(900, 'x'));
  CHECK(reader.more().starts_with("fpmbox: lines are missing here"));
}

TEST_CASE("a look ends, whatever a launcher that was taken over writes") {
  Place place;
  const KeptLog log = place.log();
  const auto write = [&](std::size_t file, std::uint64_t number) {
    const sys::Fd opened = sys::open_at(place.directory.get(), kLogFiles.names[file], O_WRONLY).value();
    return sys::write_all(opened.get(), log_header(number) + "line\n").ok();
  };
  LogReader reader = place.reader();
  REQUIRE(write(0, ~0ULL));  // behind the last number comes that of an empty file
  CHECK_LT(reader.more().size(), 4096);
  const pid_t turns = start_child([&] {
    for (std::uint64_t number = 1;; number += 2)
      if (!write(0, number) || !write(1, number + 1)) return 1;
  });
  std::size_t most = 0;
  for (int i = 0; i < 200; ++i) most = std::max(most, reader.more().size());
  CHECK_LT(most, 4096);
  ::kill(turns, SIGKILL);
  wait_for(turns);
}

TEST_CASE("lines are shown, not obeyed, and as they were written where the launcher wrote them") {
  CHECK(shown("a\x1b[2J\nb\n") == "a\\x1b[2J\nb\n");
  CHECK(shown("half") == "half\n");
  CHECK(shown("").empty());
  const std::string written = log_line(WallTime(), "a\nb\x1b[m \\x1b");
  CHECK(shown(written) == written);
}

TEST_CASE("what cannot be written is counted, and half a line is taken back") {
  Place place;
  const int code = in_child([&] {
    ::signal(SIGXFSZ, SIG_IGN);
    KeptLog log = place.log();
    log.line("before");
    const rlimit tight = {200, RLIM_INFINITY};
    const rlimit wide = {RLIM_INFINITY, RLIM_INFINITY};
    ::setrlimit(RLIMIT_FSIZE, &tight);
    for (int i = 0; i < 3; ++i) log.line(std::string(300, 'y'));
    if (log.lost() != 3) return 1;
    ::setrlimit(RLIMIT_FSIZE, &wide);
    log.line("after");
    return log.lost() == 0 ? 0 : 2;
  });
  CHECK(code == 0);
  CHECK(texts(place.reader().more()) == std::vector<std::string>{"before", "fpmbox: 3 lines were lost, because this log could not be written", "after"});
}

TEST_CASE("a line that a killed launcher left unfinished does not swallow the next") {
  Place place;
  place.log().line("one");
  const sys::Fd file = sys::open_at(place.directory.get(), kLogFiles.names[0], O_WRONLY | O_APPEND).value();
  REQUIRE(sys::write_all(file.get(), "half").ok());
  CHECK(texts(place.reader().more()) == std::vector<std::string>{"one"});
  place.log().line("two");
  CHECK(texts(place.reader().more()) == std::vector<std::string>{"one", "half", "two"});
}

TEST_CASE("files that others put there are not written to") {
  Place place;
  REQUIRE(sys::symlink_at("/etc/hostname", place.directory.get(), kLogFiles.names[0]).ok());
  CHECK_FALSE(KeptLog::open(place.directory.get()).ok());
}

TEST_CASE("a log without a file keeps nothing") {
  KeptLog log;
  log.line("one");
  CHECK(log.lost() == 0);
}

TEST_CASE("the last lines of a text") {
  const struct {
    const char* text;
    std::size_t count;
    const char* last;
  } rows[] = {{"a\nb\nc\n", 1, "c\n"}, {"a\nb\nc\n", 2, "b\nc\n"}, {"a\nb\nc\n", 9, "a\nb\nc\n"}, {"a\n", 0, ""}, {"", 3, ""}, {"\n\n", 1, "\n"}};
  for (const auto& row : rows) CHECK(last_lines(row.text, row.count) == row.last);
}

TEST_CASE("denials are kept beside the log, for root alone, each line as it is") {
  Place place;
  auto kept = KeptLog::open(place.directory.get(), kDenialFiles).value();
  kept.line("{\"pool\": \"wiki\"}");
  const auto info = sys::status_at(place.directory.get(), "denials.0").value();
  CHECK_EQ(info.st_mode & 0777, 0600u);
  auto reader = LogReader::open(place.directory.get(), kDenialFiles).value();
  CHECK_EQ(reader.more(), "{\"pool\": \"wiki\"}\n");
}

TEST_CASE("what was kept for a month is forgotten by the next launcher") {
  Place place;
  place.log().line("old");
  const timespec old[2] = {{::time(nullptr) - 31 * 24 * 3600, 0}, {::time(nullptr) - 31 * 24 * 3600, 0}};
  for (const char* name : kLogFiles.names) REQUIRE_EQ(::utimensat(place.directory.get(), name, old, 0), 0);
  place.log().line("new");
  CHECK(texts(place.reader().more()) == std::vector<std::string>{"new"});
}

TEST_CASE("files that are claimed one by one are written by one launcher each, the first that is free, and are free again when it has gone") {
  Place place;
  const auto open_one = [&place] { return KeptLog::open_first(place.directory.get(), kCommandDenialFiles); };
  const auto lines_of = [&place](const LogFiles& files) { return LogReader::open(place.directory.get(), files).value().more(); };
  std::optional<KeptLog> first = open_one().value();
  KeptLog second = open_one().value(), third = open_one().value(), fourth = open_one().value();
  first->line("of the first");
  second.line("of the second");
  const auto none = open_one();
  REQUIRE_FALSE(none.ok());
  CHECK_EQ(none.error().code, EWOULDBLOCK);
  first.reset();
  KeptLog again = open_one().value();
  again.line("of the next");
  CHECK_EQ(lines_of(kCommandDenialFiles[0]), "of the first\nof the next\n");
  CHECK_EQ(lines_of(kCommandDenialFiles[1]), "of the second\n");
}
