#include "launcher/export/timers.h"

#include <utility>

#include "launcher/export/unit_word.h"
#include "profiles/base/units.h"

namespace launcher {
namespace {

// A dot is in no name of a job, so the last one parts them: no two jobs write one unit.
std::string unit_of(const std::string& pool, const std::string& job) { return "fpmbox-" + pool + "." + job; }

base::Result<std::string> command_of(const profiles::Job& job, const std::string& pool) {
  const std::string name = TRY(unit_word(pool));
  std::string out = "ExecStart=fpmbox exec " + name + " --";  // systemd looks for it in sbin, and in that of /usr/local first
  for (const std::string& word : job.run) {
    const std::string next = TRY(unit_word(word));
    out += " " + next;
  }
  return out + "\n";
}

std::string head(const std::string& name, const std::string& job) { return "[Unit]\nDescription=Job " + job + " of the pool " + name + ", in a box\nDocumentation=man:fpmbox(8)\n\n"; }

base::Result<std::string> service(const std::string& name, const std::string& job, const profiles::Job& what, const std::string& pool) {
  const std::string command = TRY(command_of(what, pool));
  // Delegate=: the limits are put on the box, as in fpmbox@.service
  return "# Written by `fpmbox export timers`: systemctl start " + unit_of(name, job) + ".service runs it at once, journalctl -u says what it said.\n" +
         head(name, job) + "[Service]\nType=oneshot\n" + command + "Delegate=yes\nOOMPolicy=continue\nUMask=0022\nLimitCORE=0\nNoNewPrivileges=yes\n";
}

std::string timer(const std::string& name, const std::string& job, const profiles::Job& what) {
  // a minute after the machine's start, or a machine that is off each night would never see a job of 24h
  return "# Written by `fpmbox export timers`: systemctl enable --now " + unit_of(name, job) + ".timer\n" + head(name, job) +
         "[Timer]\nOnActiveSec=1min\nOnUnitActiveSec=" + base::format(what.every) + "\nAccuracySec=1s\n\n[Install]\nWantedBy=timers.target\n";
}

}  // namespace

base::Result<profiles::Exported> export_timers(const profiles::Policy& policy, const std::string& pool) {
  if (policy.jobs.empty())
    return base::Error{"the pool `" + policy.name + "` has no jobs; name one in its file: jobs: {tick: {every: 1h, run: [php, SCRIPT]}}", {}, 0, {}};
  profiles::Exported out;
  for (const auto& [job, what] : policy.jobs) {
    const std::string path = "/etc/systemd/system/" + unit_of(policy.name, job);
    std::string unit = TRY(service(policy.name, job, what, pool));
    out.files.push_back({path + ".service", std::move(unit)});
    out.files.push_back({path + ".timer", timer(policy.name, job, what)});
  }
  return out;
}

}  // namespace launcher
