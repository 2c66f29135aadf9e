#include "launcher/learn/recording_plan.h"

#include <doctest/doctest.h>
#include <errno.h>
#include <sched.h>
#include <seccomp.h>

#include <algorithm>
#include <cstdlib>

#include "launcher/enforce/filter.h"
#include "launcher/learn/recorder.h"
#include "profiles/kernel/syscall_names.h"
#include "tests/support/evaluate.h"
#include "tests/support/golden.h"
#include "tests/support/invented.h"

using launcher::Answer;
using launcher::FilterRule;
using launcher::MountOp;
using launcher::Plan;
using launcher::Refusal;

namespace {

Plan recording(const std::string& yaml, launcher::HostFacts facts = test::good_host()) {
  base::Diagnostics diagnostics;
  const auto composed = test::pool(yaml, diagnostics);
  REQUIRE_EQ(test::text_of(diagnostics), "");
  return launcher::recording_plan({composed.policy, composed.origins, facts, {}});
}

const MountOp* at(const Plan& plan, const std::string& target) {
  for (const MountOp& op : plan.mounts)
    if (op.target == target) return &op;
  return nullptr;
}

std::uint32_t answer(const std::vector<sock_filter>& program, const char* name, std::uint64_t first = 0, std::uint64_t second = 0) {
  seccomp_data data = {};
  data.arch = seccomp_arch_native();
  data.nr = profiles::syscall_number(name).value_or(-1);
  data.args[0] = first;
  data.args[1] = second;
  return test::evaluate(program, data);
}

}  // namespace

TEST_CASE("golden: the recording box of a shop") {
  const std::string text = launcher::print(recording(test::kShop));
  test::check_golden("learn/recording-plan.txt", text);
}

TEST_CASE("nothing that the box writes reaches the host") {
  launcher::HostFacts facts = test::good_host();
  facts.paths["/var/lib/shop"] = test::folder("/var/lib/shop");
  facts.paths["/var/lib/shop/data"] = test::folder("/var/lib/shop/data", 1007);
  facts.paths["/var/lib/shop/config.php"] = test::file("/var/lib/shop/config.php", 1007);
  const std::string apart = "extends: php-fpm\nidentity: {user: www-shop}\nlisten: {group: www-data}\n"
                            "filesystem: {code: /srv/shop/www, data: /var/lib/shop, writable: [data, config.php]}\n";
  for (const std::string& yaml : {test::kShop, apart}) {
    const Plan plan = recording(yaml, facts);
    for (const MountOp& op : plan.mounts) {
      CAPTURE(op.target);
      if (op.kind == MountOp::Kind::bind) CHECK(op.read_only);
    }
    REQUIRE(at(plan, "/srv/shop/www-1.4") != nullptr);
    CHECK(at(plan, "/srv/shop/www-1.4")->kind == MountOp::Kind::overlay);
    CHECK(at(plan, "/srv/shop/www-1.4")->handed_over);
    CHECK(at(plan, "/var/lib/fpmbox/sessions")->kind == MountOp::Kind::overlay);
    CHECK_FALSE(plan.scratch.empty());
  }
  const Plan plan = recording(apart, facts);
  REQUIRE(at(plan, "/srv/shop/www-1.4/data") != nullptr);
  CHECK(at(plan, "/srv/shop/www-1.4/data")->kind == MountOp::Kind::overlay);
  CHECK_FALSE(at(plan, "/srv/shop/www-1.4/data")->handed_over);
  CHECK(at(plan, "/srv/shop/www-1.4/config.php")->kind == MountOp::Kind::copy);
  CHECK(at(recording(test::kShop), "/srv/shop/www-1.4/data") == nullptr);  // in the overlay of the code
}

TEST_CASE("what a recording box has that no other has, and what it keeps") {
  const Plan plan = recording(test::kShop);
  CHECK_EQ(plan.namespaces & CLONE_NEWNET, 0);
  CHECK_NE(plan.namespaces & CLONE_NEWPID, 0);
  CHECK_EQ(plan.landlock.abi, 0);
  CHECK_EQ(plan.uid, 1007);
  CHECK_FALSE(plan.cgroups.empty());
  CHECK(at(plan, "/run")->read_only);
  CHECK(plan.gaps.empty());
  const std::string& prelude = at(plan, "/etc/fpmbox/prelude.php")->content;
  CHECK_NE(prelude.find("/.fpmbox-request"), std::string::npos);
  CHECK_EQ(prelude.find("getmyuid"), std::string::npos);  // in the overlay all code is the pool's
  const std::string& ini = at(plan, "/etc/fpmbox/php.ini")->content;
  CHECK_NE(ini.find("extension=gd"), std::string::npos);
  CHECK_EQ(at(plan, "/etc/fpmbox/php-fpm.conf")->content.find("shell_exec"), std::string::npos);

  launcher::HostFacts old = test::good_host();
  old.user_notification = false;
  const auto gaps = recording(test::kShop, old).gaps;
  CHECK(std::any_of(gaps.begin(), gaps.end(), [](const auto& gap) { return gap.layer == "recording" && gap.required; }));
}

TEST_CASE("the filter of a recording box asks where another refuses") {
  const Plan plan = recording(test::kShop);
  const auto compiled = launcher::compile_filter(plan.filter);
  REQUIRE_MESSAGE(compiled.ok(), toString(compiled));
  const auto& program = compiled.value();
  for (const char* name : {"read", "write", "futex", "exit_group", "sendmsg"}) CHECK_EQ(answer(program, name), SECCOMP_RET_ALLOW);
  for (const char* name : {"openat", "mkdir", "rename", "connect", "sendto", "execve", "ptrace", "mount", "shmget", "setpriority", "splice"}) {
    CAPTURE(name);
    CHECK_EQ(answer(program, name), SECCOMP_RET_USER_NOTIF);
  }
  CHECK_EQ(answer(program, "clone3"), SECCOMP_RET_ERRNO | ENOSYS);
  CHECK_EQ(answer(program, "ioctl", 0, 0x5401), SECCOMP_RET_ALLOW);        // TCGETS
  CHECK_EQ(answer(program, "ioctl", 0, 0x5412), SECCOMP_RET_USER_NOTIF);   // TIOCSTI
  CHECK_EQ(answer(program, "clone", CLONE_NEWUSER), SECCOMP_RET_USER_NOTIF);
  seccomp_data unknown = {};
  unknown.arch = seccomp_arch_native();
  unknown.nr = 2000;
  CHECK_EQ(test::evaluate(program, unknown), SECCOMP_RET_ERRNO | ENOSYS);
  unknown.arch ^= 1;
  CHECK_EQ(test::evaluate(program, unknown), SECCOMP_RET_KILL_PROCESS);
}

TEST_CASE("what is dangerous, or forbidden by its arguments, is refused; the rest is carried out") {
  const Plan plan = recording(test::kShop);
  struct Row {
    const char* name;
    Answer answer;
    Refusal refusal;
    bool is_beyond;
  };
  const Row rows[] = {
      {"openat", Answer::carry_out, Refusal::none, false},  {"mkdir", Answer::carry_out, Refusal::none, false},
      {"shmget", Answer::carry_out, Refusal::none, true},   {"splice", Answer::carry_out, Refusal::none, true},
      {"execve", Answer::refuse, Refusal::dangerous, true}, {"execveat", Answer::refuse, Refusal::dangerous, true},
      {"ptrace", Answer::refuse, Refusal::dangerous, true}, {"unshare", Answer::refuse, Refusal::dangerous, true},
      {"clone3", Answer::refuse, Refusal::dangerous, true}, {"ioctl", Answer::refuse, Refusal::argument, true},
      {"clone", Answer::refuse, Refusal::argument, true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const auto verdict = launcher::judge(plan.filter, profiles::syscall_number(row.name).value());
    CHECK(verdict.answer == row.answer);
    CHECK(verdict.refusal == row.refusal);
    CHECK_EQ(verdict.is_beyond, row.is_beyond);
  }
}

TEST_CASE("where a profile allows execve, its starts are seen all the same") {
  const Plan plan = recording(test::kShop + "syscalls: {allow: [{name: execve, why: a test}]}\n");
  const auto compiled = launcher::compile_filter(plan.filter);
  REQUIRE(compiled.ok());
  CHECK_EQ(answer(compiled.value(), "execve"), SECCOMP_RET_USER_NOTIF);
  const auto verdict = launcher::judge(plan.filter, profiles::syscall_number("execve").value());
  CHECK(verdict.answer == Answer::carry_out);
  CHECK_FALSE(verdict.is_beyond);
}

TEST_CASE("nothing that the base names dangerous is ever carried out") {
  const Plan plan = recording(test::kShop);
  int looked_at = 0;
  for (const FilterRule& rule : plan.filter.rules) {
    if (rule.action != FilterRule::Action::report && rule.action != FilterRule::Action::absent) continue;
    CAPTURE(rule.name);
    CHECK(launcher::judge(plan.filter, rule.number).answer == Answer::refuse);
    ++looked_at;
  }
  CHECK_GT(looked_at, 60);
}
