#include "launcher/plan/planner.h"

#include <sched.h>

#include <algorithm>

#include "launcher/facts/host_checks.h"
#include "launcher/facts/image_paths.h"
#include "launcher/plan/facets.h"
#include "launcher/plan/inside.h"
#include "launcher/plan/plan_programs.h"

namespace launcher {

void Gaps::add(std::string layer, std::string reason, std::string fix) {
  const auto& allowed = enforcement_.best_effort;
  const bool optional = std::any_of(allowed.begin(), allowed.end(), [&](const auto& item) { return item.layer == layer; });
  out_.push_back({std::move(layer), std::move(reason), std::move(fix), !optional});
}

void Gaps::inherent(std::string layer, std::string reason, std::string fix) {
  out_.push_back({std::move(layer), std::move(reason), std::move(fix), false});
}

void Gaps::demand(std::string layer, std::string reason, std::string fix) {
  out_.push_back({std::move(layer), std::move(reason), std::move(fix), true, true});
}

void Gaps::cover(std::string layer, std::string reason, std::string stands_in, std::string fix) {
  out_.push_back({std::move(layer), std::move(reason), std::move(fix), false, false, std::move(stands_in)});
}

namespace {

constexpr std::uint64_t kNamespaces =
    CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;

void plan_identity(const PlanInput& input, Plan& plan, Gaps& gaps) {
  const auto& identity = input.policy.identity;
  plan.user = identity.user;
  plan.group = identity.group.empty() ? identity.user : identity.group;
  if (const auto user = input.facts.users.find(identity.user); user != input.facts.users.end()) {
    plan.uid = user->second.uid;
    plan.gid = user->second.gid;
  }
  if (const auto group = input.facts.groups.find(identity.group); group != input.facts.groups.end()) plan.gid = group->second;
  const bool is_root = !input.facts.container || input.facts.container->uid == 0;
  if (input.facts.ordinary_user || !is_root) return;  // who can become nobody else
  if (const auto own = input.facts.users.find(kSupervisorUser); own != input.facts.users.end()) {
    plan.supervisor_uid = own->second.uid;
    plan.supervisor_gid = own->second.gid;
  } else if (input.facts.privileged) {
    gaps.add("launcher.identity", std::string("there is no user ") + kSupervisorUser + " for the launcher once the box runs",
             std::string("adduser --system --group --no-create-home --home /nonexistent ") + kSupervisorUser);
  }
}

void plan_kernel(const PlanInput& input, Gaps& gaps) {
  for (const MissingCall& call : input.facts.missing_calls)
    gaps.demand("kernel", "the system call " + call.name + " cannot be used here",
                "boot Linux " + call.since + " or newer, or let the container's seccomp filter allow it");
}

// What a box of root's has beside them, with mounts and copies that only root can make.
void plan_program_walls(const PlanInput& input, Gaps& gaps) {
  if (input.policy.programs.empty()) return;
  if (input.facts.ordinary_user)
    gaps.inherent("programs.dumpable", "processes of the named programs are dumpable: others of the box can read their memory, and only its "
                  "read-only /proc keeps them from writing it", "root starts the box");
  const bool is_one_user = input.facts.enclosed && input.facts.container && input.facts.container->uid != 0;
  if (is_one_user)
    gaps.inherent("programs.dumpable", "php-fpm's copy in memory is a file of the pool's own, which can make it readable: what is started from it, and the "
                  "named programs, are dumpable; the filter keeps others of the box from their memory", "start the container as root");
}

void plan_privileges(const PlanInput& input, Gaps& gaps) {
  if (input.facts.container) return;  // plan_container()
  if (input.facts.ordinary_user) return plan_ordinary_user(input, gaps);
  if (!input.facts.privileged)
    gaps.add("namespaces", "root lacks capabilities here that a box needs", "run it as an ordinary user, who makes its box in a user "
             "namespace, or with --enclosed inside a container");
}

PhpInput php_input(const PlanInput& input) {
  const CodePaths code = code_paths(input.policy, input.facts);
  PhpInput out{input.policy, input.origins, input.facts.php, config_directory(input),
               sessions_directory(input), code.pinned, code.resolved, code.named, {}, input.facts.host_name, input.request.is_service(),
               php_program_directory(input.facts, config_directory(input)), input.request.is_recording};
  const auto user = input.facts.users.find(input.policy.identity.user);
  // without root the box maps ids, and its user owns the code as likely as not
  if ((input.facts.privileged || input.facts.container) && user != input.facts.users.end()) out.uid = user->second.uid;
  if (input.request.trial) out.trial_script = inside::kTrialScript;
  return out;
}

void plan_request(const PlanInput& input, const PhpConfiguration& php, base::Diagnostics& diagnostics, Plan& out) {
  if (!input.request.is_service()) {
    out.program = plan_command(input, diagnostics);
    return;
  }
  out.pool_directory = input.request.trial ? plan_trial_directory(input) : plan_pool_directory(input);
  out.live = input.request.trial ? plan_trial_socket(input) : plan_live_socket(input);
  out.status = plan_status_socket();
  out.program = plan_service(input, php, out);
}

}  // namespace

Plan plan(const PlanInput& input, base::Diagnostics& diagnostics) {
  Plan out;
  const bool enclosed = input.facts.enclosed;
  Gaps gaps(input.policy.enforcement, out.gaps);
  out.pool = input.policy.name;
  out.hostname = input.policy.name;
  out.enclosed = enclosed;
  out.user_namespace = input.facts.ordinary_user.has_value();
  out.namespaces = enclosed ? 0 : kNamespaces | (out.user_namespace ? CLONE_NEWUSER : 0);
  out.umask = input.policy.filesystem.umask.bits;
  out.start_timeout_ms = input.policy.limits.start_timeout.milliseconds;
  out.stop_timeout_ms = input.policy.limits.stop_timeout.milliseconds;
  out.state_directory = state_directory(input);
  out.root = input.facts.root;
  out.image = input.facts.image;
  check_host({input.policy, input.origins, input.facts, diagnostics});
  plan_kernel(input, gaps);
  plan_privileges(input, gaps);
  plan_program_walls(input, gaps);
  plan_identity(input, out, gaps);
  PhpConfiguration php = render_php(php_input(input), diagnostics);
  out.mounts = plan_mounts(input, php);
  plan_limits(input, out, gaps);
  plan_request(input, php, diagnostics, out);
  out.landlock = plan_landlock(input, out.mounts, out.program, gaps);
  out.filter = plan_syscalls(input, gaps);
  plan_memory(input, out, gaps);
  plan_network(input, out, gaps);
  plan_connections(input, gaps);
  plan_container(input, out, gaps);
  out.notes = std::move(php.notes);
  if (!out.root.empty()) out.notes.push_back("libraries and PHP are those of " + input.policy.filesystem.root + ", not this host's");
  if (is_in_image(input.facts, input.policy.filesystem.code.text))
    out.notes.push_back("the code lies in the image, where no web server of this host finds stylesheets: `fpmbox export nginx` says what to do");
  for (std::string& note : notes_on_programs(input.policy, out.mounts)) out.notes.push_back(std::move(note));
  if (input.policy.filesystem.root != "system" && enclosed)
    gaps.add("root.built", "in a container there are no mounts of our own: the root is the container's",
             "leave filesystem.root out, or name the layer in enforcement.best_effort");
  if (input.policy.filesystem.owned_by_pool == "accepted")
    out.gaps.push_back({"code.owner", "the pool's user owns the code: outside the box it can change it", "chown -R root: the code",
                        false});
  if (input.request.trial) plan_trial(input, out);
  return out;
}

}  // namespace launcher
