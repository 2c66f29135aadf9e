// What is said of mutants: noticed by an act, by the posture alone, by nobody.
#include "launcher/harness/mutation.h"

#include <doctest/doctest.h>
#include <sched.h>

#include "launcher/enforce/filter.h"
#include "tests/support/planned.h"

using namespace harness;
using launcher::Plan;

namespace {

MutantResult result(const std::string& name) { return {.name = name, .acts = {}, .beside = {}, .rows = {}, .harm = {}, .error = {}}; }

bool has(const std::string& text, const std::string& what) { return text.find(what) != std::string::npos; }

}  // namespace

TEST_CASE("only mutants that are noticed or explained pass, and none at all is no pass") {
  MutantResult noticed = result("syscall:@debug");
  noticed.rows = {"filter"};
  CHECK(passes(std::vector<MutantResult>{noticed}));
  CHECK_FALSE(passes(std::vector<MutantResult>{noticed, result("syscall:@nobody-knows")}));
  MutantResult untried = noticed;
  untried.error = "no box";
  CHECK_FALSE(passes(std::vector<MutantResult>{untried}));
  CHECK(passes(std::vector<MutantResult>{result("landlock:/srv/shop/cache:execute:unaimed")}));  // explained
  CHECK_FALSE(passes(std::vector<MutantResult>{result("landlock:/tmp:execute")}));
  CHECK_FALSE(passes(std::vector<MutantResult>()));
}

TEST_CASE("the table says who noticed") {
  MutantResult by_act = result("syscall:@debug"), by_posture = result("argument:clone:0"), thought = result("syscall:@clock"), survivor = result("syscall:@nobody-knows");
  by_act.acts = {"kernel/ptrace: EPERM -> ok", "kernel/b: EPERM -> ok", "kernel/c: EPERM -> ok"};
  by_posture.rows = thought.rows = {"filter"};
  thought.harm = "it harms";
  const std::string table = mutation_table({by_act, by_posture, thought, survivor});
  CHECK(has(table, "act kernel/ptrace: EPERM -> ok, kernel/b: EPERM -> ok and 1 more\n"));
  CHECK(has(table, "posture filter (posture alone)\n"));
  CHECK(has(table, "posture filter (worked out, no box: it harms)\n"));
  CHECK(has(table, "SURVIVED, and nobody knows why"));
  CHECK(has(table, "4 mutants: 1 noticed by acts, 1 by the posture alone, 1 worked out, 0 survived and explained, 1 SURVIVED, 0 not tried\n"));
}

TEST_CASE("what a box with another filter would show is worked out of it") {
  const Plan whole = test::shop();
  Running running;
  running.namespaces["mnt"] = 1;
  running.own_namespaces["mnt"] = 2;
  Plan mutated = whole;
  mutated.filter.rules.pop_back();
  const auto other = predicted(running, mutated);
  REQUIRE(other.ok());
  CHECK_NE(other.value().filter->size(), launcher::compile_filter(whole.filter).value().size());
  CHECK_EQ(other.value().namespaces.at("mnt"), 1);
  mutated.namespaces &= ~static_cast<std::uint64_t>(CLONE_NEWNS);
  CHECK_EQ(predicted(running, mutated).value().namespaces.at("mnt"), 2);
  running.namespaces["pid"] = 3;
  running.own_namespaces["pid"] = 4;
  CHECK_EQ(predicted(running, mutated).value().namespaces.at("pid"), 3);
  mutated.namespaces &= ~static_cast<std::uint64_t>(CLONE_NEWPID);
  CHECK_EQ(predicted(running, mutated).value().namespaces.at("pid"), 4);
}

TEST_CASE("mutants are chosen by the beginnings of their names") {
  const auto mutant = [](const char* name) { return Mutant{name, {}, {}, {}, {}}; };
  const std::vector<Mutant> all = {mutant("mount:/tmp:no_exec"), mutant("mount:/srv:read_only"), mutant("umask")};
  CHECK_EQ(chosen(all, {}).size(), 3);
  CHECK_EQ(chosen(all, {"mount:/tmp", "umask"}).size(), 2);
  CHECK_EQ(chosen(all, {"rlimit"}).size(), 0);
}
