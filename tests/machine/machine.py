"""A Debian of its own, booted by systemd-nspawn from a tree that is kept and never written to.

    with machine.Machine("bookworm") as host:
        host.run("systemctl", "is-system-running")

Its files are an overlay, its control groups lie below one that was made for it, and all of it goes away at the end. Where
this host has version 1 controllers, the machine gets them as a systemd of that time would have them: writable.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time

CACHE = "/var/cache/fpmbox-tests"
MIRROR = "http://deb.debian.org/debian"
SUITES = {"bookworm": "8.2", "trixie": "8.4"}
PACKAGES = "systemd-sysv,dbus,libpam-systemd,procps,adduser"
CONTROLLERS = ("memory", "pids", "cpu", "cpuacct")
# What nspawn's own filter withholds from the machine, and a real one has.
CALLS = ("landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self")
PATIENCE = 60
ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "HOME": "/root",
               "DEBIAN_FRONTEND": "noninteractive", "SYSTEMD_PAGER": "", "SYSTEMD_COLORS": "0"}


class Broken(Exception):
    """The machine itself could not be made."""


def until(condition, seconds=PATIENCE, pause=0.05):
    deadline = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer or time.monotonic() > deadline:
            return answer
        time.sleep(pause)


def tree(suite):
    """The folder of a Debian with systemd and PHP-FPM, made when it is not there yet."""
    folder = f"{CACHE}/{suite}"
    if os.path.isdir(folder):
        return folder
    os.makedirs(CACHE, mode=0o755, exist_ok=True)
    new = tempfile.mkdtemp(prefix=f".{suite}-", dir=CACHE)
    security = [] if suite not in ("bookworm",) else [f"deb {MIRROR}-security {suite}-security main"]
    done = subprocess.run(["mmdebstrap", "--variant=minbase", f"--include={PACKAGES},php{SUITES[suite]}-fpm",
                           "--aptopt=APT::Install-Recommends \"false\"", "--skip=cleanup/apt",
                           suite, f"{new}/tree", f"deb {MIRROR} {suite} main", *security],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode != 0:
        shutil.rmtree(new, ignore_errors=True)
        raise Broken(f"mmdebstrap {suite}: " + " / ".join(done.stderr.splitlines()[-3:]))
    # The distribution's own pool has nothing to do with ours, and takes a second to start.
    subprocess.run(["systemctl", f"--root={new}/tree", "disable", "--quiet", f"php{SUITES[suite]}-fpm.service"], check=False)
    os.chmod(f"{new}/tree", 0o755)
    os.rename(f"{new}/tree", folder)
    os.rmdir(new)
    return folder


class Groups:
    """A control group of version 1 for the machine in each hierarchy that this host has."""

    def __init__(self, name):
        own = {}
        with open("/proc/self/cgroup") as file:
            for line in file:
                _, controllers, path = line.rstrip("\n").split(":", 2)
                own.update({controller: path for controller in controllers.split(",")})
        self.folders = []
        for controller in CONTROLLERS:
            top = f"/sys/fs/cgroup/{controller}{own.get(controller, '')}".rstrip("/")
            if os.path.exists(f"{top}/cgroup.procs"):
                self.folders.append((controller, f"{top}/{name}"))
                os.mkdir(f"{top}/{name}")

    def enter(self):
        for _, folder in self.folders:
            with open(f"{folder}/cgroup.procs", "w") as file:
                file.write(str(os.getpid()))

    def below(self):
        return [top for _, folder in self.folders for top, _, _ in os.walk(folder)]

    def remove(self):
        for folder in reversed(self.below()):
            until(lambda folder=folder: _removed(folder), 5)


def _removed(folder):
    try:
        os.rmdir(folder)
    except FileNotFoundError:
        pass
    except OSError:
        return False
    return True


class Machine:
    def __init__(self, suite, unified=False, nspawn=("--private-network", f"--system-call-filter={' '.join(CALLS)}")):
        self.nspawn = nspawn
        self.suite, self.unified = suite, unified
        self.has_limits = not unified  # this host's version 2 tree, if it has one, passes no controllers on
        self.name = f"fpmbox-machine-{os.getpid()}"
        self.php = SUITES[suite]
        self.process = self.leader = self.groups = None

    def __enter__(self):
        lower = tree(self.suite)
        self.scratch = tempfile.mkdtemp(prefix="fpmbox-machine-")
        self.root = f"{self.scratch}/root"
        with contextlib.ExitStack() as undo:
            undo.callback(shutil.rmtree, self.scratch, ignore_errors=True)
            for folder in ("upper", "work", "root"):
                os.mkdir(f"{self.scratch}/{folder}", 0o755)
            subprocess.run(["mount", "-t", "overlay", "overlay", "-o",
                            f"lowerdir={lower},upperdir={self.scratch}/upper,workdir={self.scratch}/work", self.root], check=True)
            undo.callback(subprocess.run, ["umount", self.root], check=False)
            self.groups = Groups(self.name)
            undo.callback(self.groups.remove)
            undo.callback(self._kill)
            self.boot()
            self._undo = undo.pop_all()
        return self

    def __exit__(self, *_):
        self.power_off()
        self._undo.close()

    # ---- its life

    def boot(self):
        environment = {**os.environ, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1" if self.unified else "0"}
        with open(f"{self.scratch}/console", "ab") as console:
            self.process = subprocess.Popen(
                ["systemd-nspawn", "--boot", f"--directory={self.root}", f"--machine={self.name}", "--register=no", "--keep-unit",
                 *self.nspawn, "--console=pipe", "--kill-signal=SIGRTMIN+3"],
                stdin=subprocess.DEVNULL, stdout=console, stderr=console, env=environment,
                preexec_fn=None if self.unified else self.groups.enter)
        self.leader = until(self._find_leader)
        if not self.leader:
            raise Broken("systemd-nspawn did not start: " + self.console()[-500:])
        # nspawn shows the groups of version 1 read-only; on a machine of its own they are not.
        if not self.unified:
            for controller, _ in self.groups.folders:
                self.run("mount", "-o", "remount,rw,bind", f"/sys/fs/cgroup/{controller}")
        if not until(lambda: self.run("systemctl", "is-system-running").stdout.strip() in ("running", "degraded")):
            raise Broken("the machine does not come up: " + self.console()[-500:])
        if not self.unified:  # it looked for writable groups when it started; now again, before any unit needs them
            self.run("systemctl", "daemon-reexec")

    def _find_leader(self):
        with contextlib.suppress(OSError):
            with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children") as file:
                for child in file.read().split():
                    with open(f"/proc/{child}/comm") as comm, open(f"/proc/{child}/cgroup") as groups:
                        if comm.read().strip() == "systemd" and "/payload" in groups.read():
                            return int(child)
        return None

    def power_off(self):
        if self.process and self.process.poll() is None:
            self.run("systemctl", "poweroff")
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(PATIENCE)
        self._kill()

    def reboot(self):
        self.power_off()
        self.boot()

    def _kill(self):
        if self.process and self.process.poll() is None:
            if self.leader:
                with contextlib.suppress(OSError):
                    os.kill(self.leader, signal.SIGKILL)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(10)
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()

    def console(self):
        with open(f"{self.scratch}/console", errors="replace") as file:
            return file.read()

    # ---- what can be done with it

    def _enter_groups(self):
        """Between fork and exec: what is run belongs to the machine, not to whoever tests it."""
        with open(f"/proc/{self.leader}/cgroup") as file:
            rows = [line.rstrip("\n").split(":", 2) for line in file]
        for _, controllers, path in rows:
            for top in (controllers.removeprefix("name=") or "unified", ""):
                procs = os.path.normpath(f"/sys/fs/cgroup/{top}/{path.removesuffix('/init.scope')}/cgroup.procs")
                with contextlib.suppress(OSError):
                    with open(procs, "w") as file:
                        file.write(str(os.getpid()))
                    break

    def run(self, *command, timeout=PATIENCE, stdin=None):
        """A command in the machine, as root."""
        return subprocess.run(["nsenter", "-t", str(self.leader), "-m", "-u", "-i", "-n", "-p", "-C", "--wd=/", *command],
                              input=stdin, stdin=None if stdin is not None else subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=timeout, env=ENVIRONMENT, preexec_fn=self._enter_groups)

    def start(self, *command):
        return subprocess.Popen(["nsenter", "-t", str(self.leader), "-m", "-u", "-i", "-n", "-p", "-C", "--wd=/", *command],
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=ENVIRONMENT,
                                preexec_fn=self._enter_groups)

    def path(self, inside):
        """Of something in the machine, as this host reaches it: /run and the like are mounted inside only."""
        return f"/proc/{self.leader}/root{inside}"

    def write(self, inside, text, mode=0o644):
        os.makedirs(os.path.dirname(self.path(inside)), exist_ok=True)
        with open(self.path(inside), "w") as file:
            file.write(text)
        os.chmod(self.path(inside), mode)

    def processes(self):
        """All of the machine, by their ids on this host: name of the program and user id. What run() and start() entered is in
        its namespace, too, and a child of nobody there."""
        table, below = {}, {self.leader}
        namespace = os.readlink(f"/proc/{self.leader}/ns/pid")
        for entry in os.listdir("/proc"):
            if entry.isdigit():
                with contextlib.suppress(OSError, KeyError):
                    with open(f"/proc/{entry}/status") as file:
                        table[int(entry)] = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
                    if os.readlink(f"/proc/{entry}/ns/pid") == namespace:
                        below.add(int(entry))
        found = {}
        for pid in sorted(table, key=lambda one: (len(table[one]["NSpid"].split()), one)):
            above = pid
            while above in table and above not in below:
                above = int(table[above]["PPid"])
            if above in below:
                found[pid] = (table[pid]["Name"], int(table[pid]["Uid"].split()[0]))
        return found
