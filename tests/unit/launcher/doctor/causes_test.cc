#include "launcher/doctor/causes.h"

#include <doctest/doctest.h>
#include <errno.h>

using namespace launcher;

namespace {

Finding failed(Kind kind, int code, const char* since = "") {
  Finding finding{.name = "something", .kind = kind, .since = since};
  finding.outcome = {Outcome::Word::fails, code, "act"};
  return finding;
}

Surroundings host(bool root = true) {
  Surroundings around;
  around.root = root;
  around.release = "6.1.0-18-amd64";
  return around;
}

}  // namespace

TEST_CASE("each failure has its cause and its fix") {
  Surroundings apparmor = host(false), switched_off = host(false), none = host(false), container = host(), filtered = host(), old = host(),
               masked = host(false), confined = host(), poor = host(), systemd = host(), inside_filter = host(), mapped = host();
  apparmor.apparmor_restricts_namespaces = true;
  switched_off.namespaces_switched_off = true;
  none.no_namespaces_allowed = true;
  container.container = "docker";
  filtered.filtered = true;
  inside_filter.container = "podman";
  inside_filter.filtered = true;
  old.release = "5.10.0-28-amd64";
  masked.covered_proc = {"/proc/kcore", "/proc/keys"};
  confined.confined_by = "docker-default";
  poor.missing_capabilities = {"SYS_ADMIN", "MKNOD"};
  systemd.systemd = true;
  mapped.root_of_namespace = true;
  mapped.systemd = true;
  Surroundings poor_container = poor;
  poor_container.container = "docker";
  poor_container.filtered = true;
  poor_container.covered_proc = {"/proc/keys"};
  Finding unshared = failed(Kind::proc, EPERM);
  unshared.outcome.detail = "unshare: Operation not permitted";
  const struct {
    Surroundings around;
    Finding finding;
    const char* cause;
    const char* fix;
  } rows[] = {
      {none, failed(Kind::user_namespace, ENOSPC), "max_user_namespaces is 0", "sysctl -w user.max_user_namespaces=15000"},
      {switched_off, failed(Kind::user_namespace, EPERM), "unprivileged_userns_clone is 0", "sysctl -w kernel.unprivileged_userns_clone=1"},
      {apparmor, failed(Kind::user_namespace, EACCES), "AppArmor", "apparmor_restrict_unprivileged_userns=0"},
      {host(false), failed(Kind::user_namespace, EINVAL), "without user namespaces", "CONFIG_USER_NS=y"},
      {host(false), failed(Kind::user_namespace, ENOSPC), "limit on the number", "max_*_namespaces"},
      {inside_filter, failed(Kind::user_namespace, EPERM), "(podman)", "seccomp=unconfined"},
      {masked, failed(Kind::proc, EPERM), "/proc/kcore, /proc/keys", "systempaths=unconfined"},
      {host(false), failed(Kind::proc, EINVAL, "5.8"), "does not know subset=pid", "5.8"},
      {old, failed(Kind::mounts, ENOSYS, "5.12"), "Linux 5.10.0-28-amd64, and Linux 5.12", "boot Linux 5.12 or newer"},
      {filtered, failed(Kind::mounts, ENOSYS, "5.12"), "filter hides the call", "seccomp=unconfined"},
      {host(), failed(Kind::mounts, ENOSYS, "5.12"), "built without", "distribution's own kernel"},
      {filtered, failed(Kind::namespaces, EPERM), "loaded before fpmbox started", "SystemCallFilter="},
      {confined, failed(Kind::mounts, EACCES), "docker-default", "apparmor=unconfined"},
      {poor, failed(Kind::mounts, EPERM), "not all of root's", "`capabilities` above"},
      {host(), failed(Kind::mounts, EPERM), "a security module", "dmesg"},
      {mapped, failed(Kind::mounts, EPERM), "root of a user namespace", "as the ordinary user"},
      {mapped, failed(Kind::calls, ENOSYS, "5.12"), "root of a user namespace", "as the ordinary user"},
      {mapped, failed(Kind::user_namespace, EINVAL), "root of a user namespace", "as the ordinary user"},
      {mapped, failed(Kind::cgroup, 0), "delegated to you", "systemd-run --user --scope"},
      {poor, failed(Kind::privilege, 0), "not all of root's", "CapabilityBoundingSet="},
      {poor_container, failed(Kind::privilege, 0), "(docker)", "--cap-add SYS_ADMIN --cap-add MKNOD"},
      {poor_container, failed(Kind::mounts, EPERM), "fewer capabilities", "--cap-add SYS_ADMIN --cap-add MKNOD, "},
      {poor_container, unshared, "fewer capabilities", "--cap-add SYS_ADMIN --cap-add MKNOD, "},
      {poor_container, failed(Kind::proc, EPERM), "/proc/keys", "unmask=ALL"},
      {host(), failed(Kind::landlock, EOPNOTSUPP, "5.13"), "switched off", "lsm=landlock"},
      {old, failed(Kind::landlock, ENOSYS, "5.13"), "Linux 5.13 brought it", "5.13"},
      {host(), failed(Kind::landlock, ENOSYS, "5.13"), "built without Landlock", "CONFIG_SECURITY_LANDLOCK=y"},
      {filtered, failed(Kind::landlock, ENOSYS, "5.13"), "filter hides", "seccomp=unconfined"},
      {old, failed(Kind::seccomp, EINVAL, "5.19"), "Linux 5.19 brought it", "5.19"},
      {host(), failed(Kind::seccomp, EINVAL, "5.19"), "built without it", "CONFIG_SECCOMP_FILTER=y"},
      {container, failed(Kind::cgroup, 0), "not ours to divide", "--cgroupns private"},
      {systemd, failed(Kind::cgroup, 0), "systemd keeps", "Delegate=yes"},
      {host(false), failed(Kind::cgroup, 0), "delegated to you", "systemd-run --user --scope -p Delegate=yes"},
      {host(), failed(Kind::cgroup, 0), "mounted for us", "mount -t cgroup2"},
      {host(), failed(Kind::mounts, E2BIG), "not one that is known", "report"},
  };
  for (const auto& row : rows) {
    Finding finding = row.finding;
    explain(row.around, finding);
    CAPTURE(finding.cause);
    CAPTURE(finding.fix);
    CHECK(finding.cause.find(row.cause) != std::string::npos);
    CHECK(finding.fix.find(row.fix) != std::string::npos);
    for (const std::string& text : {finding.cause, finding.fix}) CHECK(text.find('{') == std::string::npos);
  }
}

TEST_CASE("what works, was not tried, or explains itself is left alone") {
  Finding works{.kind = Kind::mounts};
  Finding untried{.kind = Kind::mounts};
  untried.outcome.word = Outcome::Word::untried;
  Finding own = failed(Kind::folder, EPERM);
  own.cause = "own";
  own.fix = "own fix";
  for (Finding finding : {works, untried, own}) {
    const Finding before = finding;
    explain(host(), finding);
    CHECK(finding == before);
  }
}

TEST_CASE("kernels") {
  for (const char* release : {"5.12", "5.12.19", "5.13-rc1", "6.1.0-18-amd64", "10.0"}) CHECK(is_kernel_since(release, "5.12"));
  for (const char* release : {"", "5.2", "5.11.9", "4.19", "3", "x"}) CHECK_FALSE(is_kernel_since(release, "5.12"));
}

TEST_CASE("whose root somebody is") {
  CHECK(is_of_namespace("         0       1000          1"));
  CHECK(is_of_namespace("0 1000 1\n1 100000 65536"));
  CHECK_FALSE(is_of_namespace("         0          0 4294967295"));
  CHECK_FALSE(is_of_namespace(""));  // it cannot be told
}

TEST_CASE("what covers /proc") {
  CHECK(covered_in("22 1 0:20 / /proc rw - proc proc rw\n"
                   "23 22 0:5 /null /proc/kcore rw - devtmpfs none rw\n"
                   "24 22 0:21 / /proc/sys/fs/binfmt_misc rw - autofs none rw\n"
                   "25 1 0:22 / /process rw - tmpfs none rw\nnonsense\n") == std::vector<std::string>{"/proc/kcore"});
}
