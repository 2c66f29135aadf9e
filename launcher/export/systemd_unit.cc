#include "launcher/export/systemd_unit.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>

#include "launcher/export/oci_seccomp.h"
#include "launcher/export/unit_word.h"
#include "launcher/plan/inside.h"
#include "profiles/base/text.h"
#include "profiles/export/engines.h"

namespace launcher {
namespace {

using profiles::EngineLine;
using profiles::ExportedFile;

// Of FPM's status socket, which the launcher asks: nobody is there who would.
constexpr const char* kAskedByLauncher[] = {"pm.status_listen", "pm.status_path", "ping."};

constexpr std::uint32_t kForPool = 0640;  // environment: may hold passwords

std::string folder_of(const Plan& plan) { return "/etc/fpmbox/systemd/" + plan.pool; }
std::string unit_of(const Plan& plan, const char* type) { return "php-fpm-" + plan.pool + type; }
// The pool's folder is its root, in which generated files lie as they do in a box; systemd makes the places of mounts.
std::string kept(const Plan& plan, const MountOp& file) { return folder_of(plan) + file.target; }

bool is_plain(const std::string& path) {
  return std::all_of(path.begin(), path.end(), [](unsigned char c) { return std::isalnum(c) != 0 || std::string_view("/._-+@,=~").find(static_cast<char>(c)) != std::string_view::npos; });
}

// systemd makes no links: what a link leads to is shown under both names.
struct View {
  std::string source;
  std::string target;
  bool read_only = true;
  bool executes = false;
};

std::string real_source(const MountOp& link) {
  if (link.source.starts_with("/")) return link.source;
  const std::string beside = link.target.substr(0, link.target.rfind('/') + 1);
  return beside + link.source;
}

std::vector<View> views_of_link(const MountOp& link, const std::vector<View>& shown) {
  std::vector<View> out;
  const std::string source = real_source(link);
  for (const View& one : shown) {
    if (one.target == source) out.push_back({one.source, link.target, one.read_only, one.executes});
    if (one.target.starts_with(source + "/")) out.push_back({one.source, link.target + one.target.substr(source.size()), one.read_only, one.executes});
  }
  return out;
}

std::vector<View> views_of(const Plan& plan) {
  std::vector<View> out;
  for (const MountOp& op : plan.mounts) {
    if (op.kind == MountOp::Kind::bind) out.push_back({op.source, op.target, op.read_only, !op.no_exec});
  }
  for (const MountOp& op : plan.mounts)
    if (op.kind == MountOp::Kind::symlink)
      for (View& view : views_of_link(op, std::vector<View>(out))) out.push_back(std::move(view));
  out.push_back({plan.program.source, plan.program.source, true, true});
  return out;
}

// At each restart systemd follows links in a bind's source, as root: the pool's own folder holds none.
base::Status check_nesting(const Plan& plan) {
  for (const MountOp& op : plan.mounts)
    for (const MountOp& above : plan.mounts)
      if (op.kind == MountOp::Kind::bind && above.kind == MountOp::Kind::bind && !above.read_only && op.source.starts_with(above.source + "/"))
        return base::Error{"`" + base::escape_control(op.source) + "` lies in `" + base::escape_control(above.source) + "`, where the pool could put a link in its place, which a unit follows: leave the inner one out of filesystem.writable",
                           {}, 0, {}};
  return base::success();
}

base::Result<std::string> mounts_of(const Plan& plan) {
  std::string out, executes, fixed, writable;
  for (const View& view : views_of(plan)) {
    for (const std::string* path : {&view.source, &view.target})
      if (!is_plain(*path)) return base::Error{"`" + base::escape_control(*path) + "` has characters that a unit's path cannot hold", {}, 0, {}};
    if (!view.read_only) writable += " +" + view.target;
    out += (view.read_only ? "BindReadOnlyPaths=" : "BindPaths=") + view.source + (view.source == view.target ? "" : ":" + view.target) + "\n";
    (view.executes ? executes : fixed) += " +" + view.target;
  }
  // READY goes to a socket of the manager's
  out += "BindReadOnlyPaths=/run/systemd/notify\n";
  if (!writable.empty()) out += "ReadWritePaths=" + writable.substr(1) + "\n";
  // each by its name: NoExecPaths= of the root passes over what is mounted below
  if (!fixed.empty()) out += "NoExecPaths=" + fixed.substr(1) + "\n";
  return out + "ExecPaths=" + executes.substr(1) + "\n";
}

// Names alone: of arguments, systemd looks at what the table's own directives say.
std::string filter_of(const profiles::Policy& policy) {
  constexpr std::size_t kNamesALine = 12;
  std::string out;
  std::size_t count = 0;
  for (const FilterRule& rule : exported_filter(policy).rules) {
    if (rule.action != FilterRule::Action::allow) continue;
    out += (count++ % kNamesALine == 0 ? "\nSystemCallFilter=" : " ") + rule.name;
  }
  return out.substr(1) + "\n";
}

base::Result<std::string> command_of(const Plan& plan) {
  std::string out = "ExecStart=" + plan.program.source;
  for (std::size_t at = 1; at < plan.program.argv.size(); ++at) {
    const std::string next = TRY(unit_word(plan.program.argv[at]));
    out += " " + next;
  }
  return out + "\n";
}

std::string octal(mode_t mode) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "%04o", static_cast<unsigned>(mode));
  return text.data();
}

std::string own_conf(const std::string& text) {
  std::string out;
  for (const std::string& line : base::split(text, '\n')) {
    const bool is_asked = std::any_of(std::begin(kAskedByLauncher), std::end(kAskedByLauncher), [&](const char* key) { return line.starts_with(key); });
    if (!is_asked && !line.empty()) out += line + "\n";
  }
  return out;
}

base::Result<std::string> service(const profiles::Policy& policy, const Plan& plan, const profiles::EngineValues& values, const std::vector<EngineLine>& gaps) {
  const std::string command = TRY(command_of(plan));
  const std::string mounts = TRY(mounts_of(plan));
  std::string out = profiles::engine_head("/etc/systemd/system/" + unit_of(plan, ".service") + ", with " + unit_of(plan, ".socket") + " and " + folder_of(plan) +
                                              " beside it: systemctl enable --now " + unit_of(plan, ".socket"), policy, gaps);
  out += "[Unit]\nDescription=PHP-FPM pool " + plan.pool + " in systemd's own walls\nRequires=" + unit_of(plan, ".socket") + "\nAfter=" + unit_of(plan, ".socket") + "\n\n";
  out += "[Service]\nType=notify\n" + command + "KillSignal=SIGQUIT\nKillMode=mixed\nOOMPolicy=continue\nRestart=on-failure\n";
  out += std::string("Environment=\"PHP_INI_SCAN_DIR=\" \"FPM_SOCKETS=") + inside::kLiveSocket + "=3\"\nUnsetEnvironment=LISTEN_FDS LISTEN_PID LISTEN_FDNAMES\nUMask=" + octal(plan.umask) + "\n\n";
  for (const EngineLine& option : options_of(profiles::Engine::systemd, values)) out += option.text + "\n";
  return out + "\n" + mounts + "\n" + filter_of(policy);
}

std::string socket(const profiles::Policy& policy, const Plan& plan) {
  std::string out = "# The pool's socket: bound by systemd, never the pool's own.\n[Socket]\nListenStream=" + (plan.live.tcp.empty() ? plan.live.unix_path : plan.live.tcp) + "\n";
  if (plan.live.tcp.empty())
    out += "SocketUser=" + policy.listen.owner + "\n" + (policy.listen.group.empty() ? "" : "SocketGroup=" + policy.listen.group + "\n") + "SocketMode=0660\nRemoveOnStop=yes\n";
  return out + "Backlog=" + std::to_string(plan.live.backlog) + "\n\n[Install]\nWantedBy=sockets.target\n";
}

}  // namespace

base::Result<profiles::Exported> export_systemd(const profiles::Policy& policy, const Plan& plan) {
  TRY(check_nesting(plan));
  const auto values = profiles::engine_values(policy, {}, profiles::Engine::systemd);
  profiles::Exported out{{}, gaps_of(profiles::Engine::systemd, values)};
  std::string unit = TRY(service(policy, plan, values, out.gaps));
  out.files.push_back({"/etc/systemd/system/" + unit_of(plan, ".service"), std::move(unit)});
  out.files.push_back({"/etc/systemd/system/" + unit_of(plan, ".socket"), socket(policy, plan)});
  for (const MountOp& op : plan.mounts)
    if (op.kind == MountOp::Kind::file)
      out.files.push_back({kept(plan, op), op.target.ends_with("/php-fpm.conf") ? own_conf(op.content) : op.content, kForPool, plan.gid});
  return out;
}

}  // namespace launcher
