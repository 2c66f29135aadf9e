#include "launcher/enforce/filter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/mman.h>

#include <cstddef>
#include <memory>

#include "launcher/enforce/child/orders.h"
#include "launcher/enforce/number_table.h"
#include "launcher/plan/comparisons.h"
#include "launcher/sys/file.h"
#include "profiles/kernel/syscall_names.h"

namespace launcher {
namespace {

using base::Error;
using base::Status;
using Context = std::unique_ptr<void, void (*)(scmp_filter_ctx)>;
using Comparisons = std::vector<scmp_arg_cmp>;

constexpr std::uint32_t kX32Bit = 0x40000000;

Status check(int result, const std::string& what) {
  if (result != 0) return Error{"libseccomp: " + what, {}, -result, {}};
  return base::success();
}

scmp_arg_cmp libseccomps(const Comparison& one) {
  if (one.is_whole()) return {one.index, SCMP_CMP_EQ, one.value, 0};
  return {one.index, SCMP_CMP_MASKED_EQ, one.mask, one.value};
}

// One rule for every combination of the arguments' alternatives: any rule that holds allows the call.
Status add_combinations(scmp_filter_ctx context, const FilterRule& rule) {
  for (const Combination& combination : combinations(rule)) {
    Comparisons chosen;
    for (const Comparison& comparison : combination) chosen.push_back(libseccomps(comparison));
    TRY(check(seccomp_rule_add_array(context, SCMP_ACT_ALLOW, rule.number, static_cast<unsigned>(chosen.size()), chosen.data()),
              "allow " + rule.name));
  }
  return base::success();
}

Status add_rule(scmp_filter_ctx context, const FilterPlan& plan, const FilterRule& rule) {
  switch (rule.action) {
    case FilterRule::Action::allow: return add_combinations(context, rule);
    case FilterRule::Action::absent:
      return check(seccomp_rule_add(context, SCMP_ACT_ERRNO(ENOSYS), rule.number, 0), rule.name);
    case FilterRule::Action::report:
      // the filter's default refuses it with the same EPERM, unless it is the gate's own
      if (!plan.report && rule.name != "execveat") return base::success();
      return check(seccomp_rule_add(context, SCMP_ACT_NOTIFY, rule.number, 0), rule.name);
    case FilterRule::Action::record: return check(seccomp_rule_add(context, SCMP_ACT_NOTIFY, rule.number, 0), rule.name);
  }
  return base::success();
}

// With ExecGate::notified it is one of the reported calls. The path's address is a pointer and compared whole.
Status add_program(scmp_filter_ctx context, const FilterPlan& plan) {
  if (plan.exec_gate == ExecGate::notified) return base::success();
  // no profile can say it: a plan of `fpmbox test` that lacks the gate
  for (const FilterRule& rule : plan.rules)
    if (rule.name == "execveat") return base::success();
  const int number = profiles::syscall_number("execveat").value_or(-1);
  const scmp_arg_cmp only[] = {{0, SCMP_CMP_MASKED_EQ, 0xffffffff, static_cast<scmp_datum_t>(plan.program_fd)},
                               {4, SCMP_CMP_MASKED_EQ, 0xffffffff, AT_EMPTY_PATH},
                               {1, SCMP_CMP_EQ, child::kPathAddress, 0}};
  const unsigned count = plan.exec_gate == ExecGate::pinned_path ? 3 : 2;
  return check(seccomp_rule_add_array(context, SCMP_ACT_ALLOW, number, count, only), "execveat");
}

// By arguments: limited calls, and the one that starts the program.
bool takes_arguments(const FilterRule& rule) { return is_limited(rule) || rule.name == "execveat"; }

std::uint32_t verdict_of(const FilterPlan& plan, const FilterRule& rule) {
  if (takes_arguments(rule)) return kByArguments;
  switch (rule.action) {
    case FilterRule::Action::allow: return SECCOMP_RET_ALLOW;
    case FilterRule::Action::absent: return SECCOMP_RET_ERRNO | ENOSYS;
    case FilterRule::Action::report: return plan.report ? SECCOMP_RET_USER_NOTIF : SECCOMP_RET_ERRNO | EPERM;
    case FilterRule::Action::record: return SECCOMP_RET_USER_NOTIF;
  }
  return kByArguments;
}

// For each number that libseccomp has a name for, and for the holes between them.
base::Result<std::vector<sock_filter>> table_of(const FilterPlan& plan) {
  std::vector<std::uint32_t> verdicts(static_cast<std::size_t>(profiles::highest_known_syscall()) + 1);
  for (std::size_t number = 0; number < verdicts.size(); ++number) {
    const bool is_hole = profiles::syscall_name(static_cast<int>(number)).empty();
    verdicts[number] = SECCOMP_RET_ERRNO | (is_hole ? ENOSYS : EPERM);
  }
  std::vector<bool> is_decided(verdicts.size());
  for (const FilterRule& rule : plan.rules) {
    const auto number = static_cast<std::size_t>(rule.number);
    if (number >= verdicts.size()) return Error{"no system call has the number " + std::to_string(rule.number), rule.name, 0, {}};
    if (is_decided[number]) return Error{"two rules for one system call", rule.name, 0, {}};
    is_decided[number] = true;
    verdicts[number] = verdict_of(plan, rule);
  }
  if (const auto gate = profiles::syscall_number("execveat")) verdicts.at(static_cast<std::size_t>(*gate)) = kByArguments;
  return number_table(verdicts);
}

// Holes in the table: numbers below the highest that name no call for libseccomp.
Status add_holes(scmp_filter_ctx context) {
  for (int number = 0; number <= profiles::highest_known_syscall(); ++number) {
    if (!profiles::syscall_name(number).empty()) continue;
    TRY(check(seccomp_rule_add(context, SCMP_ACT_ERRNO(ENOSYS), number, 0), "number " + std::to_string(number)));
  }
  return base::success();
}

// In front of libseccomp's program, which has the word about other architectures: calls newer than it are ENOSYS, so that libraries
// fall back (runc does the same), and what takes no arguments is decided by a table.
std::vector<sock_filter> ahead_of_libseccomp(const std::vector<sock_filter>& table) {
  const auto load = [](std::size_t offset) { return sock_filter{BPF_LD | BPF_W | BPF_ABS, 0, 0, static_cast<std::uint32_t>(offset)}; };
  const auto highest = static_cast<std::uint32_t>(profiles::highest_known_syscall());
  const auto behind = static_cast<std::uint32_t>(table.size());
  std::vector<sock_filter> out = {
      load(offsetof(struct seccomp_data, arch)),
      {BPF_JMP | BPF_JEQ | BPF_K, 1, 0, seccomp_arch_native()},
      {BPF_JMP | BPF_JA, 0, 0, behind + 5},
      load(offsetof(struct seccomp_data, nr)),
      {BPF_JMP | BPF_JGE | BPF_K, 0, 1, kX32Bit},
      {BPF_JMP | BPF_JA, 0, 0, behind + 2},
      {BPF_JMP | BPF_JGT | BPF_K, 0, 1, highest},
      {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | ENOSYS},
  };
  out.insert(out.end(), table.begin(), table.end());
  return out;
}

// A call that is allowed with some arguments and made with others ends at the filter's default, and libseccomp has no word
// for "any other value": so its refusals are led to a tail of our own, which reports those calls. No path that allows a
// call gets longer by it, and calls whose arguments do not matter stay in the kernel's bitmap (seccomp(2), Linux 5.11).
void report_other_arguments(std::vector<sock_filter>& program, std::size_t body, const FilterPlan& plan) {
  constexpr std::uint32_t kRefused = SECCOMP_RET_ERRNO | EPERM;
  std::vector<sock_filter> tail = {{BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, nr)}};
  for (const FilterRule& rule : plan.rules) {
    if (!is_limited(rule)) continue;
    tail.push_back({BPF_JMP | BPF_JEQ | BPF_K, 0, 1, static_cast<std::uint32_t>(rule.number)});
    tail.push_back({BPF_RET | BPF_K, 0, 0, SECCOMP_RET_USER_NOTIF});
  }
  tail.push_back({BPF_RET | BPF_K, 0, 0, kRefused});
  const std::size_t start = program.size();
  for (std::size_t at = body; at < start; ++at)
    if (program[at].code == (BPF_RET | BPF_K) && program[at].k == kRefused)
      program[at] = {BPF_JMP | BPF_JA, 0, 0, static_cast<std::uint32_t>(start - at - 1)};
  program.insert(program.end(), tail.begin(), tail.end());
}

base::Result<std::vector<sock_filter>> export_program(scmp_filter_ctx context) {
  sys::Fd file(::memfd_create("fpmbox-filter", MFD_CLOEXEC));
  if (!file) return sys::failure("memfd_create", {});
  TRY(check(seccomp_export_bpf(context, file.get()), "export"));
  if (::lseek(file.get(), 0, SEEK_SET) != 0) return sys::failure("lseek", {});
  const std::string bytes = TRY(sys::read_all(file.get(), BPF_MAXINSNS * sizeof(sock_filter)));
  std::vector<sock_filter> program(bytes.size() / sizeof(sock_filter));
  std::memcpy(program.data(), bytes.data(), program.size() * sizeof(sock_filter));
  return program;
}

// libseccomp takes no notification as its default, but EPERM is said by the default alone.
void ask_instead_of_refusing(std::vector<sock_filter>& program) {
  constexpr std::uint32_t kDefault = SECCOMP_RET_ERRNO | EPERM;
  for (sock_filter& op : program)
    if (op.code == (BPF_RET | BPF_K) && op.k == kDefault) op.k = SECCOMP_RET_USER_NOTIF;
}

}  // namespace

base::Result<std::vector<sock_filter>> compile_filter(const FilterPlan& plan) {
  Context context(seccomp_init(SCMP_ACT_ERRNO(EPERM)), seccomp_release);
  if (!context) return Error{"libseccomp: no memory", {}, ENOMEM, {}};
  TRY(check(seccomp_attr_set(context.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS), "bad architecture"));
  TRY(check(seccomp_attr_set(context.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2), "binary tree"));
  const std::vector<sock_filter> table = TRY(table_of(plan));
  for (const FilterRule& rule : plan.rules)
    if (table.empty() || takes_arguments(rule)) TRY(add_rule(context.get(), plan, rule));
  TRY(add_program(context.get(), plan));
  if (table.empty()) TRY(add_holes(context.get()));
  std::vector<sock_filter> program = ahead_of_libseccomp(table);
  const std::size_t body = program.size();
  const std::vector<sock_filter> libseccomps_own = TRY(export_program(context.get()));
  program.insert(program.end(), libseccomps_own.begin(), libseccomps_own.end());
  if (plan.records) ask_instead_of_refusing(program);
  if (plan.report) report_other_arguments(program, body, plan);
  return program;
}

}  // namespace launcher
