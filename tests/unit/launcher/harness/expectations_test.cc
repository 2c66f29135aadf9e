#include "launcher/harness/expectations.h"

#include <doctest/doctest.h>

#include "tests/support/named_acts.h"

using namespace harness;
using State = CheckResult::State;
using test::act;
using test::expects;

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

TEST_CASE("a probe is asked for the very address and port") {
  struct Row {
    const char* to;
    const char* line;
  };
  const Row rows[] = {
      {"10.9.8.7:443", "expect/x\tprobe\tconnect_inet\tt:10.9.8.7\tn:443\tn:1"},
      {"[::1]:8080", "expect/x\tprobe\tconnect_inet6\tt:::1\tn:8080\tn:1"},
      {"/run/db.sock", "expect/x\tprobe\tconnect_unix\tt:/run/db.sock"},
  };
  for (const Row& row : rows) {
    std::string asked;
    const AskProbe probe = [&asked](const std::vector<std::string>& lines, int) -> base::Result<std::vector<std::string>> {
      asked = lines.front();
      return std::vector<std::string>{"expect/x\tok"};
    };
    CHECK_EQ(connect_word(probe, row.to), "ok");
    CHECK_EQ(asked, row.line);
  }
  CHECK_EQ(connect_word({}, "database:http"), "no address: ADDRESS:PORT, or the path of a socket");
}

TEST_CASE("where nobody answers outside the box, either, nothing is shown") {
  profiles::Expect expect;
  expect.connects = {{"10.0.0.1:80", false}, {"10.0.0.2:80", false}, {"10.0.0.3:80", true}};
  const auto says = [](const std::string& refused, const std::string& word) -> AskProbe {
    return [refused, word](const std::vector<std::string>& lines, int) -> base::Result<std::vector<std::string>> {
      const bool is_refused = refused.empty() || lines.front().find(refused) != std::string::npos;
      return std::vector<std::string>{"expect/x\t" + (is_refused ? word : std::string("ok"))};
    };
  };
  const auto checks = check_connections_beside(expect, says("10.0.0.2", "ENETUNREACH"), says("", "EPERM at socket"), "nobody is there");
  REQUIRE_EQ(checks.size(), 3);
  CHECK(checks[0].state == State::held);
  CHECK(checks[1].state == State::skipped);
  CHECK_EQ(checks[1].reason, "nobody is there: outside the box it ends with ENETUNREACH");
  CHECK(checks[2].state == State::failed);
}

TEST_CASE("an act shows something where its control succeeds, and is skipped with the reason where it does not") {
  struct Row {
    Verdict verdict;
    const char* reason;
    State denied;
    const char* says;
  };
  const Row rows[] = {
      {Verdict::stopped, "", State::held, ""},
      {Verdict::leaked, "", State::failed, "LEAKED"},
      {Verdict::accepted, "gap tmp: of any size", State::failed, "gap tmp"},
      {Verdict::otherwise, "", State::failed, "otherwise"},
      {Verdict::otherwise, "the engine's filter answers before ours", State::held, ""},  // in other words, which are known
      {Verdict::broken_control, "", State::skipped, "it does not succeed outside the box here, either: outcome outside"},
      {Verdict::not_shown, "there is no /sys", State::skipped, "there is no /sys"},
      {Verdict::does_not_apply, "the box has no /proc there: gap proc", State::skipped, "gap proc"},
  };
  Act tried = act("exec/memfd");
  tried.inside = {"outcome inside"};
  for (const Row& row : rows) {
    CAPTURE(std::string(word_of(row.verdict)));
    std::vector<ActResult> results = {{&tried, row.verdict, "outcome inside", "outcome outside", row.reason}};
    const auto checks = check_acts_there(expects({"exec/memfd"}), results);
    REQUIRE_EQ(checks.size(), 1);
    CHECK(checks[0].state == row.denied);
    CHECK_NE(checks[0].reason.find(row.says), std::string::npos);
  }
}

TEST_CASE("a control that did not come up, or an answer that nobody knows, is no property of this machine") {
  Act tried = act("exec/memfd");
  tried.inside = {"EPERM"};
  for (const auto& [inside, control_ran] : {std::pair{"EPERM", false}, std::pair{"no answer", true}}) {
    ActResult result{&tried, Verdict::broken_control, inside, "nobody answers", {}};
    result.control_ran = control_ran;
    std::vector<ActResult> results = {result};
    const auto checks = check_acts_there(expects({"exec/memfd"}, {"exec/memfd"}), results);
    REQUIRE_EQ(checks.size(), 2);
    CHECK(checks[0].state == State::failed);
    CHECK_EQ(checks[0].reason, std::string("broken control: in the box ") + inside + ", outside nobody answers");
    CHECK(checks[1].state == State::failed);
  }
}

TEST_CASE("an act that nobody knows is no expectation") {
  const std::vector<Act> acts = {act("exec/memfd"), act("exec/spawn")};
  CHECK(check_names(expects({"exec/memfd"}, {"exec/spawn"}), acts).ok());
  CHECK_EQ(check_names(expects({"exec/memfdd"}), acts).error().text(), "expect: there is no act `exec/memfdd`; did you mean `exec/memfd`?");
  CHECK_EQ(check_names(expects({}, {"kernel/other"}), acts).error().text(), "expect: there is no act `kernel/other`; `fpmbox test --list` names them");
}

TEST_CASE("what is allowed has to succeed, and what was not tried is skipped") {
  const Act one = act("exec/memfd"), two = act("exec/spawn");
  std::vector<ActResult> results = {{&one, Verdict::leaked, "ok", "ok", {}}, {&two, Verdict::stopped, "EPERM", "ok", {}}};
  const auto checks = check_acts_there(expects({"resources/files"}, {"exec/memfd", "exec/spawn"}), results, {{"resources/files", "it takes limits"}});
  REQUIRE_EQ(checks.size(), 3);
  CHECK(checks[0].state == State::skipped);
  CHECK_EQ(checks[0].reason, "it takes limits");
  CHECK(checks[1].state == State::held);
  CHECK(results[0].verdict == Verdict::accepted);
  CHECK(checks[2].state == State::failed);
}
