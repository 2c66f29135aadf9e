// The compiled filter, asked call by call. No kernel is involved.
#include "launcher/enforce/filter.h"

#include <doctest/doctest.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>

#include <sched.h>

#include <algorithm>

#include "launcher/enforce/child/orders.h"
#include "launcher/plan/planner.h"
#include "launcher/plan/tier.h"
#include "profiles/kernel/syscall_names.h"
#include "tests/support/evaluate.h"
#include "tests/support/invented.h"

namespace {

constexpr std::uint32_t kEperm = SECCOMP_RET_ERRNO | EPERM;
constexpr std::uint32_t kNotified = SECCOMP_RET_USER_NOTIF;
constexpr std::uint32_t kEnosys = SECCOMP_RET_ERRNO | ENOSYS;
constexpr std::uint64_t kHigh = 0xdead'beef'0000'0000;  // int arguments are compared without their upper half

struct Filter {
  launcher::FilterPlan plan;
  std::vector<sock_filter> program;

  std::uint32_t operator()(int number, std::vector<std::uint64_t> arguments = {}, std::uint32_t arch = test::kNative) const {
    seccomp_data data = {number, arch, 0, {}};
    std::copy(arguments.begin(), arguments.end(), data.args);
    return test::evaluate(program, data);
  }
  std::uint32_t operator()(const char* name, std::vector<std::uint64_t> arguments = {}) const {
    return (*this)(profiles::syscall_number(name).value(), std::move(arguments));
  }
};

Filter filter_of(const std::string& yaml, launcher::HostFacts facts) {
  base::Diagnostics diagnostics;
  const auto composed = test::pool(yaml, diagnostics);
  launcher::settle_tier(composed.policy, facts);
  Filter out;
  out.plan = launcher::plan({composed.policy, composed.origins, facts}, diagnostics).filter;
  auto compiled = launcher::compile_filter(out.plan);
  REQUIRE_MESSAGE(compiled.ok(), toString(compiled));
  out.program = compiled.value();
  return out;
}

Filter filter_of(const std::string& yaml, bool notification = true, bool page_zero = true) {
  auto facts = test::good_host();
  facts.user_notification = facts.exec_notification = notification;
  facts.page_zero = page_zero;
  return filter_of(yaml, facts);
}

const launcher::FilterRule* rule_of(const Filter& filter, int number) {
  for (const auto& rule : filter.plan.rules)
    if (rule.number == number) return &rule;
  return nullptr;
}

// What the plan says about a call, said without BPF.
std::uint32_t expected(const Filter& filter, int number) {
  if (profiles::syscall_name(number).empty()) return kEnosys;
  if (number == profiles::syscall_number("execveat")) return kEperm;  // with arguments of zero
  const launcher::FilterRule* rule = rule_of(filter, number);
  if (rule == nullptr) return kEperm;
  switch (rule->action) {
    case launcher::FilterRule::Action::report:
    case launcher::FilterRule::Action::record: return SECCOMP_RET_USER_NOTIF;
    case launcher::FilterRule::Action::absent: return kEnosys;
    case launcher::FilterRule::Action::allow: break;
  }
  for (const auto& argument : rule->arguments) {
    if (argument.one_of.empty()) continue;
    if (std::find(argument.one_of.begin(), argument.one_of.end(), 0) == argument.one_of.end())
      return filter.plan.report ? kNotified : kEperm;
  }
  return SECCOMP_RET_ALLOW;
}

}  // namespace

TEST_CASE("every number from 0 to 600 is answered as the plan says") {
  const Filter filter = filter_of(test::kShop);
  int allowed = 0;
  for (int number = 0; number <= 600; ++number) {
    CAPTURE(number);
    CAPTURE(profiles::syscall_name(number));
    CHECK_EQ(filter(number), expected(filter, number));
    allowed += filter(number) == SECCOMP_RET_ALLOW;
  }
  CHECK_GT(allowed, 150);
  CHECK_LT(allowed, 200);
}

TEST_CASE("what PHP-FPM was seen to need works, what attacks need does not") {
  const Filter filter = filter_of(test::kShop);
  for (const char* name : {"read", "accept", "futex", "sched_yield", "clone", "newfstatat", "rseq", "sendmsg", "exit_group"}) {
    CAPTURE(name);
    CHECK_EQ(filter(name), SECCOMP_RET_ALLOW);
  }
  for (const char* name : {"execve", "ptrace", "mount", "unshare", "setns", "bpf", "keyctl", "userfaultfd", "memfd_create",
                           "process_vm_writev", "init_module", "kexec_load", "personality", "open_by_handle_at", "setuid"}) {
    CAPTURE(name);
    CHECK_EQ(filter(name), SECCOMP_RET_USER_NOTIF);
  }
  for (const char* name : {"clone3", "io_uring_setup", "io_uring_enter", "io_uring_register"}) {
    CAPTURE(name);
    CHECK_EQ(filter(name), kEnosys);
  }
  for (const char* name : {"shmget", "msgget", "semget", "mknod", "mknodat", "pidfd_open", "vmsplice", "splice", "inotify_init"}) {
    CAPTURE(name);
    CHECK_EQ(filter(name), kEperm);
  }
}

TEST_CASE("a call that is allowed with other arguments is reported, one that is allowed with none is not") {
  const Filter filter = filter_of(test::kShop);
  for (int number = 0; number <= 600; ++number) {
    CAPTURE(profiles::syscall_name(number));
    const launcher::FilterRule* rule = rule_of(filter, number);
    const std::uint64_t all = ~std::uint64_t{0};  // no value of any one_of, every flag of any none_of
    const std::uint32_t answer = filter(number, {all, all, all, all, all, all});
    if (rule != nullptr && launcher::is_limited(*rule)) CHECK_EQ(answer, kNotified);
    if (rule == nullptr && !profiles::syscall_name(number).empty()) CHECK_EQ(answer, kEperm);
  }
}

TEST_CASE("allowed calls do not pay for what is reported: the kernel answers them without running the filter") {
  const Filter filter = filter_of(test::kShop);
  const Filter silent = filter_of(test::kShop, false);
  int in_bitmap = 0, limited = 0;
  for (const launcher::FilterRule& rule : filter.plan.rules) {
    CAPTURE(rule.name);
    const bool expected_there = rule.action == launcher::FilterRule::Action::allow && !launcher::is_limited(rule);
    CHECK_EQ(test::is_always_allowed(filter.program, rule.number, test::kNative), expected_there);
    CHECK_EQ(test::is_always_allowed(silent.program, rule.number, test::kNative), expected_there);
    in_bitmap += expected_there;
    limited += launcher::is_limited(rule);
  }
  CHECK_GT(in_bitmap, 150);
  CHECK_GT(limited, 10);
}

TEST_CASE("without user notification the same calls fail in silence") {
  const Filter filter = filter_of(test::kShop, false);
  CHECK_EQ(filter("socket", {AF_NETLINK, SOCK_RAW}), kEperm);
  CHECK_EQ(filter("clone", {CLONE_NEWUSER}), kEperm);
  for (const char* name : {"execve", "ptrace", "mount", "unshare"}) CHECK_EQ(filter(name), kEperm);
}

TEST_CASE("other architectures and x32 are killed") {
  const Filter filter = filter_of(test::kShop);
  for (const int number : {0, 1, 11, 59, 435, 600}) {
    CAPTURE(number);
    CHECK_EQ(filter(number, {}, test::kForeign), SECCOMP_RET_KILL_PROCESS);
#if defined(__x86_64__)
    CHECK_EQ(filter(number | 0x40000000), SECCOMP_RET_KILL_PROCESS);
#endif
  }
}

TEST_CASE("numbers that no kernel of the build's time had are absent") {
  const Filter filter = filter_of(test::kShop);
  for (const int number : {profiles::highest_known_syscall() + 1, 700, 9999, 0x3fffffff}) {
    CAPTURE(number);
    CHECK_EQ(filter(number), kEnosys);
  }
}

TEST_CASE("arguments") {
  const Filter filter = filter_of(test::kShop);
  const std::uint64_t K = 1024;
  const std::uint64_t kPath = child::kPathAddress;
  struct Row {
    const char* call;
    std::vector<std::uint64_t> arguments;
    std::uint32_t answer;
  };
  const Row rows[] = {
      {"clone", {SIGCHLD}, SECCOMP_RET_ALLOW},
      {"clone", {CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD}, SECCOMP_RET_ALLOW},
      {"clone", {CLONE_NEWUSER | SIGCHLD}, kNotified},
      {"clone", {CLONE_NEWNS}, kNotified},
      {"clone", {CLONE_NEWPID}, kNotified},
      {"clone", {CLONE_NEWNET}, kNotified},
      {"clone", {CLONE_NEWIPC}, kNotified},
      {"clone", {CLONE_NEWUTS}, kNotified},
      {"clone", {CLONE_NEWCGROUP}, kNotified},
      {"clone", {0x80 /* CLONE_NEWTIME */}, kNotified},
      {"sendto", {3, 4096, 1, MSG_NOSIGNAL}, SECCOMP_RET_ALLOW},
      {"sendto", {3, 4096, 1, MSG_FASTOPEN}, kNotified},
      {"sendto", {3, 4096, 1, MSG_FASTOPEN | MSG_NOSIGNAL | kHigh}, kNotified},
      {"sendmsg", {3, 4096, MSG_NOSIGNAL}, SECCOMP_RET_ALLOW},
      {"sendmsg", {3, 4096, MSG_FASTOPEN}, kNotified},
      {"sendmmsg", {3, 4096, 1, MSG_DONTWAIT}, SECCOMP_RET_ALLOW},
      {"sendmmsg", {3, 4096, 1, MSG_FASTOPEN}, kNotified},
      {"ioctl", {1, TCGETS}, SECCOMP_RET_ALLOW},
      {"ioctl", {1, FIONREAD}, SECCOMP_RET_ALLOW},
      {"ioctl", {1, TIOCSTI}, kNotified},
      {"ioctl", {1, TIOCSTI | kHigh}, kNotified},
      {"ioctl", {1, TCGETS | kHigh}, SECCOMP_RET_ALLOW},
      {"ioctl", {1, TIOCLINUX}, kNotified},
      {"prctl", {PR_SET_NAME}, SECCOMP_RET_ALLOW},
      {"prctl", {PR_SET_DUMPABLE, 1}, kNotified},
      {"prctl", {PR_SET_DUMPABLE | kHigh, 1}, kNotified},
      {"prctl", {PR_SET_SECCOMP}, kNotified},
      {"prctl", {PR_SET_MM}, kNotified},
      {"prlimit64", {0, RLIMIT_NOFILE, 0}, SECCOMP_RET_ALLOW},
      {"prlimit64", {0, RLIMIT_NOFILE, 1}, kNotified},
      {"prlimit64", {0, RLIMIT_NOFILE, kHigh}, kNotified},  // a pointer is compared whole
      {"socket", {AF_UNIX, SOCK_STREAM}, SECCOMP_RET_ALLOW},
      {"socket", {AF_UNIX | kHigh, SOCK_STREAM}, SECCOMP_RET_ALLOW},
      {"socket", {AF_INET, SOCK_STREAM}, kNotified},
      {"socket", {AF_INET6, SOCK_STREAM}, kNotified},
      {"socket", {AF_NETLINK, SOCK_RAW}, kNotified},
      {"socket", {AF_PACKET, SOCK_RAW}, kNotified},
      {"socket", {AF_VSOCK, SOCK_STREAM}, kNotified},
      {"socket", {AF_ALG, SOCK_SEQPACKET}, kNotified},
      {"socketpair", {AF_UNIX, SOCK_STREAM}, SECCOMP_RET_ALLOW},
      {"socketpair", {AF_INET, SOCK_STREAM}, kNotified},
      {"chmod", {1, 0755}, SECCOMP_RET_ALLOW},
      {"chmod", {1, 04755}, kNotified},
      {"chmod", {1, 02755}, kNotified},
      {"chmod", {1, 04755 | kHigh}, kNotified},
      {"fchmod", {1, 04755}, kNotified},
      {"fchmodat", {1, 1, 02755}, kNotified},
      {"fchmodat", {1, 1, 01777}, SECCOMP_RET_ALLOW},
      {"mkdir", {1, 02755}, kNotified},
      {"execveat", {K, kPath, 1, 1, AT_EMPTY_PATH}, SECCOMP_RET_ALLOW},
      {"execveat", {K | kHigh, kPath, 1, 1, AT_EMPTY_PATH}, SECCOMP_RET_ALLOW},
      {"execveat", {K, kPath, 1, 1, 0}, kEperm},
      {"execveat", {K, kPath, 1, 1, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW}, kEperm},
      {"execveat", {K - 1, kPath, 1, 1, AT_EMPTY_PATH}, kEperm},
      {"execveat", {static_cast<std::uint32_t>(AT_FDCWD), kPath, 1, 1, AT_EMPTY_PATH}, kEperm},
      // an absolute path beside K would make the kernel forget K
      {"execveat", {K, 0x7ffff7a00000, 1, 1, AT_EMPTY_PATH}, kEperm},
      {"execveat", {K, kPath | kHigh, 1, 1, AT_EMPTY_PATH}, kEperm},
      {"execveat", {K, 0, 1, 1, AT_EMPTY_PATH}, kEperm},
  };
  for (const Row& row : rows) {
    CAPTURE(row.call);
    CAPTURE(row.arguments.front());
    CHECK_EQ(filter(row.call, row.arguments), row.answer);
  }
}

TEST_CASE("memory.deny_write_execute: nothing is mapped to write and execute, and nothing becomes executable") {
  const std::string yaml = test::kShop + "syscalls: {allow: [{name: pkey_mprotect, why: test}, {name: shmat, why: test}]}\n";
  const Filter lets = filter_of(yaml);
  const Filter denies = filter_of(yaml + "memory: {deny_write_execute: true}\n");
  constexpr std::uint64_t kRead = PROT_READ, kWrite = PROT_WRITE, kExecute = PROT_EXEC;
  struct Row {
    const char* call;
    std::vector<std::uint64_t> arguments;
    std::uint32_t denied;
  };
  const Row rows[] = {
      {"mmap", {0, 4096, PROT_NONE}, SECCOMP_RET_ALLOW},
      {"mmap", {0, 4096, kRead | kWrite}, SECCOMP_RET_ALLOW},
      {"mmap", {0, 4096, kRead | kExecute}, SECCOMP_RET_ALLOW},  // of a library
      {"mmap", {0, 4096, kRead | kWrite | kExecute}, kNotified},
      {"mmap", {0, 4096, kWrite | kExecute}, kNotified},
      {"mmap", {0, 4096, kWrite | kExecute | kHigh}, kNotified},
      {"mprotect", {0, 4096, kRead}, SECCOMP_RET_ALLOW},
      {"mprotect", {0, 4096, kRead | kWrite}, SECCOMP_RET_ALLOW},
      {"mprotect", {0, 4096, kRead | kExecute}, kNotified},
      {"mprotect", {0, 4096, kExecute | kHigh}, kNotified},
      {"pkey_mprotect", {0, 4096, kRead, 1}, SECCOMP_RET_ALLOW},
      {"pkey_mprotect", {0, 4096, kRead | kExecute, 1}, kNotified},
      {"shmat", {1, 0, 0}, SECCOMP_RET_ALLOW},
      {"shmat", {1, 0, SHM_EXEC}, kNotified},
  };
  for (const Row& row : rows) {
    CAPTURE(row.call);
    CAPTURE(row.arguments[2]);
    CHECK_EQ(denies(row.call, row.arguments), row.denied);
    CHECK_EQ(lets(row.call, row.arguments), SECCOMP_RET_ALLOW);
  }
}

TEST_CASE("memory.deny_write_execute narrows a profile's own rule on the same argument") {
  const std::string denies = test::kShop + "memory: {deny_write_execute: true}\n";
  const Filter flags = filter_of(denies + "syscalls: {arguments: [{name: mmap, index: 2, none_of: [\"0x8\"]}]}\n");
  CHECK_EQ(flags("mmap", {0, 4096, PROT_READ}), SECCOMP_RET_ALLOW);
  CHECK_EQ(flags("mmap", {0, 4096, PROT_READ | 8}), kNotified);
  CHECK_EQ(flags("mmap", {0, 4096, PROT_WRITE | PROT_EXEC}), kNotified);
  const Filter values = filter_of(denies + "syscalls: {arguments: [{name: mprotect, index: 2, one_of: [PROT_READ, PROT_EXEC]}]}\n");
  CHECK_EQ(values("mprotect", {0, 4096, PROT_READ}), SECCOMP_RET_ALLOW);
  CHECK_EQ(values("mprotect", {0, 4096, PROT_EXEC}), kNotified);
  const Filter nothing = filter_of(denies + "syscalls: {arguments: [{name: mprotect, index: 2, one_of: [PROT_EXEC]}]}\n", false);
  CHECK_EQ(nothing("mprotect", {0, 4096, PROT_READ}), kEperm);
  CHECK_EQ(nothing("mprotect", {0, 4096, PROT_EXEC}), kEperm);
}

TEST_CASE("without page 0 every execveat is the launcher's to decide, and nothing else changes") {
  const Filter pinned = filter_of(test::kShop);
  const Filter notified = filter_of(test::kShop, true, false);
  const std::uint64_t K = 1024;
  CHECK(notified.plan.exec_gate == launcher::ExecGate::notified);
  for (const std::vector<std::uint64_t>& arguments : std::vector<std::vector<std::uint64_t>>{
           {K, child::kPathAddress, 1, 1, AT_EMPTY_PATH}, {K, 0x7ffff7a00000, 1, 1, AT_EMPTY_PATH}, {K, 1, 1, 1, 0}, {3, 1}, {}})
    CHECK_EQ(notified("execveat", arguments), SECCOMP_RET_USER_NOTIF);
  for (int number = 0; number <= 600; ++number) {
    CAPTURE(number);
    if (number != profiles::syscall_number("execveat")) CHECK_EQ(notified(number), pinned(number));
  }
}

TEST_CASE("a plan that contradicts itself, or names no call, gets no filter") {
  launcher::FilterPlan plan;
  plan.rules = {{"read", 0, launcher::FilterRule::Action::allow, {}}, {"read", 0, launcher::FilterRule::Action::report, {}}};
  CHECK_FALSE(launcher::compile_filter(plan).ok());
  for (const int number : {-1, profiles::highest_known_syscall() + 1, 5000}) {
    plan.rules = {{"nothing", number, launcher::FilterRule::Action::allow, {}}};
    CHECK_FALSE(launcher::compile_filter(plan).ok());
  }
}

TEST_CASE("no profile lets execveat through") {
  const std::string asks = test::kShop + "syscalls: {allow: {add: [{name: execveat, why: test}]}}\n";
  CHECK_EQ(filter_of(asks)("execveat", {3, 1, 1, 1, AT_EMPTY_PATH}), kEperm);
  CHECK_EQ(filter_of(asks, true, false)("execveat", {3, 1, 1, 1, AT_EMPTY_PATH}), SECCOMP_RET_USER_NOTIF);
}

TEST_CASE("a kernel that cannot report refused calls can still ask about the one exec") {
  base::Diagnostics diagnostics;
  const auto composed = test::pool(test::kShop, diagnostics);
  auto facts = test::good_host();
  facts.page_zero = facts.user_notification = false;
  Filter filter;
  filter.plan = launcher::plan({composed.policy, composed.origins, facts}, diagnostics).filter;
  CHECK(filter.plan.exec_gate == launcher::ExecGate::notified);
  CHECK(filter.plan.has_listener());
  filter.program = launcher::compile_filter(filter.plan).value();
  CHECK_EQ(filter("execveat", {1024, 1, 1, 1, AT_EMPTY_PATH}), SECCOMP_RET_USER_NOTIF);
  for (const char* name : {"execve", "ptrace", "mount", "unshare"}) CHECK_EQ(filter(name), kEperm);
}

TEST_CASE("with neither page 0 nor notification the exec works, and the plan has a gap") {
  const Filter filter = filter_of(test::kShop, false, false);
  CHECK(filter.plan.exec_gate == launcher::ExecGate::none);
  CHECK_EQ(filter("execveat", {1024, 1, 1, 1, AT_EMPTY_PATH}), SECCOMP_RET_ALLOW);
  CHECK_EQ(filter("execveat", {1023, 1, 1, 1, AT_EMPTY_PATH}), kEperm);
}

TEST_CASE("a pool with TCP connections gets the two families for them and no other") {
  const Filter filter = filter_of(test::kShop + "connect: [{tcp: \"db.example:3306\", why: database}]\n");
  CHECK_EQ(filter("socket", {AF_INET, SOCK_STREAM}), SECCOMP_RET_ALLOW);
  CHECK_EQ(filter("socket", {AF_INET6, SOCK_STREAM}), SECCOMP_RET_ALLOW);
  CHECK_EQ(filter("socket", {AF_NETLINK, SOCK_RAW}), kNotified);
}

TEST_CASE("in a container without namespaces a pool that connects nowhere makes stream sockets alone, and connects none") {
  constexpr std::uint64_t kFlags[] = {0, SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_CLOEXEC | SOCK_NONBLOCK};
  const Filter enclosed = filter_of(test::kShop, test::docker_host());
  for (const char* name : {"socket", "socketpair"})
    for (const std::uint64_t flags : kFlags) {
      CAPTURE(name);
      CAPTURE(flags);
      CHECK_EQ(enclosed(name, {AF_UNIX, SOCK_STREAM | flags}), SECCOMP_RET_ALLOW);
      CHECK_EQ(enclosed(name, {AF_UNIX | kHigh, SOCK_STREAM | flags | kHigh}), SECCOMP_RET_ALLOW);  // the kernel looks at neither half
      for (std::uint64_t type = 0; type <= 0xf; ++type)
        if (type != SOCK_STREAM) CHECK_EQ(enclosed(name, {AF_UNIX, type | flags}), kNotified);
      CHECK_EQ(enclosed(name, {AF_INET, SOCK_STREAM | flags}), kNotified);
      CHECK_EQ(enclosed(name, {AF_UNIX, SOCK_STREAM | flags | 0x10}), kNotified);
    }
  CHECK_EQ(enclosed("connect", {3, 1, 110}), kEperm);
  CHECK_EQ(enclosed("bind", {3, 1, 110}), SECCOMP_RET_ALLOW);

  const Filter boxed = filter_of(test::kShop, test::podman_host());  // its network is its own
  const Filter connecting = filter_of(test::kShop + "connect: [{unix: /dev/log}]\n", test::docker_host());
  for (const Filter* filter : {&boxed, &connecting}) {
    CHECK_EQ((*filter)("socket", {AF_UNIX, SOCK_DGRAM}), SECCOMP_RET_ALLOW);
    CHECK_EQ((*filter)("socketpair", {AF_UNIX, SOCK_SEQPACKET}), SECCOMP_RET_ALLOW);
    CHECK_EQ((*filter)("connect", {3, 1, 110}), SECCOMP_RET_ALLOW);
  }
}

TEST_CASE("K follows limits.nofile") {
  const Filter filter = filter_of(test::kShop + "limits: {nofile: 512}\n");
  CHECK_EQ(filter("execveat", {512, child::kPathAddress, 1, 1, AT_EMPTY_PATH}), SECCOMP_RET_ALLOW);
  CHECK_EQ(filter("execveat", {1024, child::kPathAddress, 1, 1, AT_EMPTY_PATH}), kEperm);
}

TEST_CASE("a call that a pool takes away is refused, one that it grants works") {
  const Filter filter = filter_of(test::kShop + "syscalls: {allow: {add: [shmget], remove: [link]}}\n");
  CHECK_EQ(filter("link"), kEperm);
  CHECK_EQ(filter("shmget"), SECCOMP_RET_ALLOW);
}
