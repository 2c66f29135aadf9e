#include "launcher/facts/ask_program.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <chrono>

using namespace launcher;

TEST_CASE("a program's answer") {
  CHECK(ask_program({.program = "/bin/echo", .arguments = {"a", "b"}, .as = {}}).value() == "a b\n");
  CHECK(ask_program({.program = "/usr/bin/env", .arguments = {}, .as = {}}).value().empty());  // no environment
  CHECK(ask_program({.program = "/bin/cat", .arguments = {}, .as = {}}).value().empty());      // stdin is /dev/null
}

TEST_CASE("programs that do not answer") {
  CHECK_FALSE(ask_program({.program = "/nonexistent", .arguments = {}, .as = {}}).ok());
  CHECK_FALSE(ask_program({.program = "/bin/false", .arguments = {}, .as = {}}).ok());
  CHECK_FALSE(ask_program({.program = "/usr/bin/yes", .arguments = {}, .as = {}, .longest_answer = 4096}).ok());
  const auto start = std::chrono::steady_clock::now();
  CHECK_FALSE(ask_program({.program = "/bin/sleep", .arguments = {"30"}, .as = {}, .deadline_ms = 50}).ok());
  // one that closes its output and stays
  CHECK_FALSE(
      ask_program({.program = "/bin/sh", .arguments = {"-c", "exec >&-; sleep 30"}, .as = {}, .deadline_ms = 50}).ok());
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(25));
}

TEST_CASE("root asks as somebody else, with nothing open") {
  if (::geteuid() != 0) return;
  const Question::Ids nobody{65534, 65534};
  const auto ask = [&](std::vector<std::string> words) {
    return ask_program({.program = "/bin/sh", .arguments = std::move(words), .as = nobody}).value();
  };
  CHECK(ask({"-c", "id -u; id -g; id -G"}) == "65534\n65534\n65534\n");
  CHECK(ask({"-c", "grep NoNewPrivs /proc/self/status"}) == "NoNewPrivs:\t1\n");
  const int leaked = ::fcntl(0, F_DUPFD, 100);  // not O_CLOEXEC
  CHECK(ask({"-c", "test -e /proc/$$/fd/" + std::to_string(leaked) + " && echo leaked; true"}).empty());
  ::close(leaked);
}
