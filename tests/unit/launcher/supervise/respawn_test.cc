#include "launcher/supervise/respawn.h"

#include <doctest/doctest.h>

using namespace launcher;

namespace {
const std::string kHead = "[23-Nov-2026 22:47:29] WARNING: [pool www] child 13738 ";
std::string end_line(const std::string& how, const std::string& seconds) {
  return kHead + "exited " + how + " after " + seconds + " seconds from start";
}
}  // namespace

TEST_CASE("FPM's lines about a worker's end") {
  const struct {
    std::string line;
    std::optional<WorkerEnd> end;
  } rows[] = {
      {end_line("with code 70", "0.002409"), WorkerEnd{"with code 70", Milliseconds(2)}},
      {end_line("on signal 31 (SIGSYS)", "12.500000"), WorkerEnd{"on signal 31 (SIGSYS)", Milliseconds(12500)}},
      {"[23-Nov-2026 22:47:29] NOTICE: [pool www] child 1 exited with code 0 after 0.100000 seconds from start",
       WorkerEnd{"with code 0", Milliseconds(100)}},
      {"[23-Nov-2026 22:47:29] NOTICE: ready to handle connections", {}},
      {kHead + "said into stderr: \"child 3 exited with code 70 after 0.002409 seconds from start\"", {}},
      {kHead + "exited with code 70", {}},
      {kHead + "exited with code 70 after 0.1 seconds from start", {}},
      {kHead + "exited with code 70 after -1.000000 seconds from start", {}},
      {kHead + "exited with code 70 after 99999999999.000000 seconds from start", {}},
      {"exited with code 70 after 0.002409 seconds from start", {}},
      {"[", {}},
      {"[]] ] WARNING: [pool ] child  exited", {}},
      {"", {}},
  };
  for (const auto& row : rows) {
    CAPTURE(row.line);
    CHECK(parse_worker_end(row.line) == row.end);
  }
}

TEST_CASE("which ends of workers are hopeless") {
  const struct {
    const char* name;
    bool answered;
    std::string how;
    std::string seconds;
    int count;
    int interval_ms;
    bool hopeless;
  } rows[] = {
      {"initialisation fails", false, "with code 70", "0.002409", 10, 10, true},
      {"nine are not ten", false, "with code 70", "0.002409", 9, 10, false},
      {"too slow to be a loop", false, "with code 70", "0.002409", 100, 1200, false},
      {"forbidden call at start", false, "on signal 31 (SIGSYS)", "0.010000", 10, 10, true},
      {"crash at start", false, "on signal 11 (SIGSEGV)", "0.010000", 10, 10, true},
      {"a clean end before any answer: it could not accept", false, "with code 0", "0.010000", 10, 1, true},
      {"a clean end in service", true, "with code 0", "0.010000", 1000, 1, false},
      {"lived a second", false, "with code 70", "1.000000", 1000, 1, false},
      {"initialisation fails later", true, "with code 70", "0.002409", 10, 10, true},
      {"a visitor's crashing request", true, "on signal 11 (SIGSEGV)", "0.010000", 400, 50, false},
      {"every request crashes", true, "on signal 11 (SIGSEGV)", "0.010000", 500, 50, true},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    RespawnWatch watch;
    if (row.answered) watch.answered();
    std::optional<std::string> verdict;
    for (int i = 0; i < row.count && !verdict; ++i) {
      verdict = watch.see(end_line(row.how, row.seconds), Instant() + Milliseconds(i * row.interval_ms));
    }
    CHECK(verdict.has_value() == row.hopeless);
  }
}

TEST_CASE("the verdict quotes FPM and the worker, escaped") {
  RespawnWatch watch;
  std::optional<std::string> verdict;
  watch.see(kHead + "said into stderr: \"ERROR: failed to setuid(33)\x1b[2J\"", Instant());
  for (int i = 0; i < 10; ++i) verdict = watch.see(end_line("with code 70", "0.002409"), Instant());
  REQUIRE(verdict);
  CHECK(*verdict ==
        "workers die as soon as they start: 10 within 10 s, the last: " + end_line("with code 70", "0.002409") +
            "; a worker's last words: \"ERROR: failed to setuid(33)\\x1b[2J\"");
}
