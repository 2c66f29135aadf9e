#include "launcher/denials/refused_calls.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/socket.h>

#include <algorithm>
#include <vector>

#include "profiles/kernel/syscall_names.h"
#include "tests/unit/launcher/denials/shop.h"

using namespace launcher;

namespace {

seccomp_data call(const char* name, std::vector<std::uint64_t> arguments) {
  seccomp_data data = {};
  data.nr = profiles::syscall_number(name).value();
  std::copy(arguments.begin(), arguments.end(), data.args);
  return data;
}

const FilterRule& rule_of(const FilterPlan& filter, std::string_view name) {
  const auto at = std::find_if(filter.rules.begin(), filter.rules.end(), [&](const FilterRule& rule) { return rule.name == name; });
  REQUIRE_NE(at, filter.rules.end());
  return *at;
}

}  // namespace

TEST_CASE("who refused a call, and the smallest line that would permit it") {
  const test::Shop shop;
  struct Row {
    const char* name;
    std::vector<std::uint64_t> arguments;
    const char* decided_by;
    const char* permit;
    const char* note;
  };
  const Row rows[] = {
      {"ptrace", {0}, "syscalls.report (catalog/base.yaml:34:7 through @debug)", "syscalls: {allow: [{name: ptrace, why: \"...\"}]}", ""},
      {"execve", {1}, "syscalls.report (catalog/base.yaml:49:7)", "", "programs: [{path: PATH, why: \"...\"}] permits it, for that program; where it was mail(), mail: {unix: PATH} names a server"},
      {"execveat", {3}, "the one exec of the box, which is over", "", "no profile can permit it: programs: lets execve through, and nothing else"},
      {"ioctl", {1, TIOCSTI}, "syscalls.arguments (catalog/php-fpm.yaml:86:7)",
       "syscalls: {arguments: [{name: ioctl, index: 1, one_of: [TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIOCLEX, FIONCLEX, TIOCSTI], why: \"...\"}]}", ""},
      {"ioctl", {1, 0x12345}, "syscalls.arguments (catalog/php-fpm.yaml:86:7)",
       "syscalls: {arguments: [{name: ioctl, index: 1, one_of: [TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIOCLEX, FIONCLEX, 74565], why: \"...\"}]}", ""},
      {"chmod", {1, 02755}, "syscalls.arguments (catalog/php-fpm.yaml:94:7)", "syscalls: {arguments: [{name: chmod, index: 1, none_of: [S_ISUID], why: \"...\"}]}", ""},
      {"chmod", {1, 06755}, "syscalls.arguments (catalog/php-fpm.yaml:94:7)", "", "no line of a profile permits exactly this"},
      {"clone", {CLONE_NEWNET}, "syscalls.arguments (catalog/php-fpm.yaml:83:7)",
       "syscalls: {arguments: [{name: clone, index: 0, none_of: [CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWUSER, "
       "CLONE_NEWPID, CLONE_NEWTIME], why: \"...\"}]}", ""},
      {"prlimit64", {0, 7, 1}, "syscalls.arguments (catalog/php-fpm.yaml:91:7)", "", "no line of a profile permits exactly this"},
      {"socketpair", {AF_INET, SOCK_STREAM}, "syscalls.arguments (catalog/php-fpm.yaml:99:7)",
       "syscalls: {arguments: [{name: socketpair, index: 0, one_of: [AF_UNIX, AF_INET], why: \"...\"}]}", ""},
      {"socket", {AF_INET, SOCK_STREAM}, "connect (not set) and network, which ask for no such socket", "network: {mode: host, why: \"...\"}", "it is the way to other machines and to names: that line opens every network of this host, and connect: [{tcp: \"HOST:PORT\", why: \"...\"}] beside it leaves TCP these ports alone"},
      {"socket", {AF_PACKET, SOCK_RAW}, "connect (not set) and network, which ask for no such socket", "", "no profile can permit it"},
  };
  for (const Row& row : rows) {
    const Denial denial = explain_call(call(row.name, row.arguments), shop.context());
    CAPTURE(denial.act);
    CHECK_EQ(test::shortened(denial.decided_by), row.decided_by);
    CHECK_EQ(denial.permit, row.permit);
    CHECK_EQ(denial.note, row.note);
    const bool is_told_alike = explain_call(call(row.name, row.arguments), shop.whole_context()) == denial;
    CHECK(is_told_alike);
  }
}

TEST_CASE("a socket of datagrams in a container without namespaces") {
  const test::Shop shop("", test::docker_host());
  const Denial denial = explain_call(call("socket", {AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC}), shop.context());
  CHECK_EQ(denial.act, "socket(AF_UNIX, SOCK_DGRAM|SOCK_CLOEXEC, 0)");
  CHECK_EQ(denial.decided_by, "connect (not set), and without namespaces nothing else holds back what sends without connecting");
  CHECK_EQ(denial.permit, "");
  CHECK_EQ(denial.note, "connect: [{unix: PATH}] permits it, where PATH is the server's socket");
  CHECK_EQ(explain_call(call("socket", {AF_INET, SOCK_STREAM}), shop.context()).permit, "network: {mode: host, why: \"...\"}");
  const Denial pair = explain_call(call("socketpair", {AF_UNIX, SOCK_DGRAM}), shop.context());
  CHECK_EQ(pair.decided_by, denial.decided_by);
  CHECK_EQ(pair.note, denial.note);
}

TEST_CASE("memory that is writable and executable") {
  const test::Shop shop("memory: {deny_write_execute: true}\n"
                        "syscalls: {allow: [{name: pkey_mprotect, why: pages}, {name: shmat, why: segments}]}\n");
  struct Row {
    const char* name;
    std::vector<std::uint64_t> arguments;
  };
  const Row rows[] = {{"mmap", {0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS}},
                      {"mprotect", {4096, 4096, PROT_READ | PROT_EXEC}},
                      {"pkey_mprotect", {4096, 4096, PROT_READ | PROT_EXEC, 0}},
                      {"shmat", {1, 0, SHM_EXEC}}};
  for (const Row& row : rows) {
    const Denial denial = explain_call(call(row.name, row.arguments), shop.context());
    CAPTURE(denial.act);
    CHECK_EQ(test::shortened(denial.decided_by), "memory.deny_write_execute (/pools/shop.yaml:7:30)");
    CHECK_EQ(denial.permit, "");
    CHECK_EQ(denial.note, "memory: {deny_write_execute: false} permits it, and every other such mapping: PHP's JITs are what wants them");
    CHECK_EQ(call_key(call(row.name, row.arguments), shop.context()), row.name);
  }
}

TEST_CASE("with the line that would permit it the plan lets the call through") {
  const test::Shop shop;
  struct Row {
    const char* name;
    std::vector<std::uint64_t> arguments;
  };
  const Row rows[] = {{"ptrace", {0}}, {"ioctl", {1, TIOCSTI}}, {"ioctl", {1, 0x12345}}, {"chmod", {1, 02755}}, {"clone", {CLONE_NEWNET}}, {"socket", {AF_INET, 1}}};
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const Denial before = explain_call(call(row.name, row.arguments), shop.context());
    const test::Shop with(before.permit + "\n");
    CHECK_MESSAGE(!with.diagnostics.has_errors(), test::text_of(with.diagnostics));
    const FilterRule& rule = rule_of(with.filter, row.name);
    REQUIRE_EQ(rule.action, FilterRule::Action::allow);
    // no argument refuses it any more
    if (!rule.arguments.empty()) CHECK_EQ(explain_call(call(row.name, row.arguments), with.context()).decided_by, "");
  }
}

TEST_CASE("a worker that calls everything does not make denials without end") {
  const test::Shop shop;
  CHECK_EQ(call_key(call("ptrace", {16, 1234}), shop.context()), "ptrace");
  CHECK_EQ(call_key(call("socket", {AF_INET, SOCK_STREAM}), shop.context()), "socket(AF_INET)");
  CHECK_EQ(call_key(call("socket", {77, 77}), shop.context()), "socket");
  CHECK_EQ(call_key(call("ioctl", {5, 0x1234}), shop.context()), "ioctl");
  CHECK_EQ(call_key(call("clone", {CLONE_NEWNET}), shop.context()), "clone");
}
