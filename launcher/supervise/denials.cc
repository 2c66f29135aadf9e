#include "launcher/supervise/denials.h"

#include <errno.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "launcher/sys/file.h"
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

// A kernel may know longer structures than the headers that this was built with.
seccomp_notif_sizes kernel_sizes() {
  seccomp_notif_sizes sizes = {};
  if (::syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes) != 0) sizes = {};
  sizes.seccomp_notif = std::max<decltype(sizes.seccomp_notif)>(sizes.seccomp_notif, sizeof(seccomp_notif));
  sizes.seccomp_notif_resp =
      std::max<decltype(sizes.seccomp_notif_resp)>(sizes.seccomp_notif_resp, sizeof(seccomp_notif_resp));
  return sizes;
}

}  // namespace

std::string denial_text(const std::string& pool, const seccomp_data& call, pid_t pid, const std::string& decided_by) {
  const std::string name = call_name(call.nr);
  std::string text = pool + ": denied: " + name + "(";
  for (int i = 0; i < 3; ++i) text += argument_text(call.args[i]) + ", ";
  text += "...) by pid " + std::to_string(pid);
  if (!decided_by.empty()) text += "; decided by " + decided_by;
  return text + "; to permit it add syscalls.allow: [{name: " + name + ", why: \"...\"}]";
}

Denials::Denials(std::string pool, std::map<int, std::string> decided_by)
    : pool_(std::move(pool)), decided_by_(std::move(decided_by)) {
  const seccomp_notif_sizes sizes = kernel_sizes();
  request_.resize(sizes.seccomp_notif);
  answer_.resize(sizes.seccomp_notif_resp);
}

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
  std::fill(request_.begin(), request_.end(), static_cast<unsigned char>(0));  // the kernel insists
  std::fill(answer_.begin(), answer_.end(), static_cast<unsigned char>(0));
  answers_.spend(1, now);
  if (::ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, request_.data()) != 0) {
    // the caller died meanwhile, or a signal came
    if (errno == ENOENT || errno == EINTR) return std::optional<std::string>();
    return sys::failure("SECCOMP_IOCTL_NOTIF_RECV", {});
  }
  seccomp_notif request;
  std::memcpy(&request, request_.data(), sizeof request);
  seccomp_notif_resp answer = {};
  answer.id = request.id;
  answer.error = -EPERM;
  std::memcpy(answer_.data(), &answer, sizeof answer);
  if (::ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, answer_.data()) != 0 && errno != ENOENT) {
    return sys::failure("SECCOMP_IOCTL_NOTIF_SEND", call_name(request.data.nr));
  }
  return tell(request.data, static_cast<pid_t>(request.pid), now);
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
