// A program under the very filter of a pool's plan, and nothing else of its box: what the filter costs by itself.
//
//   confined none|filter|notify POOLFILE                        nanoseconds per call, in a tight loop: getppid, read, openat
//   confined none|filter|notify POOLFILE /usr/sbin/php-fpm8.2 ...   that program, as the pool's user; execve is let through
//   confined print POOLFILE                                     the compiled filter, execve let through, as the kernel takes it
//
// none: no filter. filter: what would be reported is refused without a word. notify: with the listener, as in a box.
#include <fcntl.h>
#include <grp.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <string>

#include "launcher/cli/commands.h"
#include "launcher/cli/load.h"
#include "launcher/enforce/filter.h"
#include "launcher/facts/probe.h"
#include "launcher/plan/planner.h"
#include "launcher/sys/file.h"
#include "launcher/sys/missing.h"

namespace {

constexpr int kSlices = 20;
constexpr long kCalls = 10000;  // of a slice

base::Result<launcher::Plan> plan_of(const std::string& file) {
  base::Diagnostics diagnostics;
  const cli::Globals globals;
  const cli::Loaded loaded = TRY(cli::load_profile(file, globals, diagnostics));
  sys::Stopwatch laps;
  const profiles::Composed& composed = loaded.composed;
  const launcher::HostFacts facts = launcher::probe(composed.policy, {}, laps);
  launcher::Plan plan = launcher::plan({composed.policy, composed.origins, facts, {}}, diagnostics);
  if (!diagnostics.has_errors()) return plan;
  cli::print_diagnostics(diagnostics, stderr);
  return base::Error{"the pool file is wrong", file, 0, {}};
}

void let_through(launcher::FilterPlan& plan, const char* name, int number) {
  for (auto rule = plan.rules.begin(); rule != plan.rules.end();)
    rule = rule->name == name ? plan.rules.erase(rule) : rule + 1;
  plan.rules.push_back({name, number, launcher::FilterRule::Action::allow, {}});
}

base::Status become(const launcher::Plan& plan) {
  if (::setgroups(0, nullptr) != 0 || ::setresgid(plan.gid, plan.gid, plan.gid) != 0 || ::setresuid(plan.uid, plan.uid, plan.uid) != 0)
    return sys::failure("setresuid", std::to_string(plan.uid));
  return base::success();
}

// Whoever runs on holds the listener himself, so that it stays armed; nothing is ever reported in what is measured.
base::Status confine(launcher::FilterPlan plan, const std::string& mode) {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return sys::failure("prctl", "PR_SET_NO_NEW_PRIVS");
  if (mode == "none") return base::success();
  plan.exec_gate = launcher::ExecGate::none;
  const bool notify = mode == "notify";
  if (notify && !plan.report) return base::Error{"this pool reports no call", {}, 0, {}};
  plan.report = notify;
  std::vector<sock_filter> code = TRY(launcher::compile_filter(plan));
  const sock_fprog program = {static_cast<unsigned short>(code.size()), code.data()};
  const unsigned long flags = notify ? SECCOMP_FILTER_FLAG_NEW_LISTENER : 0;
  const long listener = ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
  if (listener < 0) return sys::failure("seccomp", mode);
  if (notify && ::fcntl(static_cast<int>(listener), F_SETFD, 0) != 0) return sys::failure("fcntl", "the listener");
  return base::success();
}

base::Status print(launcher::FilterPlan plan) {
  plan.exec_gate = launcher::ExecGate::none;
  plan.report = false;
  let_through(plan, "execve", SYS_execve);
  const std::vector<sock_filter> code = TRY(launcher::compile_filter(plan));
  if (std::fwrite(code.data(), sizeof code[0], code.size(), stdout) != code.size()) return sys::failure("write", "the filter");
  return base::success();
}

// Of the best slice: in the others somebody else had the processor.
template <class Call>
double nanoseconds_each(Call call) {
  double best = 0;
  for (int slice = 0; slice < kSlices; ++slice) {
    const auto begin = std::chrono::steady_clock::now();
    for (long i = 0; i < kCalls; ++i) call();
    const double each = std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - begin).count() / kCalls;
    best = slice == 0 ? each : std::min(best, each);
  }
  return best;
}

base::Status loop() {
  const int zero = ::open("/dev/zero", O_RDONLY | O_CLOEXEC);
  if (zero < 0) return sys::failure("open", "/dev/zero");
  char byte = 0;
  long failed = 0;
  const double getppid_ns = nanoseconds_each([&] { failed += ::syscall(SYS_getppid) < 0; });
  const double read_ns = nanoseconds_each([&] { failed += ::read(zero, &byte, 1) != 1; });
  const double open_ns = nanoseconds_each([&] {
    const int fd = ::openat(AT_FDCWD, "/etc/passwd", O_RDONLY | O_CLOEXEC);
    failed += fd < 0 || ::close(fd) != 0;
  });
  if (failed != 0) return base::Error{std::to_string(failed) + " calls failed", {}, 0, {}};
  std::printf("%.2f %.2f %.2f\n", getppid_ns, read_ns, open_ns);
  return base::success();
}

base::Status run(const std::string& mode, char** rest) {
  launcher::Plan plan = TRY(plan_of(rest[0]));
  if (mode == "print") return print(plan.filter);
  char** const command = rest + 1;
  const bool starts_program = command[0] != nullptr;
  if (starts_program) let_through(plan.filter, "execve", SYS_execve);
  TRY(become(plan));
  TRY(confine(plan.filter, mode));
  if (!starts_program) return loop();
  ::execv(command[0], command);
  return sys::failure("execve", command[0]);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string mode = argc > 2 ? argv[1] : "";
  if (mode != "none" && mode != "filter" && mode != "notify" && mode != "print") {
    std::fprintf(stderr, "usage: confined none|filter|notify|print POOLFILE [PROGRAM ARGUMENT...]\n");
    return 64;
  }
  const base::Status done = run(mode, argv + 2);
  if (done) return 0;
  std::fprintf(stderr, "confined: %s\n", done.error().text().c_str());
  return 71;
}
