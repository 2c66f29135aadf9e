"""What the tests need on this machine, and how all of it goes away again: users, a scratch directory, two sites, plain
pools (the control) and boxes. Only processes that were started here are ever signalled."""

import contextlib
import ctypes
import fcntl
import glob
import grp
import os
import pwd
import random
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(HERE, "..", "..", "scripts", "lib"))
import fastcgi  # noqa: E402

ALICE, BOB, WEB, EXTRA = "fpmbox-t-alice", "fpmbox-t-bob", "fpmbox-t-web", "fpmbox-t-extra"
SUPERVISOR = "fpmbox"
POOLS = {"alice": "t-alice", "bob": "t-bob"}
START, STOP = 90, 60  # seconds: patience costs nothing where what is waited for comes
PATIENCE = 60  # for all else that has to come
KEPT = (".lock", "log.0", "log.1", "denials.0", "denials.1")


class Broken(Exception):
    """The test's own surroundings could not be made."""


class NoAnswer(Exception):
    """The pool refused the connection, closed it, or stayed silent."""


def ask(address, script, body=b"", method="GET", params=None, timeout=PATIENCE):
    """One request to a pool's socket, without a web server in between."""
    try:
        return fastcgi.request(address, fastcgi.cgi_variables(method, script, "", body, params or {}), body, timeout)
    except (fastcgi.FastCgiError, OSError) as error:
        raise NoAnswer(str(error)) from error


def until(condition, seconds, pause=0.02):
    """Polls; the last answer of `condition`."""
    deadline = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer or time.monotonic() > deadline:
            return answer
        time.sleep(pause)


def write(path, content, mode=0o644, owner=None):
    with open(path, "wb") as file:
        file.write(content if isinstance(content, bytes) else content.encode())
    os.chmod(path, mode)
    os.utime(path, (1700000000, 1700000000))  # opcache does not keep files that changed a moment ago
    if owner:
        shutil.chown(path, owner, owner)
    return path


def folder(path, mode=0o755, owner=None):
    os.makedirs(path, exist_ok=True)
    os.chmod(path, mode)
    if owner:
        shutil.chown(path, owner, owner)
    return path


# ---- what /proc says about a process, as seen from the host

def status(pid):
    with open(f"/proc/{pid}/status") as file:
        return dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)


def said_of(pid, key):
    """One line of it; nothing where the process has gone meanwhile."""
    with contextlib.suppress(OSError):
        return status(pid).get(key, "")
    return ""


def children(pid):
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with contextlib.suppress(OSError, KeyError):
                if int(status(entry)["PPid"]) == pid:
                    found.append(int(entry))
    return sorted(found)


def descendants(pid):
    below = children(pid)
    return below + [deeper for child in below for deeper in descendants(child)]


def unused_id():
    """Of nobody here, nor in a container on this machine, where systems give ids from 999 down and from 1000 up: what runs with it
    was started by these tests."""
    taken = {user.pw_uid for user in pwd.getpwall()} | {group.gr_gid for group in grp.getgrall()}
    return random.choice([number for number in range(40000, 59000) if number not in taken])


def processes_of(uid):
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with contextlib.suppress(OSError, KeyError):
                if status(entry)["Uid"].split()[0] == str(uid):
                    found.append(int(entry))
    return found


def own_processes(world):
    """By their ids the names of what runs a copy of these tests' programs, launchers and janitors, or is of their users: others on
    this machine have boxes, too."""
    users, found = {pwd.getpwnam(user).pw_uid for user in world.users.values()}, {}
    for pid in map(int, filter(str.isdigit, os.listdir("/proc"))):
        with contextlib.suppress(OSError, KeyError):
            said = status(pid)
            if os.readlink(f"/proc/{pid}/exe").startswith(f"{world.scratch}/bin/") or int(said["Uid"].split()[0]) in users:
                found |= {pid: said["Name"]} if said["State"][0] not in "ZX" else {}
    return found


def namespaces_of(processes, kinds):
    found = set()
    for pid in processes:
        for kind in kinds:
            with contextlib.suppress(OSError):
                found.add(os.readlink(f"/proc/{pid}/ns/{kind}"))
    return found


def alive(pid):
    try:
        return status(pid)["State"][0] not in "ZX"
    except OSError:
        return False


# ---- what a box leaves on the host

def sockets(name):
    """And whatever else lies there, but for what stays: the log, and the lock, which is a claim only while a launcher holds
    it open."""
    return [os.path.join(top, file) for top, _, files in os.walk(f"/run/fpmbox/{name}") for file in files if file not in KEPT]


def cgroups(name):
    return [top for top, _, _ in os.walk("/sys/fs/cgroup") if f"-{name}-" in os.path.basename(top) + "-"]


# ---- pools

class Pool:
    """Something that answers FastCGI: `address`, `master()`, `workers()`, the code's path, and what acts aim at."""

    def __init__(self, world, site):
        self.world, self.site = world, site
        self.code = world.code(site)
        self.process = None

    def request(self, script="hello.php", **options):
        return ask(self.address, f"{self.code}/{script}", **options)

    def workers(self):
        """Idle workers may come and go; those of this moment."""
        return children(self.master())

    def all_workers(self, number=2):
        """The first may answer before FPM has forked the others."""
        return until(lambda: len(found := self.workers()) == number and found, PATIENCE) or self.workers()

    def answers(self, seconds=PATIENCE):
        def once():
            try:
                return self.request(timeout=max(seconds, 1)).status == 200
            except NoAnswer:
                return False
        return bool(until(once, seconds))


class PlainPool(Pool):
    """php-fpm without a box. As the pool's own user, or (`stock`) under a root master that serves both sites, as
    distributions start it, or (`root`) altogether as root, for acts that no ordinary user could try anywhere."""

    def __init__(self, world, site, kind="plain"):
        super().__init__(world, site)
        self.kind = kind
        self.address = f"{world.scratch}/run/{kind}-{site}.sock"
        self.tmp = f"{world.scratch}/tmp/{site}"
        self.log_path = f"{world.scratch}/control/{kind}-{site}.log"

    def _section(self, site):
        user = "root" if self.kind == "root" else self.world.users[site]
        tmp = f"{self.world.scratch}/tmp/{site}"
        return f"""
[{site}]
user = {user}
group = {user}
listen = {self.world.scratch}/run/{self.kind}-{site}.sock
listen.mode = 0666
pm = static
pm.max_children = 2
clear_env = no
php_admin_value[sys_temp_dir] = {tmp}
php_admin_value[upload_tmp_dir] = {tmp}
php_admin_value[session.save_path] = {tmp}
php_admin_value[date.timezone] = Europe/Rome
"""

    def start(self):
        sites = ["alice", "bob"] if self.kind == "stock" else [self.site]
        conf = write(f"{self.world.scratch}/control/{self.kind}-{self.site}.conf",
                     "[global]\nerror_log = /dev/null\ndaemonize = no\nlog_level = error\n"
                     + "".join(self._section(site) for site in sites))
        command = [self.world.php_fpm, "-F", "-O", "-y", conf, "-d", "ffi.enable=1", "-d", "opcache.enable=1",
                   "-d", "disable_functions=", "-d", "sendmail_path=/bin/cat"]
        if self.kind in ("plain", "own", "copy"):
            user = self.world.users[self.site]
            command = ["setpriv", "--reuid", user, "--regid", user, "--init-groups"] + command
        elif self.kind == "root":
            command.insert(1, "-R")
        leaked = os.open("/", os.O_RDONLY | os.O_DIRECTORY)  # as a careless launcher would
        try:
            with open(self.log_path, "wb") as log:
                os.fchmod(log.fileno(), 0o666)
                self.process = subprocess.Popen(
                    command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=[leaked],
                    env={**os.environ, **self.world.secret_environment}, cwd="/", start_new_session=True)
        finally:
            os.close(leaked)
        self.world.started.append(self)
        if not until(lambda: self.process.poll() is not None or self.answers(0), START) or self.process.poll() is not None:
            with open(self.log_path) as log:
                raise Broken(f"the control's php-fpm ({self.kind}) does not answer: {log.read().strip()}")
        return self

    def master(self):
        return self.process.pid  # setpriv becomes php-fpm

    def workers(self):
        uid = 0 if self.kind == "root" else pwd.getpwnam(self.world.users[self.site]).pw_uid
        return [pid for pid in children(self.master()) if said_of(pid, "Uid").split()[:1] == [str(uid)]]

    def stop(self):
        if self.process is None:
            return
        for number in (signal.SIGTERM, signal.SIGKILL):  # workers survive a master that was killed: the whole group
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(20)
        self.process = None


class Box(Pool):
    """`fpmbox run FILE` in the foreground."""

    def __init__(self, world, site, environment=None, **changes):
        super().__init__(world, site)
        self.name = POOLS[site]
        self.address = f"/run/fpmbox/{self.name}/live.sock"
        self.tmp = "/tmp"
        self.log = []
        self.environment = environment or {}
        self.file = world.pool_file(site, **changes)
        self.ready_at = None
        self._notices = None

    def command(self):
        return [self.world.fpmbox, "run", self.file]

    def launch(self, stdin=subprocess.DEVNULL, read_log=True, **options):
        """Starts the launcher and returns at once."""
        self.notify_path = f"{self.world.scratch}/run/notify-{self.name}-{time.monotonic_ns()}"
        self._notices = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        self._notices.bind(self.notify_path)
        os.chmod(self.notify_path, 0o666)
        self.process = subprocess.Popen(
            self.command(), stdin=stdin, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            env={**os.environ, **self.world.secret_environment, "NOTIFY_SOCKET": self.notify_path, **self.environment},
            start_new_session=True, **options)
        self.pid = self.process.pid
        self.world.started.append(self)
        self._reader = threading.Thread(target=self._read, args=(self.process.stderr,), daemon=True)
        if read_log:
            self._reader.start()
        return self

    def _read(self, stream):
        for line in stream:
            self.log.append(line.decode(errors="backslashreplace").rstrip("\n"))

    def notices(self, seconds=0.0):
        """Notifications that arrived, or that arrive within the time."""
        found = []
        while select.select([self._notices], [], [], 0 if found else seconds)[0]:
            found += self._notices.recv(4096).decode(errors="replace").split("\n")
        return found

    def wait_ready(self, seconds=START):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if "READY=1" in self.notices(0.05):
                self.ready_at = time.monotonic()
                return True
            if self.process.poll() is not None:
                return False
        return False

    def start(self):
        self.launch()
        if not self.wait_ready():
            code = self.process.poll()
            self.stop()
            raise Broken(f"the box {self.name} did not get ready (exit {code}):\n    " + "\n    ".join(self.log[-20:]))
        return self

    def master(self):
        masters = [pid for pid in descendants(self.process.pid) if said_of(pid, "NSpid").split()[-1:] == ["1"]]
        if not masters:
            raise Broken(f"no process below the launcher of {self.name} is PID 1 of its namespace")
        return masters[0]

    def wait(self, seconds=STOP):
        """The exit code as a shell would give it, or None while it still runs."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = self.process.wait(seconds)
            if self._reader.ident:
                self._reader.join(PATIENCE)
            return code if code >= 0 else 128 - code
        return None

    def send(self, number):
        self.process.send_signal(number)

    def stop(self, number=signal.SIGTERM, seconds=STOP):
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.send(number)
        code = self.wait(seconds)
        if code is None:
            below = descendants(self.process.pid)
            self.process.kill()
            self.process.wait(PATIENCE)
            for pid in below:  # what a killed launcher should have taken with it
                if not until(lambda pid=pid: not alive(pid), 10):
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
        if not self._reader.is_alive():
            self.process.stderr.close()
        if self._notices:
            self._notices.close()
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self.notify_path)
            self._notices = None
        return code

    def session_directory(self):
        return f"/var/lib/fpmbox/{self.name}/sessions"


# ---- kernels and filters without newer calls

LANDLOCK_CALLS = ("landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self")
LANDLOCK_LAYERS = ("landlock", "landlock.refer", "landlock.truncate", "landlock.network", "landlock.scopes")
WITHOUT_LANDLOCK = "enforcement: {best_effort: [" + ", ".join(f"{{layer: {one}, why: a test}}" for one in LANDLOCK_LAYERS) + "]}\n"


class Traced(Box):
    """Its command() runs the launcher under strace(1), which keeps signals to itself."""

    def send(self, number):
        for pid in children(self.process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)


class Older(Box):
    """On a kernel without some calls: names with commas in between."""

    def __init__(self, world, site, names, word="ENOSYS", **changes):
        super().__init__(world, site, **changes)
        self.names, self.word = names, word

    def command(self):
        return [sys.executable, os.path.join(HERE, "..", "support", "without_syscalls.py"), self.word, self.names, *super().command()]


# ---- the machine

class World:
    """Use as a context manager; everything it made is gone afterwards."""

    secret_environment = {"LAUNCHERS_SECRET": "of-the-launcher"}

    def __init__(self, fpmbox=None, php_fpm=None, faulty=None):
        self.fpmbox = os.path.abspath(fpmbox) if fpmbox else None
        self.faulty = faulty  # a build that fails at the step named in FPMBOX_FAIL_STEP
        self.php_fpm = php_fpm or self._find_php_fpm()
        self.users = {"alice": ALICE, "bob": BOB}
        self.extension = self._find_extension()
        self.php_fpm_pools = f"/etc/php/{re.search(r'[0-9.]+$', self.php_fpm).group()}/fpm/pool.d/*.conf"
        self.started, self.made, self.at_end = [], [], contextlib.ExitStack()

    @staticmethod
    def _find_php_fpm():
        found = [path for path in glob.glob("/usr/sbin/php-fpm*") if re.fullmatch(r".*/php-fpm\d+\.\d+", path)]
        if not found:
            raise Broken("php-fpm is not installed")
        return max(found, key=lambda path: [int(part) for part in re.findall(r"\d+", path)])

    @staticmethod
    def _find_extension():
        """Some library that both sides can read."""
        found = sorted(glob.glob("/usr/lib/php/2*/ctype.so"))
        if not found:
            raise Broken("no PHP extension below /usr/lib/php")
        return found[-1]

    def __enter__(self):
        if os.geteuid() != 0:
            raise Broken("these tests make users, mounts and boxes: run them as root")
        os.umask(0o022)
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
        try:
            self._only_one()
            self._make_users()
            self._make_scratch()
        except BaseException:
            self.at_end.close()
            raise
        return self

    def __exit__(self, *_):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for pool in reversed(self.started):
            with contextlib.suppress(Exception):
                pool.stop()
        for site in POOLS:
            self.clear(site)
        self.at_end.close()

    def _only_one(self):
        lock = open("/run/fpmbox-test.lock", "w")
        self.at_end.callback(lock.close)
        if not until(lambda: self._try_lock(lock), 900, 0.5):
            raise Broken("other sandbox tests are still running (/run/fpmbox-test.lock)")

    @staticmethod
    def _try_lock(lock):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            return False

    def _make_users(self):
        for group in (WEB, EXTRA):
            try:
                grp.getgrnam(group)
            except KeyError:
                subprocess.run(["groupadd", "--system", group], check=True)
                self.at_end.callback(subprocess.run, ["groupdel", group], check=False)
        for user in (SUPERVISOR, ALICE, BOB):
            try:
                pwd.getpwnam(user)
            except KeyError:
                subprocess.run(["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent",
                                "--shell", "/usr/sbin/nologin"] + ([] if user == SUPERVISOR else ["--uid", str(unused_id()), "-K", "SYS_UID_MAX=59999"])
                               + (["--groups", EXTRA] if user == ALICE else []) + [user], check=True)
                self.made.append(user)
                self.at_end.callback(self._remove_user, user)

    @staticmethod
    def _remove_user(user):
        """The user was made here, so whatever still runs as it was started here."""
        uid = pwd.getpwnam(user).pw_uid
        if user == SUPERVISOR:
            if processes_of(uid):
                return  # somebody else's box uses it meanwhile
        else:
            for pid in processes_of(uid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            until(lambda: not processes_of(uid), PATIENCE)
        subprocess.run(["userdel", user], check=False, stderr=subprocess.DEVNULL)

    def _make_scratch(self):
        self.scratch = tempfile.mkdtemp(prefix="fpmbox-test-", dir="/var/lib")
        self.at_end.callback(shutil.rmtree, self.scratch, ignore_errors=True)
        os.chmod(self.scratch, 0o755)
        for name in ("pools", "control", "home", "tmp"):
            folder(f"{self.scratch}/{name}")
        folder(f"{self.scratch}/run", 0o1777)  # plain masters bind their sockets as ordinary users
        for name in POOLS.values():
            for state in ("/run/fpmbox/", "/var/lib/fpmbox/"):
                if not os.path.exists(state + name):
                    self.at_end.callback(shutil.rmtree, state + name, ignore_errors=True)
        self._install()
        for site, user in self.users.items():
            folder(f"{self.scratch}/tmp/{site}", 0o700, user)
            code = folder(f"{self.scratch}/{site}/www-1.0")
            os.symlink("www-1.0", self.code(site))
            for name in os.listdir(f"{HERE}/site"):
                shutil.copy(f"{HERE}/site/{name}", code)
            write(f"{code}/config.php", f"<?php return ['password' => 'of-{site}'];")
            write(f"{code}/private.php", f"<?php return ['password' => 'of-{site}'];", 0o600, user)
            os.symlink("data/linked.php", f"{code}/linked.php")
            os.symlink("hello.php", f"{code}/again.php")
            folder(f"{code}/data", 0o750, user)
            folder(f"{code}/open", 0o755, user)  # belongs to the pool's user, and yet a box shows it read-only
        write(f"{self.scratch}/home/secret.txt", "a file of the host that anybody may read")
        self.refresh("alice")

    def _install(self):
        """Copies, so that a build that goes on meanwhile does not matter; catalog and acts lie beside the binary."""
        if not self.fpmbox:
            return
        bin_folder = folder(f"{self.scratch}/bin")
        for name in ("catalog", "acts"):
            beside = os.path.join(os.path.dirname(self.fpmbox), name)
            if os.path.isdir(beside):
                shutil.copytree(beside, f"{bin_folder}/{name}")
        try:
            self.fpmbox = shutil.copy(self.fpmbox, f"{bin_folder}/fpmbox")
            if self.faulty:
                self.faulty = shutil.copy(self.faulty, f"{bin_folder}/fpmbox_faulty")
        except OSError as error:
            raise Broken(f"{error.filename}: {error.strerror}") from error

    def code(self, site):
        return f"{self.scratch}/{site}/www"

    def refresh(self, site):
        """The open folder as acts expect to find it."""
        top, user = f"{self.code(site)}/open", self.users[site]
        for entry in os.scandir(top):
            shutil.rmtree(entry) if entry.is_dir(follow_symlinks=False) else os.unlink(entry)
        for name in ("page.php", "other.php"):
            write(f"{top}/{name}", "<?php echo 'page';", 0o644, user)

    def pool_file(self, site, limits="", writable="data", php="", pm="", more=""):
        """A pool as an operator would write it, but that FFI is there and no PHP function is disabled: what is tested
        are the layers of the kernel, not PHP's own."""
        return write(f"{self.scratch}/pools/{POOLS[site]}.yaml", f"""\
extends: php-fpm
identity: {{user: {self.users[site]}}}
listen: {{group: {WEB}}}
filesystem:
  code: {self.code(site)}
  writable: [{writable}]
  tmp: {{size: 64MiB, inodes: 512}}
limits: {{memory.max: 384MiB, pids.max: 48, {limits or "stop_timeout: 20s"}}}
php:
  version: "{re.search(r'[0-9.]+$', self.php_fpm).group()}"
  timezone: Europe/Rome
  extensions: {{add: [ffi]}}
  disable_functions: {{set: []}}
  admin_values: {{ffi.enable: "1", sendmail_path: /bin/cat}}
  pm: {{mode: static, max_children: 2{pm and ", " + pm}}}
{php}{more}""")

    def clear(self, site):
        """Ends and removes what a failed test left, so that the next one starts afresh. Processes only of a user that was
        made here."""
        if self.users[site] in self.made:
            for pid in processes_of(pwd.getpwnam(self.users[site]).pw_uid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        for group in cgroups(POOLS[site]):
            with contextlib.suppress(OSError):
                os.rmdir(group)

    def process(self, command, **options):
        """A process that ends with the tests."""
        process = subprocess.Popen(command, start_new_session=True, **options)
        self.at_end.callback(lambda: (process.kill(), process.wait()))
        return process

    def as_user(self, site):
        user = self.users[site]
        return ["setpriv", "--reuid", user, "--regid", user, "--clear-groups"]

    def sleeper(self, site):
        """A process of the host with the pool's uid."""
        process = self.process([*self.as_user(site), "sleep", "600"])
        until(lambda: status(process.pid)["Uid"].split()[0] != "0" and status(process.pid)["Name"] == "sleep", PATIENCE)
        return process


class Host:
    """Services of the host that acts try to reach: on a loopback address, an abstract and a plain Unix socket, and a
    segment of shared memory."""

    ADDRESS = "127.9.9.9"

    def __init__(self, world):
        self.tcp = self._bound(socket.AF_INET, socket.SOCK_STREAM, (self.ADDRESS, 0))
        self.tcp_port = self.tcp.getsockname()[1]
        self.udp = self._bound(socket.AF_INET, socket.SOCK_DGRAM, (self.ADDRESS, 0))
        self.udp_port = self.udp.getsockname()[1]
        self.abstract_name = f"fpmbox-test-{os.getpid()}"
        self.abstract = self._bound(socket.AF_UNIX, socket.SOCK_STREAM, "\0" + self.abstract_name)
        self.unix_path = f"{world.scratch}/run/database.sock"
        self.unix = self._bound(socket.AF_UNIX, socket.SOCK_STREAM, self.unix_path)
        os.chmod(self.unix_path, 0o666)
        libc = ctypes.CDLL(None, use_errno=True)
        self.memory_key = 0x66700000 | (os.getpid() & 0xFFFFF)
        segment = libc.shmget(self.memory_key, 4096, 0o1666)
        world.at_end.callback(libc.shmctl, segment, 0, None)
        for listener in (self.tcp, self.udp, self.abstract, self.unix):
            world.at_end.callback(listener.close)

    @staticmethod
    def _bound(family, kind, address):
        listener = socket.socket(family, kind | socket.SOCK_CLOEXEC)
        listener.bind(address)
        if kind == socket.SOCK_STREAM:
            listener.listen(64)
        return listener
