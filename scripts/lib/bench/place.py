"""Where the bench works: a user, a folder, and everything that runs there. All of it goes away again: at the end, after a failure,
after Ctrl-C, and by the next run where this one was killed."""

import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

from demo.terminal import DemoError, say
from demo.undo import Interrupted, is_running, remove_user, start_time

USER = "fpmbox-bench"
TOP = pathlib.Path("/srv")


class Place:
    def __enter__(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.interrupt)
        for earlier in TOP.glob("fpmbox-bench-*"):
            if owner_runs(earlier):
                raise DemoError("another bench is running", f"it works in {earlier}", "wait for its end")
            say(f"taking away what an earlier bench left: {earlier}")
            clear(earlier)
        self.at_end = contextlib.ExitStack()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="fpmbox-bench-", dir=TOP))
        self.at_end.callback(clear, self.folder)
        (self.folder / "owner").write_text(f"{os.getpid()} {start_time(os.getpid())}")
        self.folder.chmod(0o755)
        try:
            subprocess.run(["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent", USER], check=True)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        self.at_end.close()

    @staticmethod
    def interrupt(*_):
        raise Interrupted


def owner_runs(folder):
    with contextlib.suppress(FileNotFoundError, ValueError):
        pid, started = map(int, (folder / "owner").read_text().split())
        return is_running(pid, started)
    return False


def clear(folder):
    stop_all(folder)
    remove_user(USER)
    shutil.rmtree(folder, ignore_errors=True)
    for top in ("/var/lib/fpmbox", "/run/fpmbox"):
        for path in pathlib.Path(top).glob("fpmbox-bench*"):
            shutil.rmtree(path, ignore_errors=True)


def stop_all(folder):
    """Whatever was started with a path of the folder among its words."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        pids = running_in(folder)
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        deadline = time.monotonic() + 15
        while pids and running_in(folder) and time.monotonic() < deadline:
            time.sleep(0.05)


def running_in(folder):
    found = []
    for words in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            pid = int(words.parent.name)
            if pid != os.getpid() and f"{folder}/".encode() in words.read_bytes() and start_time(pid) is not None:
                found.append(pid)
    return found
