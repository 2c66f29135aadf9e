#include "launcher/supervise/denials.h"

#include <errno.h>

#include <cstdio>

#include "profiles/kernel/syscall_names.h"

namespace launcher {
namespace {

constexpr std::chrono::seconds kReportInterval{10};

std::string call_name(int number) {
  const std::string name = profiles::syscall_name(number);
  return name.empty() ? "system call " + std::to_string(number) : name;
}

std::string argument_text(unsigned long long value) {
  char text[32];
  std::snprintf(text, sizeof text, value < 65536 ? "%llu" : "0x%llx", value);
  return text;
}

// execveat is the launcher's own to decide (enforce/exec_gate.h): no line of a profile lets it through.
std::string advice(const std::string& name) {
  if (name == "execveat") return "; no profile can permit it";
  return "; to permit it add syscalls.allow: [{name: " + name + ", why: \"...\"}]";
}

}  // namespace

std::string denial_text(const std::string& pool, const seccomp_data& call, pid_t pid, const std::string& decided_by) {
  const std::string name = call_name(call.nr);
  std::string text = pool + ": denied: " + name + "(";
  for (int i = 0; i < 3; ++i) text += argument_text(call.args[i]) + ", ";
  text += "...) by pid " + std::to_string(pid);
  if (!decided_by.empty()) text += "; decided by " + decided_by;
  return text + advice(name);
}

Denials::Denials(std::string pool, std::map<int, std::string> decided_by)
    : pool_(std::move(pool)), decided_by_(std::move(decided_by)) {}

std::optional<std::string> Denials::tell(const seccomp_data& call, pid_t pid, Instant now) {
  Told& told = told_[call.nr];
  if (!told.bucket.take(now)) {
    ++told.untold;
    if (!untold_since_) untold_since_ = now;
    return std::nullopt;
  }
  const auto decided = decided_by_.find(call.nr);
  return denial_text(pool_, call, pid, decided == decided_by_.end() ? "" : decided->second);
}

base::Result<std::optional<std::string>> Denials::handle(int listener, Instant now) {
  answers_.spend(1, now);
  const auto reported = TRY(notifications_.receive(listener));
  if (!reported) return std::optional<std::string>();
  TRY(notifications_.refuse(listener, *reported, EPERM));
  return tell(reported->call, reported->pid, now);
}

std::optional<Instant> Denials::report_due() const {
  if (!untold_since_) return std::nullopt;
  return *untold_since_ + kReportInterval;
}

std::vector<std::string> Denials::report(Instant now) {
  const auto due = report_due();
  if (!due || now < *due) return {};
  return last_report();
}

std::vector<std::string> Denials::last_report() {
  std::vector<std::string> lines;
  for (auto& [number, told] : told_) {
    if (told.untold == 0) continue;
    lines.push_back(pool_ + ": denied: " + call_name(number) + " " + std::to_string(told.untold) + " more times");
    told.untold = 0;
  }
  untold_since_.reset();
  return lines;
}

}  // namespace launcher
