#include "launcher/denials/denial.h"

#include <doctest/doctest.h>

#include <vector>

#include "launcher/denials/print.h"

using namespace launcher;

namespace {

Denial example() {
  Denial denial;
  denial.time = std::chrono::system_clock::time_point(std::chrono::microseconds(1790000000123456));
  denial.pool = "wiki";
  denial.generation = 4711;
  denial.pid = 4720;
  denial.kind = Denial::Kind::write;
  denial.act = "write /srv/wiki/cache/x";
  denial.script = "/srv/wiki/index.php";
  denial.decided_by = "filesystem.code (wiki.yaml:4:9)";
  denial.path = "cache/x";
  denial.permit = "filesystem: {writable: [cache/x]}";
  denial.note = "if it is not there yet, its folder: [cache]";
  return denial;
}

}  // namespace

TEST_CASE("a denial for people: who, what, where, who decided, and what would permit it") {
  CHECK_EQ(denial_line(example()),
           "wiki: denied: write /srv/wiki/cache/x in /srv/wiki/index.php (as the pool claims) (pid 4720); decided by filesystem.code (wiki.yaml:4:9); "
           "to permit it add filesystem: {writable: [cache/x]}; if it is not there yet, its folder: [cache]");
  Denial two = example();
  two.permit = "network: {mode: host}\nconnect: []";
  CHECK(denial_line(two).find("to permit it add network: {mode: host} and connect: []") != std::string::npos);
  two.count = 412;
  CHECK_EQ(more_times_line(two), "wiki: denied: write /srv/wiki/cache/x 412 more times");
  CHECK_EQ(denial_line({.pool = "wiki", .act = "bpf(1)"}), "wiki: denied: bpf(1)");
}

TEST_CASE("what is written as JSON is read as it was") {
  for (const auto kind : {Denial::Kind::system_call, Denial::Kind::write, Denial::Kind::absent, Denial::Kind::connect, Denial::Kind::extension,
                          Denial::Kind::function, Denial::Kind::limit, Denial::Kind::start}) {
    Denial denial = example();
    denial.kind = kind;
    const std::string text = write_denial(denial);
    CAPTURE(text);
    CHECK_EQ(text.find('\n'), std::string::npos);
    const auto read = read_denial(text);
    REQUIRE_MESSAGE(read.ok(), toString(read));
    CHECK(read.value() == denial);
  }
}

TEST_CASE("what is no denial is not read as one") {
  for (const char* text : {"", "{}", "[]", "12", "{\"pool\": 3}", "{\"time_us\": 1, \"pool\": \"a\"}"}) {
    CAPTURE(text);
    CHECK_FALSE(read_denial(text).ok());
  }
  std::string text = write_denial(example());
  CHECK_FALSE(read_denial(text.substr(0, text.size() / 2)).ok());
  text.replace(text.find("\"write\""), 7, "\"wrote\"");
  CHECK_FALSE(read_denial(text).ok());
}

TEST_CASE("no query string, no control character, and an end") {
  const struct {
    const char* text;
    const char* without;
  } rows[] = {
      {"write /a?b=c", "write /a?..."},
      {"open(/a?b=c) and http://d/e?f&g h", "open(/a?...) and http://d/e?... h"},
      {"what?", "what?..."},
      {"nothing", "nothing"},
      {"?", "?..."},
  };
  for (const auto& row : rows) CHECK_EQ(without_query(row.text), row.without);
  Denial denial = example();
  denial.act = "a\x1b[31m\nb" + std::string(10000, 'x');
  denial.script = "/s.php?password=1";
  denial.permit = "one\ntwo\tthree";
  denial = bounded(denial);
  CHECK(denial.act.starts_with("a\\x1b[31m\\x0ab"));
  CHECK_LT(denial.act.size(), kLongestDenialText + 20);
  CHECK_EQ(denial.script, "/s.php?...");
  CHECK_EQ(denial.permit, "one\ntwo\\x09three");
}

TEST_CASE("many denials are paragraphs for people") {
  const Denial denial = example();
  const std::string text = denials_text(std::vector{denial});
  CHECK_EQ(text,
           "wiki  2026-09-21T14:13:20Z  /srv/wiki/index.php  write /srv/wiki/cache/x\n"
           "    decided by  filesystem.code (wiki.yaml:4:9)\n"
           "    to permit   filesystem: {writable: [cache/x]}\n"
           "                if it is not there yet, its folder: [cache]\n");
}
