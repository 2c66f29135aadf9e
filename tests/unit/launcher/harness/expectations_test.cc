#include "launcher/harness/expectations.h"

#include <doctest/doctest.h>

using namespace harness;
using State = CheckResult::State;

TEST_CASE("what cannot be reached is what the kernel refuses, and not a probe that says something else") {
  struct Row {
    const char* word;
    State reached;      // answers: true
    State not_reached;  // answers: false
    const char* why;    // of the latter
  };
  const Row rows[] = {
      {"ok", State::held, State::failed, "it is reached"},
      {"ECONNREFUSED", State::failed, State::held, ""},
      {"ENOENT", State::failed, State::held, ""},
      {"EACCES", State::failed, State::held, ""},
      {"ENETUNREACH", State::failed, State::held, ""},
      {"EPERM at socket", State::failed, State::held, ""},  // the filter has no such sockets
      {"EAFNOSUPPORT at socket", State::failed, State::held, ""},
      {"EMFILE at socket", State::failed, State::failed, "whether it is reached is not known: EMFILE at socket"},
      {"EPERM at fork", State::failed, State::failed, "whether it is reached is not known: EPERM at fork"},
      {"EAGAIN at fork", State::failed, State::failed, "whether it is reached is not known: EAGAIN at fork"},
      {"EPROTOTYPE", State::failed, State::failed, "whether it is reached is not known: EPROTOTYPE"},  // it is there, and takes datagrams
      {"SIGSYS", State::failed, State::failed, "whether it is reached is not known: SIGSYS"},
      {"no answer in 5 s", State::failed, State::failed, "whether it is reached is not known: no answer in 5 s"},
      {"no address", State::failed, State::failed, "whether it is reached is not known: no address"},
      {"the process for native acts did not answer: ", State::failed, State::failed, "whether it is reached is not known: the process for native acts did not answer: "},
      {"", State::failed, State::failed, "whether it is reached is not known: "},
  };
  for (const Row& row : rows) {
    CAPTURE(row.word);
    CHECK(judge_connection({"127.0.0.1:1", true}, row.word).state == row.reached);
    const CheckResult refused = judge_connection({"127.0.0.1:1", false}, row.word);
    CHECK(refused.state == row.not_reached);
    CHECK_EQ(refused.reason, row.why);
  }
}
