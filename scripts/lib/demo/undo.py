"""Everything that the demo puts on the machine is written down before it is made, so that it can be taken away again:
at the end, after a failure, after Ctrl-C, by --stop, and by the next run where this one was killed."""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import time

from demo.terminal import DemoError, say

STOP_SECONDS = 40  # a box may take stop_timeout (30 s) for its last requests


class Interrupted(Exception):
    pass


class Undo:
    """The list of what is to be taken away, kept in a file so that it outlives this process."""

    def __init__(self, file):
        self.file = pathlib.Path(file)
        self.items = json.loads(self.file.read_text()) if self.file.exists() else []
        self.deferring = False
        self.interrupted = False

    def catch_signals(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.on_signal)

    def on_signal(self, *_):
        if self.deferring or self.interrupted:  # said once; taking away is never interrupted
            self.interrupted = True
            return
        self.interrupted = True
        raise Interrupted

    @contextlib.contextmanager
    def uninterrupted(self):
        """For the moment between making a thing and writing it down."""
        self.deferring = True
        try:
            yield
        finally:
            self.deferring = False
        if self.interrupted:
            raise Interrupted

    def add(self, kind, *what):
        self.items.append([kind, *what])
        fresh = self.file.with_suffix(".new")
        fresh.write_text(json.dumps(self.items))
        fresh.replace(self.file)

    def path(self, path):
        """`path` will be made and is taken away with all that it holds; never one that was there before."""
        if not os.path.lexists(path):
            self.add("path", str(path))
        return pathlib.Path(path)

    def cgroup(self, path):
        self.add("cgroup", str(path))
        return path

    def shared(self, path):
        """A folder that other boxes of this machine may come to use meanwhile."""
        if not os.path.lexists(path):
            self.add("shared", str(path))

    def user(self, name):
        if subprocess.run(["getent", "passwd", name], capture_output=True).returncode == 0:
            raise DemoError(f"the user {name} exists already", "the demo makes and removes it", f"userdel {name}")
        self.add("user", name)
        subprocess.run(["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent",
                        "--shell", "/usr/sbin/nologin", name], check=True)

    def start(self, arguments, log, environment=None, cwd="/"):
        """A process in a session of its own: Ctrl-C on the terminal reaches the demo, which stops it in order."""
        with self.uninterrupted(), open(log, "ab") as output:
            process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=cwd,
                                       env=environment, start_new_session=True)
            self.add("process", process.pid, start_time(process.pid))
        return process

    def stop(self, process):
        """Before the end: what is only needed for a while."""
        item = next(item for item in self.items if item[:2] == ["process", process.pid])
        stop_process(*item[1:])
        process.wait()
        self.items.remove(item)

    def everything(self):
        """Last things first; users when nothing of theirs runs any more; the list itself at the very end."""
        self.deferring = True
        takers = {"process": stop_process, "cgroup": remove_cgroup, "path": remove_path, "shared": remove_shared, "user": remove_user}
        for kind, taker in takers.items():
            for item in reversed(self.items):
                if item[0] == kind:
                    taker(*item[1:])
        self.items = []

    def in_use(self):
        """By a demo that runs right now, or by one that was asked to stay. What a killed one left is in nobody's use."""
        kept = ["kept"] in self.items
        return any(item[0] == "owner" and is_running(*item[1:]) or kept and item[0] == "process" and is_running(*item[1:])
                   for item in self.items)


def start_time(pid):
    """Field 22 of /proc/PID/stat: with it, a pid that was given to another process since is not mistaken for ours."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] == "Z" else int(fields[19])


def is_running(pid, started):
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    return started is not None and start_time(pid) == started


def stop_process(pid, started):
    if not is_running(pid, started):
        return
    os.kill(pid, signal.SIGTERM)
    if wait_until(lambda: not is_running(pid, started), STOP_SECONDS):
        return
    say(f"process {pid} did not stop in {STOP_SECONDS} s: killed")
    for each in family(pid):
        with contextlib.suppress(ProcessLookupError):
            os.kill(each, signal.SIGKILL)
    wait_until(lambda: not is_running(pid, started), 5)


def family(pid):
    parents = {}
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        parents.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found = [pid]
    for each in found:
        found += parents.get(each, [])
    return found


def wait_until(condition, seconds):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def remove_path(path):
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    elif os.path.lexists(path):
        os.unlink(path)


def remove_cgroup(path):
    """Possible once its last process has been reaped."""
    def gone():
        with contextlib.suppress(OSError):
            os.rmdir(path)
        return not os.path.exists(path)
    if not wait_until(gone, 5):
        say(f"the control group {path} is still in use: rmdir it later")


def remove_shared(path):
    """Only when no pool has anything there; dot names are the launcher's own."""
    if os.path.isdir(path) and all(name.startswith(".") for name in os.listdir(path)):
        shutil.rmtree(path)


def remove_user(name):
    # the last process of the user may be on its way out: ask again
    if not wait_until(lambda: subprocess.run(["userdel", name], capture_output=True).returncode in (0, 6), 5):
        say(f"userdel {name} failed: a process of this user still runs; remove it by hand")
