"""The machine that the tests themselves run on, with the words of machine.Machine: an emulated one, made for them."""

import contextlib
import os
import subprocess

import machine


class Here:
    def __init__(self, suite):
        self.suite, self.php, self.leader = suite, machine.SUITES[suite], 1
        self.unified = not os.path.isdir("/sys/fs/cgroup/memory")
        with contextlib.suppress(OSError), open("/sys/fs/cgroup/cgroup.controllers") as file:
            self.has_limits = {"memory", "pids", "cpu"} <= set(file.read().split())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def reboot(self):
        return False

    def run(self, *command, timeout=300, stdin=None):
        return subprocess.run(command, input=stdin, stdin=None if stdin is not None else subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=timeout, env=machine.ENVIRONMENT, cwd="/")

    def start(self, *command):
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                env=machine.ENVIRONMENT, cwd="/")

    def path(self, inside):
        return inside

    def write(self, inside, text, mode=0o644):
        os.makedirs(os.path.dirname(inside), exist_ok=True)
        with open(inside, "w") as file:
            file.write(text)
        os.chmod(inside, mode)

    def processes(self):
        found = {}
        for entry in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError, KeyError), open(f"/proc/{entry}/status") as file:
                status = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
                found[int(entry)] = (status["Name"], int(status["Uid"].split()[0]))
        return found
