#include "launcher/doctor/causes.h"

#include <errno.h>

#include <initializer_list>

#include "profiles/base/text.h"

namespace launcher {
namespace {

using Around = const Surroundings&;

struct Cause {
  std::initializer_list<Kind> kinds;  // empty: all that the kernel decides
  std::initializer_list<int> codes;   // empty: any
  bool (*holds)(Around, const Finding&);
  const char* cause;
  const char* fix;
};

constexpr auto always = [](Around, const Finding&) { return true; };
constexpr auto in_container = [](Around around, const Finding&) { return !around.container.empty(); };
constexpr auto filtered = [](Around around, const Finding&) { return around.filtered; };
constexpr auto of_namespace = [](Around around, const Finding&) { return around.root_of_namespace && !around.filtered; };
constexpr auto too_old = [](Around around, const Finding& one) { return !one.since.empty() && !is_kernel_since(around.release, one.since); };

constexpr const char* kOfNamespace = "this is root of a user namespace, to which the host's own mounts and users do not belong";
constexpr const char* kAsOrdinary = "start fpmbox as the ordinary user that made it, not below unshare: it makes a namespace of its own; or as the host's root";

// Words in braces are filled in: {release}, {since}, {missing}, {covered}, {profile}, {container}.
const Cause kCauses[] = {
    {{Kind::user_namespace}, {}, [](Around around, const Finding&) { return around.no_namespaces_allowed; },
     "user.max_user_namespaces is 0", "as root: sysctl -w user.max_user_namespaces=15000, and the same line in /etc/sysctl.d/"},
    {{Kind::user_namespace}, {}, [](Around around, const Finding&) { return around.namespaces_switched_off; },
     "kernel.unprivileged_userns_clone is 0", "as root: sysctl -w kernel.unprivileged_userns_clone=1, and the same line in /etc/sysctl.d/"},
    {{Kind::user_namespace}, {EPERM, EACCES}, [](Around around, const Finding&) { return around.apparmor_restricts_namespaces; },
     "AppArmor gives ordinary users no capability in a user namespace (kernel.apparmor_restrict_unprivileged_userns is 1)",
     "as root: give fpmbox a profile with `userns,` in /etc/apparmor.d/, or sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"},
    {{Kind::user_namespace}, {EPERM, EINVAL}, of_namespace, kOfNamespace, kAsOrdinary},
    {{Kind::user_namespace}, {EINVAL}, always, "this kernel was built without user namespaces", "boot a kernel with CONFIG_USER_NS=y"},
    {{Kind::user_namespace, Kind::namespaces}, {ENOSPC, EUSERS}, always, "a limit on the number of namespaces is reached",
     "as root: look at sysctl user, and raise the user.max_*_namespaces that is used up; nested user namespaces end at 32"},
    {{Kind::namespaces}, {EINVAL}, always, "this kernel was built without it", "boot a kernel with CONFIG_NAMESPACES and its parts"},
    {{Kind::privilege}, {}, in_container, "the container ({container}) was given fewer capabilities than a box is made with",
     "docker run or podman run with --cap-add {missing}, or leave namespaces and mounts to the container: fpmbox run --enclosed"},
    {{Kind::privilege}, {}, always, "this root has not all of root's capabilities", "leave what is missing in CapabilityBoundingSet= of the unit, or in what else starts it"},
    {{Kind::proc}, {EPERM}, [](Around around, const Finding& one) { return !around.covered_proc.empty() && !one.outcome.detail.starts_with("unshare"); },
     "parts of this /proc are covered ({covered}), and a user namespace must not uncover them",
     "docker run --security-opt systempaths=unconfined, podman run --security-opt unmask=ALL; or name `proc` in enforcement.best_effort"},
    {{Kind::proc}, {EINVAL}, always, "this kernel's procfs does not know subset=pid and hidepid=invisible", "boot Linux 5.8 or newer"},
    {{Kind::landlock}, {EOPNOTSUPP}, always, "Landlock is built in, but switched off",
     "boot with lsm=landlock,... on the kernel's command line: the words of /sys/kernel/security/lsm, and landlock first"},
    {{Kind::cgroup}, {}, [](Around around, const Finding&) { return !around.container.empty(); },
     "the container's control groups are not ours to divide",
     "docker run --cgroupns private with /sys/fs/cgroup mounted read-write (or --privileged), podman run --systemd=always; or set the limits of the container itself"},
    {{Kind::cgroup}, {}, [](Around around, const Finding&) { return around.systemd && around.root && !around.root_of_namespace; }, "systemd keeps this control group for itself",
     "in a service: Delegate=yes (fpmbox@.service has it); from a terminal: systemd-run --scope -p Delegate=yes fpmbox run NAME, which `fpmbox run` does by itself in a login session"},
    {{Kind::cgroup}, {}, [](Around around, const Finding&) { return !around.root || around.root_of_namespace; }, "no control group is delegated to you",
     "systemd-run --user --scope -p Delegate=yes fpmbox run NAME; for cpu also, as root, Delegate=cpu memory pids in user@.service"},
    {{Kind::cgroup}, {}, always, "no control group that can be divided is mounted for us", "mount -t cgroup2 none /sys/fs/cgroup, read-write, and start fpmbox in a group of its own"},
    {{Kind::seccomp}, {EINVAL}, [](Around around, const Finding& one) { return !too_old(around, one); }, "this kernel was built without it", "boot a kernel with CONFIG_SECCOMP_FILTER=y"},
    // what concerns every call
    {{}, {}, too_old, "this is Linux {release}, and Linux {since} brought it", "boot Linux {since} or newer"},
    {{Kind::landlock}, {ENOSYS}, [](Around around, const Finding&) { return !around.filtered; }, "this kernel was built without Landlock", "boot a kernel with CONFIG_SECURITY_LANDLOCK=y"},
    {{}, {ENOSYS}, filtered, "a seccomp filter hides the call, as container runtimes older than the call do",
     "update the container's runtime and libseccomp, or docker run / podman run --security-opt seccomp=PROFILE.json with a profile that allows it (or seccomp=unconfined)"},
    {{Kind::calls}, {ENOSYS}, of_namespace, kOfNamespace, kAsOrdinary},  // refused to it, for all its capabilities
    {{}, {ENOSYS}, always, "this kernel was built without it", "boot a distribution's own kernel"},
    // engines' filters let through what a capability that was given is for
    {{}, {EPERM, EACCES}, [](Around around, const Finding&) { return !around.container.empty() && !around.missing_capabilities.empty(); },
     "the container ({container}) was given fewer capabilities than that takes", "as for `capabilities` above: --cap-add {missing}, or leave it to the container: fpmbox run --enclosed"},
    {{}, {EPERM, EACCES}, [](Around around, const Finding&) { return !around.container.empty() && around.filtered; }, "the container's ({container}) seccomp filter or missing capability refuses it",
     "docker run or podman run with --cap-add SYS_ADMIN and --security-opt seccomp=unconfined (and apparmor=unconfined), or leave it to the container: fpmbox run --enclosed"},
    {{}, {EPERM, EACCES}, filtered, "a seccomp filter that was loaded before fpmbox started refuses it", "start fpmbox without that filter: SystemCallFilter= of a unit, or the tool that wraps it"},
    {{}, {EPERM, EACCES}, of_namespace, kOfNamespace, kAsOrdinary},
    {{}, {EPERM, EACCES}, [](Around around, const Finding&) { return !around.confined_by.empty(); }, "AppArmor's profile {profile} refuses it",
     "permit it in that profile; docker run --security-opt apparmor=unconfined"},
    {{}, {EPERM, EACCES}, [](Around around, const Finding&) { return !around.missing_capabilities.empty(); }, "this root has not all of root's capabilities",
     "see `capabilities` above"},
    {{}, {EPERM, EACCES}, always, "a security module refuses it", "look at the kernel's log (dmesg, journalctl -k) for AppArmor, SELinux or lockdown"},
    {{}, {ENOSPC}, always, "a limit on mounts or namespaces is reached", "as root: look at sysctl fs.mount-max and user"},
    {{}, {ENODEV}, always, "this kernel does not have that file system", "boot a distribution's own kernel, or modprobe it"},
};

bool has(std::initializer_list<int> codes, int code) {
  for (const int one : codes)
    if (one == code) return true;
  return codes.size() == 0;
}

// Rows for all kinds are about calls; users, programs and folders are no call's matter.
bool has(std::initializer_list<Kind> kinds, Kind kind) {
  for (const Kind one : kinds)
    if (one == kind) return true;
  return kinds.size() == 0 && kind != Kind::user && kind != Kind::php && kind != Kind::folder && kind != Kind::hint;
}

void replace(std::string& text, const std::string& word, const std::string& by) {
  for (std::size_t at = text.find(word); at != text.npos; at = text.find(word, at + by.size())) text.replace(at, word.size(), by);
}

std::string filled(std::string text, Around around, const Finding& finding) {
  replace(text, "{release}", around.release);
  replace(text, "{since}", finding.since);
  replace(text, "{missing}", base::join(around.missing_capabilities, " --cap-add "));
  replace(text, "{covered}", base::join(around.covered_proc, ", "));
  replace(text, "{profile}", around.confined_by);
  replace(text, "{container}", around.container);
  return text;
}

}  // namespace

void explain(const Surroundings& around, Finding& finding) {
  if (finding.outcome.word != Outcome::Word::fails || !finding.fix.empty()) return;
  for (const Cause& row : kCauses) {
    if (!has(row.kinds, finding.kind) || !has(row.codes, finding.outcome.code) || !row.holds(around, finding)) continue;
    finding.cause = filled(row.cause, around, finding);
    finding.fix = filled(row.fix, around, finding);
    return;
  }
  finding.cause = "not one that is known here";
  finding.fix = "report it with this output";
}

}  // namespace launcher
