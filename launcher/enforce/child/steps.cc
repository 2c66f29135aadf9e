#include "launcher/enforce/child/steps.h"

#include <unistd.h>

namespace child {

const Step kSteps[] = {
    {"leave launcher", Where::always, "with copies of the launcher's ends this process would not see its death", leave_launcher},
    {"namespaces", Where::box_only, "those that were made while the profile was read; clone made the others", join_namespaces},
    {"cgroups", Where::always, "before anything that counts; by itself, which spares the wait of a move by another", join_cgroups},
    {"session", Where::always, "no controlling terminal: TIOCSTI has nothing to push into", new_session},
    {"private", Where::box_only, "before any mount: none may travel to or from the host", make_tree_private},
    {"root", Where::box_only, "an empty tmpfs of our own, so that every later target is ours", attach_root},
    {"mounts", Where::box_only, "detached trees by fd, flags already set on all of each", attach_mounts},
    {"pivot", Where::box_only, "after all mounts; the host's tree is detached and out of reach", pivot},
    {"hostname", Where::box_only, "the box's own name; needs a capability that goes below", set_hostname},
    {"go", Where::always, "the janitor can end this process from here on, whatever becomes of the launcher", await_go},
    {"cgroup namespace", Where::box_only, "after `go`: its root is the box's own group", leave_cgroup_namespace},
    {"fds", Where::always, "sockets to 3 and 4, program to K, all else closes at exec", place_fds},
    {"limits", Where::always, "after K: from here on no fd can be placed at or above it", lower_limits},
    {"program path", Where::always, "needs CAP_SYS_RAWIO; page 0 goes with the exec and cannot be had again", pin_path},
    {"bounding set", Where::always, "needs CAP_SETPCAP, so before it goes; no exec can give a capability back",
     empty_bounding_set},
    {"securebits", Where::always, "root would mean nothing even if it were reached; locked", lock_securebits},
    {"identity", Where::always, "groups first: setgroups needs the privilege that setresuid takes", drop_identity},
    {"capabilities", Where::always, "NO_SETUID_FIXUP left them in place on purpose; now none", clear_capabilities},
    {"no_new_privs", Where::always, "before landlock and seccomp, which ask for it", set_no_new_privs},
    {"read back", Where::always, "the kernel is asked what was really dropped", read_back},
    {"directory", Where::always, "as the pool's user: what it cannot enter is no place for its command", enter_directory},
    {"die with launcher", Where::always, "after the change of identity, which would clear it", die_with_launcher},
    {"signals", Where::always, "the launcher's mask and dispositions are not the workload's", reset_signals},
    {"memory", Where::always, "before seccomp, which lets few options of prctl through; fork and exec hand it on", deny_write_execute},
    {"landlock", Where::always, "before seccomp: the filter refuses its calls", restrict_by_landlock},
    {"seccomp", Where::always, "last: every step above would need calls that the box must not have", load_filter},
    {"exec", Where::always, "the one program, by fd", execute},
};
const size_t kStepCount = sizeof kSteps / sizeof kSteps[0];

[[noreturn]] static void fail(const Orders& orders, size_t step, int code, int subject) {
  const SetupFailure failure = {static_cast<int32_t>(step), code, subject};
  // Nothing can be done when the parent is gone: the exit says enough.
  [[maybe_unused]] const ssize_t written = write(orders.report, &failure, sizeof failure);
  _exit(71);
}

void enter(const Orders& orders) {
  for (size_t i = 0; i < kStepCount; ++i) {
    if (orders.enclosed && kSteps[i].where == Where::box_only) continue;
    int subject = -1;
#ifdef FPMBOX_FAULTS
    if (orders.fault_step == static_cast<int>(i)) fail(orders, i, orders.fault_errno, subject);
#endif
    const int code = kSteps[i].run(orders, subject);
    if (code != 0) fail(orders, i, code, subject);
  }
  _exit(70);  // `execute` does not come back with success
}

}  // namespace child
