#include "launcher/learn/recording_plan.h"

#include <algorithm>

#include "launcher/enforce/scratch.h"
#include "launcher/learn/extensions.h"
#include "launcher/learn/watched_calls.h"
#include "launcher/plan/inside.h"

namespace launcher {
namespace {

using Kind = MountOp::Kind;
using profiles::Policy;

// Debuggers change what they look at; FFI is a way around every wall and no application's habit.
constexpr std::string_view kNeverLoaded[] = {"ffi", "pcov", "phpdbg", "uopz", "xdebug"};
// While they are there, an application says which program it wants. None is started: execve is refused all the same.
constexpr std::string_view kProgramStarters[] = {"exec", "shell_exec", "system", "passthru", "popen", "proc_open", "pcntl_exec"};
// Layers that this box does not have, so that nothing is to be said about how well the host gives them.
constexpr std::string_view kLeftOut[] = {"landlock", "network", "connect", "mail", "code.owner"};

constexpr const char* kScratch = "/run/fpmbox/.learn";  // beside the pools: none can have that name
constexpr const char* kRun = "/run";

template <class Table>
bool is_in(const Table& table, std::string_view word) {
  return std::find(std::begin(table), std::end(table), word) != std::end(table);
}

bool is_below(const std::string& path, const std::string& folder) { return path == folder || path.starts_with(folder + "/"); }

MountOp bound(std::string target, std::string source) {
  return {.kind = Kind::bind, .target = std::move(target), .source = std::move(source), .key = "learn"};
}

// What lies in the code's own folder is in its overlay already.
bool is_in_code(const MountOp& op, const std::string& code) { return op.source == op.target && op.target.starts_with(code + "/"); }

void to_scratch(MountOp& op) {
  op.kind = op.is_directory ? Kind::overlay : Kind::copy;
  op.handed_over = op.key == "filesystem.code";
  op.read_only = false;
}

void keep_host_untouched(std::vector<MountOp>& mounts) {
  std::string code;
  for (MountOp& op : mounts) {
    if (op.kind != Kind::bind) continue;
    const bool is_code = op.key == "filesystem.code";
    if (is_code) code = op.target;
    if (is_code || (!op.read_only && op.owned_by_pool)) to_scratch(op);
  }
  std::erase_if(mounts, [&](const MountOp& op) { return is_in_code(op, code); });
}

// Databases and the like have their sockets there, and which of them the application wants is the question.
void show_sockets(std::vector<MountOp>& mounts) {
  std::erase_if(mounts, [](const MountOp& op) { return is_below(op.target, kRun) && op.kind != Kind::overlay; });
  mounts.push_back(bound(kRun, kRun));
}

void add_own_files(const std::string& scratch, std::vector<MountOp>& mounts) {
  mounts.push_back({.kind = Kind::file, .target = inside::kExtensionsScript, .content = render_extensions_script(), .is_directory = false,
                    .mode = 0644, .key = "learn"});
  mounts.push_back(bound(inside::kRecorded, scratch + "/" + kExchange));
}

void record_calls(FilterPlan& filter) {
  filter.records = true;
  for (FilterRule& rule : filter.rules) {
    if (rule.action != FilterRule::Action::allow) continue;
    // a profile that grants programs allows execve: which ones are started beside those is still to be seen
    if (watched_call(rule.name) == nullptr && rule.name != "execve") continue;
    rule.action = FilterRule::Action::record;
    rule.arguments.clear();
  }
}

std::string layer_of(const Gap& gap) { return gap.layer.substr(0, std::min(gap.layer.find('['), gap.layer.find('.'))); }

}  // namespace

bool is_never_loaded(std::string_view extension) { return is_in(kNeverLoaded, extension); }

Policy recording_policy(const Policy& policy, const PhpFacts& php) {
  Policy out = policy;
  out.network = {profiles::NetworkMode::host, "recording"};
  for (const std::string& name : php.shared)
    if (!is_in(out.php.extensions, name) && !is_never_loaded(name)) out.php.extensions.push_back(name);
  std::erase_if(out.php.disable_functions, [](const std::string& name) { return is_in(kProgramStarters, name); });
  out.php.open_basedir = false;
  out.filesystem.owned_by_pool = "accepted";  // in the overlay it does
  return out;
}

Plan recording_plan(const PlanInput& input) {
  const Policy policy = recording_policy(input.policy, input.facts.php);
  base::Diagnostics said_before;
  Request request = input.request;
  request.is_recording = true;
  Plan out = plan({policy, input.origins, input.facts, request}, said_before);
  out.scratch = kScratch;
  out.supervisor_uid.reset();  // the launcher stays root, and asks on the status socket as such
  out.supervisor_gid.reset();
  keep_host_untouched(out.mounts);
  show_sockets(out.mounts);
  add_own_files(out.scratch, out.mounts);
  record_calls(out.filter);
  out.landlock = {};
  std::erase_if(out.gaps, [](const Gap& gap) { return is_in(kLeftOut, layer_of(gap)) || gap.layer == "code.owner"; });
  if (!input.facts.user_notification)
    out.gaps.push_back({"recording", "this kernel has no seccomp user notification: nothing could be recorded", "boot Linux 5.19 or newer",
                        true, false});
  return out;
}

}  // namespace launcher
