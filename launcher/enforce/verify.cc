#include "launcher/enforce/verify.h"

#include <unistd.h>

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
    rows.push_back({"Groups", ""});
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

base::Status verify_running(pid_t pid, const Plan& plan) {
  const std::string text = TRY(sys::read_file("/proc/" + std::to_string(pid) + "/status", 1 << 16));
  return verify_status(text, plan);
}

}  // namespace launcher
