#include "launcher/enforce/verify.h"

#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <vector>

#include "launcher/sys/file.h"
#include "profiles/base/text.h"

namespace launcher {
namespace {

struct Expected {
  std::string name;
  std::string value;
};

std::string four(std::uint64_t id) {
  const std::string text = std::to_string(id);
  return text + "\t" + text + "\t" + text + "\t" + text;
}

// proc(5), /proc/pid/status
std::vector<Expected> expected(const Plan& plan) {
  const std::string none = "0000000000000000";
  std::vector<Expected> rows = {{"Uid", four(plan.uid)}, {"Gid", four(plan.gid)}, {"CapInh", none}, {"CapPrm", none},
                                {"CapEff", none},        {"CapAmb", none},        {"NoNewPrivs", "1"}, {"Seccomp", "2"}};
  // an unprivileged launcher cannot empty the bounding set nor its groups; no_new_privs makes both idle
  if (plan.supervisor_uid.has_value() || !plan.enclosed) {
    rows.push_back({"CapBnd", none});
    if (!plan.user_namespace || plan.becomes_pool) rows.push_back({"Groups", ""});  // the gap identity.groups
  }
  return rows;
}

}  // namespace

base::Status verify_status(const std::string& text, const Plan& plan) {
  const std::vector<std::string> lines = base::split(text, '\n');
  for (const Expected& row : expected(plan)) {
    bool seen = false;
    for (const std::string& line : lines) {
      if (!line.starts_with(row.name + ":")) continue;
      seen = true;
      std::string value = line.substr(row.name.size() + 1);
      value.erase(0, value.find_first_not_of(" \t"));
      value.erase(value.find_last_not_of(" \t") + 1);
      if (value != row.value) return base::Error{row.name + " is `" + value + "`, not `" + row.value + "`", {}, 0, {}};
    }
    if (!seen) return base::Error{"/proc/PID/status has no line " + row.name, {}, 0, {}};
  }
  return base::success();
}

namespace {

struct Namespace {
  std::uint64_t bit;
  const char* name;
};
constexpr std::array kNamespaces = {Namespace{CLONE_NEWNS, "mnt"}, Namespace{CLONE_NEWPID, "pid"}, Namespace{CLONE_NEWNET, "net"},
                                    Namespace{CLONE_NEWIPC, "ipc"}, Namespace{CLONE_NEWUTS, "uts"}, Namespace{CLONE_NEWCGROUP, "cgroup"}};

// namespaces(7): the same inode means the same namespace.
base::Result<ino_t> namespace_of(const std::string& process, const char* name) {
  const std::string path = process + "/ns/" + name;
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return sys::failure("stat", path);
  return info.st_ino;
}

base::Error misplaced(const char* name, const char* is) { return {std::string("its ") + name + " namespace is " + is, {}, 0, {}}; }

base::Status verify_cgroups(const std::string& process, const std::string& name, std::size_t cgroups) {
  const std::string text = TRY(sys::read_file(process + "/cgroup", 1 << 16));
  std::size_t found = 0;
  for (const std::string& line : base::split(text, '\n')) found += line.ends_with("/" + name);
  if (found < cgroups) return base::Error{"it is not in all of its control groups", {}, 0, {}};
  return base::success();
}

// proc(5): files of a process that is not dumpable belong to root, who is nobody in a user namespace of one id.
base::Status verify_not_dumpable(const std::string& process, const Plan& plan) {
  struct stat info {};
  if (::stat((process + "/mem").c_str(), &info) != 0) return sys::failure("stat", process + "/mem");
  const bool belongs_to_pool = plan.user_namespace ? info.st_uid == plan.uid : info.st_uid != 0;
  if (belongs_to_pool) return base::Error{"it is dumpable: its memory could be written through /proc", {}, 0, {}};
  return base::success();
}

}  // namespace

base::Status verify_running(pid_t pid, const Plan& plan, const std::string& cgroup_name, std::size_t cgroups) {
  const std::string process = "/proc/" + std::to_string(pid);
  const std::string status = TRY(sys::read_file(process + "/status", 1 << 16));
  TRY(verify_status(status, plan));
  TRY(verify_cgroups(process, cgroup_name, cgroups));
  return plan.program.is_readable ? base::success() : verify_not_dumpable(process, plan);
}

base::Status verify_namespaces(pid_t pid, const Plan& plan, const std::vector<FreshNamespace>& joined) {
  const std::string process = "/proc/" + std::to_string(pid);
  for (const Namespace& row : kNamespaces) {
    if ((plan.namespaces & row.bit) == 0) continue;
    const ino_t theirs = TRY(namespace_of(process, row.name)), ours = TRY(namespace_of("/proc/self", row.name));
    if (theirs == ours) return misplaced(row.name, "the launcher's");
  }
  for (const FreshNamespace& one : joined) {
    const struct stat made = TRY(sys::status_of(one.fd.get()));
    if (const ino_t theirs = TRY(namespace_of(process, one.name)); theirs != made.st_ino) return misplaced(one.name, "not the one that was made for it");
  }
  return base::success();
}

}  // namespace launcher
