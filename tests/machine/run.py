#!/usr/bin/env python3
"""fpmbox as an operator has it: a package installed on a Debian that systemd runs, from installation to purge.

  tests/machine/run.py --package fpmbox_1_amd64.deb --newer fpmbox_2_amd64.deb [--suite bookworm|trixie] [--unified | --here]

The steps are one story in one machine: each builds on those before. The commands of README's Install section are among them.
"""

import argparse
import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path += [os.path.join(HERE, "..", "sandbox"), os.path.join(ROOT, "scripts", "lib"), HERE]
import fastcgi  # noqa: E402
import here  # noqa: E402
import machine  # noqa: E402
import report  # noqa: E402
from machine import until  # noqa: E402

UNIT = "fpmbox@hello.service"
SOCKET = "/run/fpmbox/hello/live.sock"
SCRIPT = "/srv/hello/index.php"
POOL = """extends: php-fpm
identity: {{user: www-hello}}
listen: {{group: www-data}}
filesystem: {{code: /srv/hello}}
limits: {{memory.max: 256MiB, pids.max: 32, cpu.max: 100%{limits}}}
{more}"""
BEST_EFFORT = ("enforcement: {best_effort: [{layer: limits.memory.max, why: test}, {layer: limits.pids.max, why: test}, "
               "{layer: limits.cpu.max, why: test}]}\n")


DEAD = 120  # seconds until systemd has seen that a killed unit is empty
# With groups of version 1 it is not told so in a container, and waits for TimeoutStopSec twice.
NOT_TOLD = "in a container systemd does not hear that groups of version 1 are empty"


class Story:
    def __init__(self, host, given):
        self.host, self.given = host, given

    # ---- what is asked of the machine

    def run(self, *command, **options):
        return self.host.run(*command, **options)

    def show(self, *names, unit=UNIT):
        done = self.run("systemctl", "show", unit, *[f"--property={name}" for name in names])
        return dict(line.split("=", 1) for line in done.stdout.splitlines())

    def state(self, unit=UNIT):
        return self.show("ActiveState", unit=unit)["ActiveState"]

    def main_pid(self):
        return int(self.show("MainPID")["MainPID"])

    def on_host(self, pid):
        """The machine's process id -> this host's."""
        if isinstance(self.host, here.Here):
            return pid
        for entry in self.host.processes():
            with contextlib.suppress(OSError):
                with open(f"/proc/{entry}/status") as file:
                    ids = next(line for line in file if line.startswith("NSpid:")).split()[1:]
                if len(ids) > 1 and int(ids[1]) == pid:
                    return entry
        return None

    def journal(self):
        return self.run("journalctl", "--no-pager", "-o", "cat", "-u", UNIT).stdout

    def page(self, query="", timeout=60):
        try:
            answer = fastcgi.get(self.host.path(SOCKET), SCRIPT, query=query, timeout=timeout)
            return answer.body.decode()
        except (fastcgi.FastCgiError, OSError) as error:
            return f"no answer: {error}"

    def box_processes(self):
        uid = int(self.run("id", "-u", "www-hello").stdout)
        return [pid for pid, (_, owner) in self.host.processes().items() if owner == uid]

    def janitors(self):
        return [pid for pid, (name, _) in self.host.processes().items() if name.startswith("fpmbox")]

    def groups(self):
        """Control groups of the box, in the machine's view."""
        found = self.run("find", "/sys/fs/cgroup", "-type", "d", "-name", "fpmbox-hello-*").stdout.split()
        return found

    def mounts(self):
        with open(f"/proc/{self.host.leader}/mountinfo") as file:
            return [line.split()[4] for line in file if "fpmbox" in line.split()[4] or "/srv/hello" in line.split()[4]]

    def leftovers(self):
        """Everything of a stopped box that is still there once the kernel had time."""
        def look():
            sockets = self.run("find", "/run/fpmbox", "-name", "*.sock").stdout.split()
            return ([f"process {pid}" for pid in self.box_processes()] + [f"launcher or janitor {pid}" for pid in self.janitors()]
                    + [f"group {path}" for path in self.groups()] + [f"mount {path}" for path in self.mounts()]
                    + [f"socket {path}" for path in sockets])
        until(lambda: not look(), pause=0.2)
        return ["left behind: " + one for one in look()]

    def pool(self, limits="", more="", with_gaps=True):
        self.host.write("/etc/fpmbox/pools/hello.yaml", POOL.format(limits=limits, more=more + (BEST_EFFORT if with_gaps and not self.host.has_limits else "")))

    def explain(self, mistakes):
        return mistakes + ["journal: " + line[:300] for line in self.journal().splitlines()[-12:]] if mistakes else []


def expect(what, said, *wanted):
    return [] if said in wanted else [f"{what}: wanted {' or '.join(map(repr, wanted))}, got {said!r}"]


def succeeds(what, done):
    return [] if done.returncode == 0 else [f"{what}: exit code {done.returncode}"] + (done.stdout + done.stderr).splitlines()[-8:]


def is_serving(story, text="hello fpm-fcgi"):
    return expect("state", story.state(), "active") + expect("the page", story.page(), text)


# ---- what is on the machine before and after

BOOKKEEPING = re.compile(r"^/(proc|sys|dev|run|tmp|var/log|var/cache|var/lib/(apt|dpkg|systemd|private))(/|$)|^/etc/(passwd|shadow|group|gshadow)-?$"
                         r"|^/etc/\.pwd\.lock$|^/(root|srv/hello|var/tmp)(/|$)|^/etc/machine-id$")


def inventory(host):
    files = host.run("find", "/", "-xdev", "-not", "-type", "d", "-o", "-type", "d", "-print").stdout
    files += host.run("find", "/", "-xdev", "-not", "-type", "d").stdout
    users = host.run("cut", "-d:", "-f1", "/etc/passwd", "/etc/group").stdout.split()
    return {path for path in files.split("\n") if path and not BOOKKEEPING.match(path)}, set(users)


def a_site(host):
    host.write(SCRIPT, "<?php if (isset($_GET['slow'])) for ($end = microtime(true) + 2; microtime(true) < $end; usleep(20000));\n"
                       "if (isset($_GET['eat'])) for ($all = []; count($all) < 600;) $all[] = str_repeat('x', 1 << 20);\n"
                       "if (isset($_GET['fork'])) { $c = FFI::cdef('int fork(void); int pause(void); int kill(int, int);');\n"
                       "  for ($all = []; count($all) < 100 && ($pid = $c->fork()) >= 0;) { if (!$pid) for (;;) $c->pause(); $all[] = $pid; }\n"
                       "  foreach ($all as $pid) $c->kill($pid, 9); }\n"
                       "echo 'hello ', php_sapi_name();\n")
    old = 1700000000
    os.utime(host.path(SCRIPT), (old, old))


# ---- the steps

def install(story):
    """apt install: the launcher's user, the folders, the unit, the manual and the completion are there; nothing runs"""
    story.before = inventory(story.host)
    story.host.write("/root/fpmbox.deb", "")
    with open(story.given.package, "rb") as source, open(story.host.path("/root/fpmbox.deb"), "wb") as target:
        target.write(source.read())
    done = story.run("apt", "install", "--yes", "/root/fpmbox.deb")
    mistakes = succeeds("apt install", done)
    mistakes += expect("shell of fpmbox", story.run("getent", "passwd", "fpmbox").stdout.strip().rpartition(":")[2], "/usr/sbin/nologin")
    for folder in ("/etc/fpmbox/pools", "/run/fpmbox", "/var/lib/fpmbox"):
        mistakes += expect(folder, story.run("stat", "-c", "%a %U %G", folder).stdout.strip(), "755 root root")
    mistakes += succeeds("check against the catalog", story.run("fpmbox", "check", "php-fpm"))
    for file in ("/usr/share/man/man8/fpmbox.8.gz", "/usr/share/man/man5/fpmbox-pool.5.gz", "/usr/share/fpmbox/pool.schema.json",
                 "/usr/share/bash-completion/completions/fpmbox", "/usr/share/doc/fpmbox/examples/example.yaml"):
        # minimal systems may tell dpkg not to unpack documents
        mistakes += [] if os.path.exists(story.host.path(file)) else [f"{file} is missing"]
    mistakes += expect("boxes", story.janitors(), [])
    return mistakes


def unit_is_clean(story):
    """systemd-analyze verify has nothing to say on the unit"""
    done = story.run("systemd-analyze", "verify", "--man=no", "/usr/lib/systemd/system/fpmbox@.service")
    return succeeds("verify", done) + [line for line in done.stderr.splitlines() if "fpmbox" in line]


def enable_now(story):
    """enable --now: ready when it answers, with its status text, behind a socket of the web server's group"""
    a_site(story.host)
    story.run("useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent", "www-hello")
    story.pool()
    done = story.run("systemctl", "enable", "--now", "fpmbox@hello")
    mistakes = succeeds("enable --now", done) + is_serving(story)
    shown = story.show("Type", "StatusText", "NotifyAccess", "Delegate", "WatchdogUSec", "UnitFileState", "SubState")
    mistakes += expect("StatusText", shown["StatusText"], "answering requests") + expect("Type", shown["Type"], "notify")
    mistakes += expect("Delegate", shown["Delegate"], "yes") + expect("WatchdogUSec", shown["WatchdogUSec"], "2min")
    mistakes += expect("UnitFileState", shown["UnitFileState"], "enabled") + expect("SubState", shown["SubState"], "running")
    mistakes += expect("the socket", story.run("stat", "-c", "%a %U %G", SOCKET).stdout.strip(), "660 root www-data")
    said = story.run("systemctl", "status", "fpmbox@hello").stdout
    mistakes += [] if 'Status: "answering requests"' in said else ["status: " + said]
    return story.explain(mistakes)


NO_LIMITS = "this host's version 2 tree passes no controllers on: emulated.py boots a machine whose tree does"
# By version 2 alone, or not.
FILES = {False: {"memory": ("memory.limit_in_bytes", str(256 * 1024 * 1024)), "pids": ("pids.max", "32"), "cpu": ("cpu.cfs_quota_us", "100000")},
         True: {"memory": ("memory.max", str(256 * 1024 * 1024)), "pids": ("pids.max", "32"), "cpu": ("cpu.max", "100000 100000")}}
GREEDY = """php: {extensions: {add: [ffi]}, admin_values: {memory_limit: "-1", ffi.enable: "1"}}
"""


def limits_hold(story):
    """the limits are on the box's own control group, below the unit's, and every process of the box is in it"""
    if not story.host.has_limits:
        story.skip = NO_LIMITS
        return []
    mistakes = []
    pids = story.box_processes()
    for controller, (file, wanted) in FILES[story.host.unified].items():
        top = "/sys/fs/cgroup/" + ("" if story.host.unified else controller + "/")
        found = [path for path in story.groups() if path.startswith(top)]
        mistakes += [] if len(found) == 1 and UNIT in found[0] else [f"{controller}: groups {found}"]
        for path in found:
            mistakes += expect(f"{controller} {file}", story.run("cat", f"{path}/{file}").stdout.strip(), wanted)
            inside = story.run("cat", f"{path}/cgroup.procs").stdout.split()
            mistakes += expect(f"{controller}: processes", len(inside), len(pids))
    return story.explain(mistakes)


def limits_reached(story):
    """a worker that takes all memory is ended, a fork bomb ends at its limit, the journal names both lines, the pool goes on"""
    if not story.host.has_limits:
        story.skip = NO_LIMITS
        return []
    story.pool(more=GREEDY)
    mistakes = succeeds("restart", story.run("systemctl", "restart", UNIT))
    before = story.main_pid()
    for query in ("eat=1", "fork=1"):
        story.page(query, timeout=120)
        until(lambda: story.page() == "hello fpm-fcgi")
        mistakes += is_serving(story)
    mistakes += expect("MainPID", story.main_pid(), before)
    for key, value, what in (("memory.max", "256MiB", "ended"), ("pids.max", "32", "refused")):
        wanted = rf"hello: the box ran into limits\.{key} of {value} \(/etc/fpmbox/pools/hello\.yaml:5:\d+\): the kernel {what} "
        mistakes += [] if until(lambda wanted=wanted: re.search(wanted, story.journal())) else [f"no word of {key}"]
    story.pool()
    return story.explain(mistakes + succeeds("restart", story.run("systemctl", "restart", UNIT)) + is_serving(story))


def reload(story):
    """reload reopens FPM's logs; the launcher stays the same"""
    before = story.main_pid()
    mistakes = succeeds("reload", story.run("systemctl", "reload", UNIT)) + expect("MainPID", story.main_pid(), before)
    return story.explain(mistakes + is_serving(story))


def launcher_killed(story):
    """the launcher killed with SIGKILL: Restart= brings the pool back, and nothing of the old box is left"""
    if not story.host.unified:
        story.skip = NOT_TOLD
        return []
    before, old = story.main_pid(), set(story.box_processes()) | set(story.janitors())
    os.kill(story.on_host(before), signal.SIGKILL)
    until(lambda: story.main_pid() not in (0, before) and story.state() == "active", DEAD)
    mistakes = is_serving(story) + expect("NRestarts", story.show("NRestarts")["NRestarts"], "1")
    mistakes += [f"process {pid} of the old box" for pid in old & set(story.host.processes())]
    mistakes += expect("janitors and launchers", len(story.janitors()), 2)
    per_controller = {}
    for path in story.groups():
        per_controller.setdefault(path.split("/")[4], []).append(path)
    mistakes += [f"groups: {paths}" for paths in per_controller.values() if len(paths) != 1]
    return story.explain(mistakes)


def killed_and_stopped(story):
    """the launcher killed where nothing restarts it: no process, group or mount is left"""
    if not story.host.unified:
        story.skip = NOT_TOLD
        return []
    drop_in(story, "[Service]\nRestart=no\n")
    story.run("systemctl", "restart", UNIT)
    os.kill(story.on_host(story.main_pid()), signal.SIGKILL)
    until(lambda: story.state() == "failed", DEAD)
    mistakes = expect("state", story.state(), "failed")
    # systemd kills the janitor too, as the processes of the unit that are left: ExecStopPost= has to clear up
    mistakes += story.leftovers() + ([] if "what was left of it" in story.journal() else ["the journal does not tell"])
    drop_in(story, None)
    story.run("systemctl", "reset-failed", UNIT)
    return story.explain(mistakes + succeeds("start", story.run("systemctl", "start", UNIT)) + is_serving(story))


def drop_in(story, text):
    path = f"/etc/systemd/system/{UNIT}.d/test.conf"
    if text:
        story.host.write(path, text)
    else:
        story.run("rm", "-rf", os.path.dirname(path))
    story.run("systemctl", "daemon-reload")


def watchdog(story):
    """a pool that hangs is restarted by the watchdog, one that answers is not, however busy its workers"""
    if not story.host.unified:
        story.skip = NOT_TOLD
        return []
    drop_in(story, "[Service]\nWatchdogSec=3\n")
    mistakes = succeeds("restart", story.run("systemctl", "restart", UNIT))
    before = story.main_pid()
    busy = [Request(story, "slow=1") for _ in range(6)]
    time.sleep(6)
    mistakes += expect("MainPID of a pool that answers", story.main_pid(), before)
    mistakes += [f"a busy pool's answer: {one.outcome()}" for one in busy if one.outcome() != "hello fpm-fcgi"]
    frozen = story.box_processes()
    for pid in frozen:
        os.kill(pid, signal.SIGSTOP)
    until(lambda: story.main_pid() not in (0, before) and story.state() == "active", DEAD)
    mistakes += expect("MainPID has changed", story.main_pid() == before, False) + is_serving(story)
    mistakes += [] if "php-fpm does not answer" in story.journal() else ["the launcher did not say why"]
    mistakes += [f"process {pid} of the old box" for pid in set(frozen) & set(story.host.processes())]
    drop_in(story, None)
    story.run("systemctl", "restart", UNIT)
    return story.explain(mistakes)


class Request:
    """One in the background."""

    def __init__(self, story, query):
        self.answer = None
        self.thread = threading.Thread(target=self._run, args=(story, query))
        self.thread.start()

    def _run(self, story, query):
        self.answer = story.page(query, timeout=120)

    def outcome(self):
        self.thread.join(150)
        return self.answer


def stop(story):
    """stop: a running request is finished first, then nothing is left"""
    slow = Request(story, "slow=1")
    time.sleep(0.5)
    mistakes = succeeds("stop", story.run("systemctl", "stop", UNIT))
    mistakes += expect("the request that was running", slow.outcome(), "hello fpm-fcgi")
    shown = story.show("ActiveState", "Result", "ExecMainStatus")
    mistakes += expect("state", shown["ActiveState"], "inactive") + expect("Result", shown["Result"], "success")
    return story.explain(mistakes + expect("exit code", shown["ExecMainStatus"], "0") + story.leftovers())


def long_deadlines(story):
    """a stop_timeout longer than the unit's own counts: the manager waits for it"""
    drop_in(story, "[Service]\nTimeoutStopSec=1\n")
    mistakes = succeeds("start", story.run("systemctl", "start", UNIT))
    slow = Request(story, "slow=1")
    time.sleep(0.5)
    story.run("systemctl", "stop", UNIT)
    mistakes += expect("a request of 2 s", slow.outcome(), "hello fpm-fcgi") + expect("Result", story.show("Result")["Result"], "success")
    drop_in(story, None)
    return story.explain(mistakes)


def broken_profile(story):
    """a wrong pool file is not tried again: failed at once with exit code 65, the place in the journal"""
    story.run("systemctl", "reset-failed", UNIT)  # the steps before started it often
    story.pool(more="filesytem: {}\n")
    done = story.run("systemctl", "start", UNIT)
    shown = story.show("ActiveState", "NRestarts", "ExecMainStatus")
    mistakes = [] if done.returncode else ["it started"]
    mistakes += expect("state", shown["ActiveState"], "failed") + expect("exit code", shown["ExecMainStatus"], "65")
    mistakes += [] if "hello.yaml:6:" in story.journal() else ["the place is not in the journal"]
    time.sleep(1.5)  # RestartSec=
    mistakes += expect("NRestarts", story.show("NRestarts")["NRestarts"], shown["NRestarts"]) + expect("state", story.state(), "failed")
    story.pool()
    story.run("systemctl", "reset-failed", UNIT)
    return story.explain(mistakes)


def scope_of_session(story):
    """run from a login session whose group cannot be divided starts itself again in a scope of systemd's"""
    if not story.host.unified:
        story.skip = "control groups of version 1 can be divided in a session too"
        return []
    story.pool(with_gaps=False)
    session = story.host.start("su", "--login", "root", "--command", "exec fpmbox run hello")
    mistakes = serves_in_scope(story, session) if story.host.has_limits else []
    said = session.communicate(timeout=60)[0]
    story.pool()
    scopes = [line for line in story.run("journalctl", "--no-pager", "-o", "cat").stdout.splitlines() if "fpmbox run --in-scope" in line]
    mistakes += [] if any(line.startswith("Started run-") for line in scopes) else ["no scope in the journal", *scopes]
    if story.host.has_limits:
        return mistakes + expect("exit code", session.returncode, 0) + story.leftovers()
    # and there it finds that this host passes no controllers on
    mistakes += expect("exit code", session.returncode, 69) + ([] if "missing layer limits.memory.max" in said else [said])
    return mistakes + story.leftovers()


def serves_in_scope(story, session):
    """Where there are controllers the box in the scope has its limits."""
    until(lambda: story.page() == "hello fpm-fcgi" or session.poll() is not None, 60)
    mistakes = expect("the page", story.page(), "hello fpm-fcgi")
    found = story.groups()
    mistakes += [] if len(found) == 1 and ".scope/" in found[0] else [f"groups of the box: {found}"]
    for path in found:
        mistakes += expect("limit", story.run("cat", f"{path}/memory.max").stdout.strip(), str(256 * 1024 * 1024))
    launcher = _launcher(story)
    if launcher:
        story.run("kill", "-INT", str(launcher))
    return mistakes


def login_session(story):
    """run from root's login session serves, and ends cleanly at an interrupt"""
    if story.host.unified and story.host.has_limits:
        story.skip = "with controllers of version 2 it is a scope: the step before"
        return []
    session = story.host.start("su", "--login", "root", "--command", "exec fpmbox run hello")
    try:
        until(lambda: story.page() == "hello fpm-fcgi" or session.poll() is not None, 30)
        mistakes = expect("the page", story.page(), "hello fpm-fcgi")
        groups = story.run("cat", f"/proc/{_launcher(story)}/cgroup").stdout
        mistakes += [] if "/user.slice/user-0.slice/session-" in groups else ["not in a session: " + groups]
        if not story.host.unified:
            found = [path for path in story.groups() if path.startswith("/sys/fs/cgroup/memory/")]
            mistakes += [] if len(found) == 1 and "/session-" in found[0] else [f"groups of the box: {found}"]
            for path in found:
                mistakes += expect("limit", story.run("cat", f"{path}/memory.limit_in_bytes").stdout.strip(), str(256 * 1024 * 1024))
    finally:
        launcher = _launcher(story)
        if launcher:
            story.run("kill", "-INT", str(launcher))
        try:
            said = session.communicate(timeout=30)[0]
        except subprocess.TimeoutExpired:
            session.kill()
            said = session.communicate()[0] + "\n(had to be killed)"
    mistakes += expect("exit code", session.returncode, 0)
    mistakes += story.leftovers()
    return mistakes + ["said: " + line for line in said.splitlines()[-10:]] if mistakes else []


def _launcher(story):
    """In the machine; the one that has the janitor for a child."""
    for line in story.run("ps", "-eo", "pid=,ppid=,comm=").stdout.splitlines():
        pid, parent, name = line.split(None, 2)
        if name.startswith("fpmbox") and not any(row.split()[0] == parent and row.split()[2].startswith("fpmbox")
                                                  for row in story.run("ps", "-eo", "pid=,ppid=,comm=").stdout.splitlines()):
            return int(pid)
    return None


def reboot(story):
    """after a reboot the pool is there again"""
    if story.host.reboot() is False:
        story.skip = "the emulated machine is switched on once"
        story.run("systemctl", "start", UNIT)  # where the story goes on
        return []
    until(lambda: story.state() != "activating", 30)
    return story.explain(is_serving(story))


def upgrade(story):
    """an upgrade of the launcher leaves the box running; a restart takes the new one"""
    before, boxed = story.main_pid(), set(story.box_processes())
    with open(story.given.newer, "rb") as source, open(story.host.path("/root/newer.deb"), "wb") as target:
        target.write(source.read())
    old = story.run("fpmbox", "--version").stdout
    done = story.run("dpkg", "-i", "/root/newer.deb")
    mistakes = succeeds("dpkg -i", done) + expect("MainPID", story.main_pid(), before) + is_serving(story)
    mistakes += expect("the box's master is the same", min(boxed) in story.box_processes(), True)  # workers come and go
    mistakes += expect("the version changed", story.run("fpmbox", "--version").stdout == old, False)
    mistakes += expect("NeedDaemonReload", story.show("NeedDaemonReload")["NeedDaemonReload"], "no")
    if story.knows_ps():
        mistakes += [] if re.search(r"^  .*\bhello\b", done.stdout, re.M) else ["dpkg does not say that hello is outdated: " + done.stdout]
    mistakes += succeeds("restart", story.run("systemctl", "restart", UNIT)) + is_serving(story)
    if story.knows_ps():
        mistakes += expect("outdated after the restart", story.run("fpmbox", "ps", "--outdated").stdout, "")
    return story.explain(mistakes)


def php_upgraded(story):
    """another package's new file where PHP lives triggers a look at which boxes are outdated"""
    folder = "/root/fake"
    story.host.write(f"{folder}/DEBIAN/control", "Package: fake-php\nVersion: 1\nArchitecture: all\nMaintainer: T <t@example.org>\nDescription: test\n")
    story.host.write(f"{folder}/usr/lib/php/fake-php-file", "x")
    binary = f"/usr/sbin/php-fpm{story.host.php}"
    story.run("dpkg-deb", "--build", folder, "/root/fake.deb")
    # as dpkg replaces a program: a new file under the old name
    story.run("cp", "-p", binary, f"{binary}.new")
    with open(story.host.path(f"{binary}.new"), "ab") as file:
        file.write(b"\0")
    story.run("mv", f"{binary}.new", binary)
    done = story.run("dpkg", "-i", "/root/fake.deb")
    mistakes = succeeds("dpkg -i", done)
    mistakes += [] if "Processing triggers for fpmbox" in done.stdout else ["fpmbox was not triggered: " + done.stdout]
    if story.knows_ps():
        mistakes += [] if re.search(r"^  .*\bhello\b", done.stdout, re.M) else ["hello is not named: " + done.stdout]
    story.run("dpkg", "--purge", "fake-php")
    mistakes += succeeds("restart", story.run("systemctl", "restart", UNIT))
    return story.explain(mistakes + is_serving(story))


def one_pool_goes(story):
    """README's commands take one pool away for good, and another one runs on"""
    story.run("useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent", "www-blog")
    story.host.write("/srv/blog/index.php", "<?php echo 'blog';")
    with open(story.host.path("/etc/fpmbox/pools/hello.yaml")) as file:
        story.host.write("/etc/fpmbox/pools/blog.yaml", file.read().replace("hello", "blog"))
    story.host.write("/etc/fpmbox/web/blog.nginx.conf", story.run("fpmbox", "export", "nginx", "blog").stdout)
    mistakes = succeeds("control: enable --now", story.run("systemctl", "enable", "--now", "fpmbox@blog"))
    for command in (("systemctl", "disable", "--now", "fpmbox@blog"),
                    ("sh", "-c", "rm -r /etc/fpmbox/pools/blog.yaml /etc/fpmbox/web/blog.* /var/lib/fpmbox/blog /run/fpmbox/blog"), ("userdel", "www-blog")):
        mistakes += succeeds(" ".join(command), story.run(*command))
    left = story.run("find", "/", "-xdev", "-path", "/srv/blog", "-prune", "-o", "-path", "/proc", "-prune", "-o", "-name", "*blog*", "-path", "*fpmbox*", "-print").stdout
    mistakes += [f"left behind: {path}" for path in left.split() if not path.startswith(("/usr/share", "/var/lib/systemd"))]
    story.run("rm", "-r", "/srv/blog")
    return story.explain(mistakes + is_serving(story))


def by_hand(story):
    """Another pool, which systemd does not know: its launcher, and what is wrong."""
    story.run("useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent", "www-byhand")
    story.host.write("/srv/byhand/index.php", "by hand")
    with open(story.host.path("/etc/fpmbox/pools/hello.yaml")) as file:
        pool = file.read().replace("hello", "byhand")
    # outside of a unit and of a session there is no group that it may divide
    story.host.write("/etc/fpmbox/pools/byhand.yaml", pool if BEST_EFFORT in pool else pool + BEST_EFFORT)
    launcher = story.host.start("fpmbox", "run", "byhand")
    until(lambda: "byhand" in story.run("fpmbox", "ps").stdout or launcher.poll() is not None)
    if "byhand" in story.run("fpmbox", "ps").stdout:
        return launcher, []
    launcher.terminate()
    return launcher, ["control: the box by hand does not run", *launcher.communicate()[0].splitlines()[-6:]]


def remove(story):
    """remove stops the boxes, whoever started them, and takes the program away; the pool file and the state stay"""
    launcher, mistakes = by_hand(story)
    done = story.run("dpkg", "--remove", "fpmbox", timeout=180)
    with contextlib.suppress(subprocess.TimeoutExpired):  # the launcher by hand may be a child of ours, and is there until we know
        launcher.wait(60)
    mistakes += succeeds("dpkg --remove", done) + story.leftovers()
    for pid in story.janitors():  # which the mistakes name
        os.kill(pid, signal.SIGKILL)
    launcher.wait()
    story.run("userdel", "www-byhand")
    story.run("rm", "-rf", "/srv/byhand", "/etc/fpmbox/pools/byhand.yaml")
    mistakes += [f"{path} is still there" for path in ("/usr/sbin/fpmbox", "/usr/lib/systemd/system/fpmbox@.service", "/run/fpmbox")
                 if os.path.exists(story.host.path(path))]
    mistakes += [f"{path} is gone" for path in ("/etc/fpmbox/pools/hello.yaml", "/var/lib/fpmbox/hello")
                 if not os.path.exists(story.host.path(path))]
    units = story.run("systemctl", "list-units", "--all", "--plain", "--no-legend", "fpmbox@*").stdout
    return mistakes + ([f"left behind: {units}"] if "running" in units or "failed" in units else [])


def purge(story):
    """purge leaves nothing but the launcher's locked user"""
    mistakes = succeeds("dpkg --purge", story.run("dpkg", "--purge", "fpmbox"))
    story.run("userdel", "www-hello")  # the operator's, not the package's
    story.run("rm", "-rf", "/root/fpmbox.deb", "/root/newer.deb", "/root/fake", "/root/fake.deb", "/etc/systemd/system/" + UNIT + ".d")
    files, users = inventory(story.host)
    mistakes += [f"left behind: {path}" for path in sorted(files - story.before[0])]
    mistakes += [f"gone: {path}" for path in sorted(story.before[0] - files)]
    mistakes += expect("users", sorted(users - story.before[1]), ["fpmbox"])
    mistakes += expect("its password", story.run("getent", "shadow", "fpmbox").stdout.split(":")[1][:1], "!", "*")
    return mistakes + story.leftovers_of_purge()


STEPS = (install, unit_is_clean, enable_now, limits_hold, limits_reached, reload, launcher_killed, killed_and_stopped, watchdog, stop, long_deadlines,
         broken_profile, scope_of_session, login_session, reboot, upgrade, php_upgraded, one_pool_goes, remove, purge)


def knows_ps(self):
    return "--outdated" in self.run("fpmbox", "ps", "--help").stdout


def leftovers_of_purge(self):
    links = self.run("find", "/etc/systemd", "/run/systemd", "-name", "*fpmbox*").stdout.split()
    return [f"left behind: {path}" for path in links + self.groups() + self.mounts()]


Story.knows_ps, Story.leftovers_of_purge = knows_ps, leftovers_of_purge


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--package", required=True)
    parser.add_argument("--newer", required=True)
    parser.add_argument("--suite", default="bookworm", choices=machine.SUITES)
    parser.add_argument("--unified", action="store_true", help="control groups of version 2 alone")
    parser.add_argument("--here", action="store_true", help="on this very machine, which is made for it: emulated.py")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the machine goes away even then
    result = report.Report()
    where = f"{given.suite}{', version 2' if given.unified else ', emulated' if given.here else ''}: "
    try:
        with here.Here(given.suite) if given.here else machine.Machine(given.suite, given.unified) as host:
            story = Story(host, given)
            for step in STEPS:
                story.skip = None
                begun = time.monotonic()
                mistakes = step(story)
                took = f" ({time.monotonic() - begun:.1f} s)"
                if story.skip:
                    result.skip(where + step.__doc__, story.skip)
                else:
                    result.check(where + step.__doc__ + took, mistakes)
    except machine.Broken as error:
        result.fail(where + "the machine", str(error))
    return result.close()


sys.exit(main())
