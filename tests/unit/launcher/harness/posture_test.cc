// What a running box may differ in, each found by exactly its row.
#include "launcher/harness/posture.h"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "launcher/enforce/filter.h"
#include "tests/support/planned.h"

using namespace harness;
using launcher::MountOp;
using launcher::Plan;

namespace {

std::string mount_line(const std::string& target, const std::string& flags, const std::string& options) {
  return "36 35 0:1 / " + target + " " + flags + " - tmpfs tmpfs " + options + "\n";
}

std::string flags_of(const MountOp& op) {
  const bool is_device = op.kind == MountOp::Kind::devices;
  return std::string(op.read_only || is_device ? "ro" : "rw") + ",nosuid" + (is_device ? "" : ",nodev") + (op.no_exec || is_device ? ",noexec" : "");
}

// As the plan says.
Running sound(const Plan& plan) {
  Running out;
  out.status = "Uid:\t1007\t1007\t1007\t1007\nGid:\t1007\t1007\t1007\t1007\nGroups:\t\nNoNewPrivs:\t1\nSeccomp:\t2\nUmask:\t0022\n";
  for (const char* set : {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"}) out.status += std::string(set) + ":\t0000000000000000\n";
  out.limits = "Max open files            1024                 1024                 files\nMax core file size        0                    0                    bytes\n";
  out.mountinfo = mount_line("/", "ro,nosuid", "rw");
  for (const MountOp& op : plan.mounts) {
    const std::string size = op.kind == MountOp::Kind::tmpfs ? "rw,size=" + std::to_string(op.size / 1024) + "k,nr_inodes=" + std::to_string(op.inodes) : op.kind == MountOp::Kind::proc ? "rw,subset=pid,hidepid=invisible" : "rw";
    if (op.kind == MountOp::Kind::file) out.files[op.target] = op.content;
    if (op.kind == MountOp::Kind::bind || op.kind == MountOp::Kind::tmpfs || op.kind == MountOp::Kind::devices || op.kind == MountOp::Kind::proc) out.mountinfo += mount_line(op.target, flags_of(op), size);
  }
  for (const auto& [key, value] : settings_of_command(plan)) out.settings[key] = value == "off" ? "" : value;
  std::uint64_t number = 1;
  for (const char* name : {"mnt", "pid", "net", "ipc", "uts", "cgroup"}) {
    out.namespaces[name] = number++;
    out.own_namespaces[name] = 100;
  }
  for (const auto& write : plan.cgroups) out.cgroup_files[write.parent + "/" + write.file] = write.value;
  out.memory_owner = 0;
  out.filter = launcher::compile_filter(plan.filter).value();
  return out;
}

std::string failures(const Running& running, const Plan& plan) {
  std::string out;
  for (const CheckResult& row : compare(running, plan, launcher::compile_filter(plan.filter).value()))
    if (row.state != CheckResult::State::held) out += row.name + ": " + row.reason + "\n";
  return out;
}

void replace(std::string& text, const std::string& what, const std::string& by) {
  const auto at = text.find(what);
  REQUIRE(at != text.npos);
  text.replace(at, what.size(), by);
}

}  // namespace

TEST_CASE("a box that is as planned has no failure") {
  const Plan plan = test::shop();
  CHECK_EQ(failures(sound(plan), plan), "");
}

TEST_CASE("each difference is its row's") {
  const Plan plan = test::shop();
  const struct {
    void (*change)(Running& running);
    const char* said;
  } rows[] = {
      {[](Running& r) { replace(r.status, "CapEff:\t0000000000000000", "CapEff:\t0000000000000020"); }, "posture/identity: CapEff is `0000000000000020`, not `0000000000000000`\n"},
      {[](Running& r) { replace(r.status, "Seccomp:\t2", "Seccomp:\t0"); }, "posture/identity: Seccomp is `0`, not `2`\n"},
      {[](Running& r) { r.namespaces["net"] = 100; }, "posture/namespace-net: it is the one of whoever made it\n"},
      {[](Running& r) { replace(r.mountinfo, " /srv/shop/www-1.4 ro,", " /srv/shop/www-1.4 rw,"); }, "posture/mount/srv/shop/www-1.4: it is not ro\n"},
      {[](Running& r) { replace(r.mountinfo, " /tmp rw,nosuid,nodev,noexec", " /tmp rw,nosuid"); }, "posture/mount/tmp: it is not nodev; it is not noexec\n"},
      {[](Running& r) { replace(r.mountinfo, "size=262144k", "size=1048576k"); }, "posture/mount/tmp: size=1073741824, not 268435456\n"},
      {[](Running& r) { r.mountinfo += mount_line("/home", "ro,nosuid,nodev", "rw"); }, "posture/no-other-mount: mounted all the same: /home\n"},
      {[](Running& r) { replace(r.mountinfo, "hidepid=invisible", "hidepid=off"); }, "posture/mount/proc: it shows processes to each other\n"},
      {[](Running& r) { replace(r.files["/etc/fpmbox/php-fpm.conf"], "php_admin_value[disable_functions]", ";"); }, "posture/file/etc/fpmbox/php-fpm.conf: its text is another\n"},
      {[](Running& r) { r.files.erase("/etc/fpmbox/prelude.php"); }, "posture/file/etc/fpmbox/prelude.php: it is not there\n"},
      {[](Running& r) { replace(r.status, "Umask:\t0022", "Umask:\t0000"); }, "posture/umask: it is 0000\n"},
      {[](Running& r) { replace(r.mountinfo, " / ro,", " / rw,"); }, "posture/mount/: it is not\n"},
      {[](Running& r) { replace(r.limits, "1024                 1024", "1024                 4096"); }, "posture/rlimit-nofile: soft 1024, hard 4096\n"},
      {[](Running& r) { r.cgroup_files.begin()->second = "max"; }, "posture/limit-cpu.max: it is `max`\n"},
      {[](Running& r) { r.settings["enable_dl"] = "1"; }, "posture/command/enable_dl: it is `1`\n"},
      {[](Running& r) { r.settings.erase("enable_dl"); }, "posture/command/enable_dl: this PHP has no such setting\n"},
      {[](Running& r) { r.memory_owner = 1007; }, "posture/not-dumpable: /proc/PID/mem belongs to the pool\n"},
      {[](Running& r) { r.filter->pop_back(); }, nullptr},
      {[](Running& r) { r.filter.reset(), r.filter_obstacle = "no such kernel"; }, "posture/filter: no such kernel\n"},
  };
  for (const auto& row : rows) {
    Running running = sound(plan);
    row.change(running);
    CAPTURE(row.said);
    const std::string found = failures(running, plan);
    if (row.said != nullptr) CHECK_EQ(found, row.said);
    else CHECK(found.starts_with("posture/filter: another one, of "));
  }
}

TEST_CASE("a process that ends while it is looked at is followed by another") {
  const pid_t dead = ::fork();
  if (dead == 0) ::_exit(0);
  siginfo_t info{};
  REQUIRE(::waitid(P_PID, static_cast<id_t>(dead), &info, WEXITED | WNOWAIT) == 0);
  const pid_t living = ::fork();
  if (living == 0)
    for (;;) ::pause();
  int asked = 0;
  const auto seen = look_at_box([&] { return ++asked == 1 ? dead : living; }, {}, {});
  CHECK(asked == 2);
  REQUIRE(seen.ok());
  CHECK(seen.value().status.find("\nPid:\t" + std::to_string(living) + "\n") != std::string::npos);
  ::kill(living, SIGKILL);
  for (const pid_t child : {dead, living}) ::waitpid(child, nullptr, 0);
}
