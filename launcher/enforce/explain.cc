#include "launcher/enforce/explain.h"

#include <errno.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "launcher/enforce/child/steps.h"
#include "launcher/enforce/prepared.h"

namespace launcher {
namespace {

// What of the profile each step carries out.
struct StepKey {
  std::string_view step;
  const char* key;
};
constexpr std::array kStepKeys = {
    StepKey{"leave launcher", "identity.user"},   StepKey{"namespaces", "network"},
    StepKey{"cgroups", "limits"},                 StepKey{"session", "identity.user"},
    StepKey{"private", "filesystem"},             StepKey{"root", "filesystem"},
    StepKey{"mounts", "filesystem"},              StepKey{"pivot", "filesystem"},
    StepKey{"hostname", "name"},                  StepKey{"go", "identity.user"},
    StepKey{"cgroup namespace", "limits"},        StepKey{"fds", "listen"},
    StepKey{"limits", "limits"},                  StepKey{"program path", "php.version"},
    StepKey{"bounding set", "identity.user"},     StepKey{"securebits", "identity.user"},
    StepKey{"identity", "identity.user"},         StepKey{"capabilities", "identity.user"},
    StepKey{"no_new_privs", "identity.user"},     StepKey{"read back", "identity.user"},
    StepKey{"directory", "filesystem.code"},      StepKey{"die with launcher", "identity.user"},
    StepKey{"signals", "identity.user"},          StepKey{"memory", "memory.deny_write_execute"},
    StepKey{"landlock", "filesystem"},            StepKey{"seccomp", "syscalls"},
    StepKey{"exec", "php.version"}};

// The rows of read_back() in child/privileges.cc.
constexpr std::array kReadBack = {"ids", "groups", "capabilities", "bounding set", "securebits", "no_new_privs"};

std::string value_of(std::string_view key, const Plan& plan) {
  if (key == "name") return plan.hostname;
  if (key == "identity.user") return "user " + plan.user;
  if (key == "php.version") return plan.program.source;
  if (key == "filesystem.code") return plan.program.directory;
  return {};
}

std::string_view key_of(std::string_view step) {
  const auto row = std::find_if(kStepKeys.begin(), kStepKeys.end(), [&](const StepKey& one) { return one.step == step; });
  return row == kStepKeys.end() ? std::string_view() : row->key;
}

// "limits, wiki.yaml:6:1"; of a key that no file sets, the pool's file, where it could be set.
std::string where_of(std::string_view key, const profiles::Origins& origins) {
  const std::string& file = origins.find("identity.user").where.file;
  const bool is_set = !origins.find(key).where.text().empty();
  return is_set || file.empty() ? describe_key(std::string(key), origins) : std::string(key) + ", which " + file + " leaves open";
}

// "user www-wiki (identity.user, wiki.yaml:2:17)"
std::string subject_of_step(std::string_view step, const Plan& plan, const profiles::Origins& origins) {
  const std::string_view key = key_of(step);
  if (key.empty()) return {};
  const std::string value = value_of(key, plan), where = where_of(key, origins);
  return value.empty() ? where : value + " (" + where + ")";
}

std::string mount_text(std::size_t row, const Prepared& box, const profiles::Origins& origins) {
  const std::string target = std::string("/") + box.attach[row].target;
  for (const MountOp& op : box.plan->mounts)
    if (op.target == target) return target + " (" + describe_key(op.key, origins) + ")";
  return target;
}

std::string group_text(std::size_t row, const Prepared& box) {
  std::size_t i = 0;
  for (const CgroupOfBox& group : box.cgroups)
    if (group.tasks && i++ == row) return "group " + group.name + " of " + group.parent_path;
  return {};
}

std::string row_text(std::string_view step, std::size_t row, const Prepared& box, const profiles::Origins& origins) {
  if (step == "mounts" && row < box.attach.size()) return mount_text(row, box, origins);
  if (step == "limits" && row < box.plan->rlimits.size()) return describe_key("limits." + box.plan->rlimits[row].name, origins);
  const std::string number = std::to_string(row);
  std::string text = "row " + number;
  if (step == "namespaces" && row < box.namespaces.size()) text = std::string(box.namespaces[row].name) + " namespace";
  if (step == "cgroups") text = group_text(row, box);
  if (step == "read back" && row < kReadBack.size()) text = kReadBack[row];
  if (step == "fds") text = "fd " + number;
  if (step == "bounding set") text = "capability " + number;
  const std::string_view key = key_of(step);
  return key.empty() ? text : text + " (" + where_of(key, origins) + ")";
}

struct Advice {
  int code;
  const char* text;
};
constexpr Advice kAdvice[] = {
    {ENOSYS, "this kernel does not have that call (Linux 5.12 or newer is needed), or the seccomp filter of a container hides it"},
    {EPERM, "something refuses it to root: a container's seccomp filter or missing capability, AppArmor or SELinux; look at the "
            "kernel's log, and run `fpmbox plan` on the pool"},
    {EACCES, "something refuses it to root: AppArmor, SELinux or a missing capability; look at the kernel's log"},
    {ENOMEM, "the machine, or the control group that the launcher runs in, has no memory left"},
    {ENOSPC, "a file system is full, or fs.mount-max or user.max_*_namespaces is reached: df, sysctl"},
    {EDQUOT, "a quota is used up"},
    {EFBIG, "no file may grow so far: raise LimitFSIZE= of the unit, or ulimit -f"},
    {EROFS, "the launcher writes below /run/fpmbox and /var/lib/fpmbox: mount them writable, or name them in ReadWritePaths= of the unit"},
    {EIO, "the disk or the file system below it fails; look at the kernel's log"},
    {EMFILE, "raise LimitNOFILE= of the unit, or ulimit -n"},
    {ENFILE, "the machine has no file descriptors left: sysctl fs.file-max"},
    {EAGAIN, "the launcher's own limit of processes is reached: TasksMax= of the unit, or ulimit -u"},
};

}  // namespace

base::Error explain(const child::SetupFailure& failure, const Prepared& box, const profiles::Origins& origins) {
  if (failure.step < 0 || static_cast<std::size_t>(failure.step) >= child::kStepCount)
    return base::Error{"the box sent a report that names no step", {}, EPROTO, {}};
  const std::string step = child::kSteps[failure.step].name;
  const std::string subject = failure.subject < 0 ? subject_of_step(step, *box.plan, origins)
                                                  : row_text(step, static_cast<std::size_t>(failure.subject), box, origins);
  return base::Error{"step `" + step + "`" + (subject.empty() ? "" : " on " + subject), {}, failure.code, {}};
}

std::string with_advice(const base::Error& error) {
  for (const Advice& row : kAdvice)
    if (row.code == error.code) return error.text() + "; " + row.text;
  return error.text();
}

}  // namespace launcher
