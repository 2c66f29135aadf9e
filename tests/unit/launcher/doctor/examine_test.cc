#include "launcher/doctor/examine.h"

#include <doctest/doctest.h>
#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "launcher/doctor/attempts.h"

using namespace launcher;

namespace {

Examination invented() {
  Examination out;
  out.around.release = "6.1.0";
  out.around.root = true;
  out.around.container = "docker\x1b";
  Finding good{.name = "mount namespace", .kind = Kind::namespaces};
  Finding bad{.name = "landlock", .kind = Kind::landlock, .why = "a second wall", .since = "5.13"};
  bad.outcome = {Outcome::Word::fails, 95, "landlock_create_ruleset: Operation not supported"};
  bad.cause = "switched off";
  bad.fix = "boot with it";
  Finding less = bad;
  less.name = "cgroup kill";
  less.needed = false;
  out.findings = {good, bad, less};
  return out;
}

}  // namespace

TEST_CASE("findings in words") {
  CHECK(print(invented()) ==
        "Linux 6.1.0, as root, in a container (docker\\x1b)\n"
        "  ok       mount namespace\n"
        "  MISSING  landlock         landlock_create_ruleset: Operation not supported\n"
        "           for    a second wall\n"
        "           cause  switched off\n"
        "           fix    boot with it\n"
        "  absent   cgroup kill      landlock_create_ruleset: Operation not supported\n"
        "           for    a second wall\n"
        "           cause  switched off\n"
        "           fix    boot with it\n"
        "A box cannot have every layer here; `fpmbox plan POOL` says what of it a pool lets go.\n");
}

TEST_CASE("complete is without what is needed missing or untried") {
  Examination found = invented();
  CHECK_FALSE(is_complete(found));
  found.findings[1].needed = false;
  CHECK(is_complete(found));
  found.findings[0].outcome.word = Outcome::Word::untried;
  CHECK_FALSE(is_complete(found));
}

TEST_CASE("findings for programs") {
  const auto json = nlohmann::json::parse(print_json(invented()));
  CHECK(json["complete"] == false);
  CHECK(json["findings"][1]["result"] == "MISSING");
  CHECK(json["findings"][1]["errno"] == 95);
  CHECK(json["findings"][1]["fix"] == "boot with it");
}

TEST_CASE("a try cannot harm us, and always has an outcome") {
  using Word = Outcome::Word;
  CHECK(try_in_child([] { return base::success(); }, false) == Outcome{});
  const Outcome refused = try_in_child([]() -> base::Status { return base::Error{"act", "subject", ENOSYS, {}}; }, false);
  CHECK(refused == Outcome{Word::fails, ENOSYS, "act(subject): Function not implemented"});
  CHECK(try_in_child([]() -> base::Status { ::_exit(3); }, false).word == Word::fails);
  CHECK(try_in_child([]() -> base::Status { return ::raise(SIGKILL), base::success(); }, false).word == Word::fails);
  CHECK(try_in_child([]() -> base::Status { return base::Error{std::string(5000, 'x'), {}, EPERM, {}}; }, false).detail.size() < 300);
}
