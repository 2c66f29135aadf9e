"""The two ways to run a pool that the demo compares: one FPM master for all as Debian ships it, and a box for each."""

import dataclasses
import os
import pathlib
import re
import shutil
import socket
import subprocess
import time

from demo.sites import fill
from demo.terminal import DemoError
from demo.undo import wait_until

START_SECONDS = 40
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}


@dataclasses.dataclass
class Pool:
    name: str
    user: str
    socket: str


def newest_php():
    """php-fpm and its version, such as ("/usr/sbin/php-fpm8.2", "8.2")."""
    found = [(tuple(map(int, match[1].split("."))), path) for path in pathlib.Path("/usr/sbin").glob("php-fpm*")
             if (match := re.fullmatch(r"php-fpm(\d+\.\d+)", path.name))]
    if not found:
        raise DemoError("no php-fpm in /usr/sbin", "", "scripts/setup run")
    version, path = max(found)
    return str(path), ".".join(map(str, version))


class Stock:
    """Debian's way: a master as root, its php.ini and all of its conf.d, one opcache for all pools."""

    def __init__(self, undo, folder, pools):
        self.undo, self.folder, self.pools = undo, folder, pools

    def write(self):
        (self.folder / "pool.d").mkdir(parents=True)
        (self.folder / "fpm.conf").write_text(fill("stock-fpm.conf", DIR=self.folder))
        for pool in self.pools:
            sessions = self.folder / f"sessions-{pool.name}"
            sessions.mkdir(mode=0o700)
            shutil.chown(sessions, pool.user, pool.user)
            (self.folder / "pool.d" / f"{pool.name}.conf").write_text(fill(
                "stock-pool.conf", NAME=pool.name, USER=pool.user, SOCKET=pool.socket, SESSIONS=sessions))
        return self

    def launch(self):
        command = [newest_php()[0], "--nodaemonize", "--fpm-config", self.folder / "fpm.conf"]
        return self.undo.start(command, self.folder / "output.log", dict(ENVIRONMENT))

    def start(self):
        process = self.launch()
        sockets = [pool.socket for pool in self.pools]
        if not wait_until(lambda: process.poll() is not None or all(map(accepts, sockets)), START_SECONDS):
            process.poll() is None and process.kill()
        if process.poll() is not None:
            raise DemoError("php-fpm did not start", tail(self.folder / "php-fpm.log"), f"look at {self.folder}")
        return process


class Box:
    """fpmbox's way: one launcher for each pool, told apart by nothing but its pool file."""

    def __init__(self, undo, fpmbox, pool_file, log):
        self.undo, self.fpmbox, self.pool_file, self.log = undo, fpmbox, pool_file, log

    def launch(self, **environment):
        return self.undo.start([self.fpmbox, "run", self.pool_file], self.log, {**ENVIRONMENT, **environment})

    def start(self):
        """Returns when the launcher says READY=1, which it does when the pool has answered it."""
        with Notifications(self.pool_file.with_suffix(".notify")) as notifications:
            process = self.launch(NOTIFY_SOCKET=notifications.path)
            if not notifications.ready(process):
                raise DemoError(f"fpmbox run {self.pool_file} did not become ready", tail(self.log),
                                f"{self.fpmbox} plan {self.pool_file} says what it would set up here")
        return process


class Notifications:
    """The socket that sd_notify(3) writes to."""

    def __init__(self, path):
        self.path = str(path)

    def __enter__(self):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.socket.settimeout(0.1)
        return self

    def __exit__(self, *_):
        self.socket.close()
        os.unlink(self.path)

    def ready(self, process):
        deadline = time.monotonic() + START_SECONDS
        while process.poll() is None and time.monotonic() < deadline:
            try:
                if b"READY=1" in self.socket.recv(4096).split(b"\n"):
                    return True
            except TimeoutError:
                pass
        return False


def accepts(path):
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(path) == 0


def tail(log, lines=8):
    try:
        return " / ".join(pathlib.Path(log).read_text(errors="replace").strip().splitlines()[-lines:])
    except FileNotFoundError:
        return f"{log} was not written"


def writable_of(fpmbox, pool_file):
    """The writable paths of the effective policy, as `fpmbox show` writes it: the demo deploys what the launcher mounts."""
    run = subprocess.run([fpmbox, "show", pool_file], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if run.returncode:
        raise DemoError(f"fpmbox show {pool_file} failed", run.stderr.strip()[-600:])
    return parse_writable(run.stdout)


def parse_writable(profile):
    """The paths of filesystem.writable, in a profile that has them an item a line."""
    items = re.search(r"^( *)writable:[^\n]*\n((?:\1 *-[^\n]*\n|\1  +[^\n]*\n)*)", profile + "\n", re.M)
    return re.findall(r"^ *- (?:\{?path: )?\"?([^\s,}\"]+)", items[2], re.M) if items else []


def live_socket(name):
    return f"/run/fpmbox/{name}/live.sock"
