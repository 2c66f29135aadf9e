"""A program that does nothing, in each tool's sandbox: from the tool's start to its end."""

import json
import os
import pathlib
import select
import shutil
import subprocess
import time

from bench import floor
from demo.terminal import DemoError

NAMESPACES = ["--mount", "--pid", "--net", "--ipc", "--uts", "--cgroup", "--fork"]
PROGRAM = "/usr/bin/true"


def bundle(folder):
    """An OCI bundle that shows this host's /usr, for runc and crun."""
    for name in ("usr", "proc"):
        (folder / "rootfs" / name).mkdir(parents=True)
    for name in ("bin", "lib", "lib64", "sbin"):
        (folder / "rootfs" / name).symlink_to(f"usr/{name}")
    config = {
        "ociVersion": "1.0.2", "root": {"path": "rootfs", "readonly": True}, "hostname": "bench",
        "process": {"args": [PROGRAM], "cwd": "/", "user": {"uid": 65534, "gid": 65534}, "noNewPrivileges": True},
        "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"},
                   {"destination": "/usr", "type": "bind", "source": "/usr", "options": ["bind", "ro"]}],
        "linux": {"namespaces": [{"type": kind} for kind in ("pid", "network", "ipc", "uts", "mount")]},
    }
    (folder / "config.json").write_text(json.dumps(config))
    return folder


OURS = "fpmbox exec"


def commands(fpmbox, build, pool, folder):
    runtime = ["run", "--bundle", str(bundle(folder / "bundle")), "fpmbox-bench"]
    return {
        OURS: [fpmbox, "exec", pool, "--", PROGRAM],
        "the kernel alone": [str(build / "floor"), PROGRAM],  # a clone with the same namespaces, and nothing else
        # its mounts, groups and filter, too; nothing is read, checked, read back, watched over or dropped
        floor.WHOLE: [str(build / "box_floor"), str(folder / "orders"), PROGRAM],
        "unshare": ["unshare", *NAMESPACES, PROGRAM],
        "bwrap": ["bwrap", "--unshare-all", "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", PROGRAM],
        "runc": ["runc", *runtime],
        "crun": ["crun", "--cgroup-manager=disabled", *runtime],
        "firejail": ["firejail", "--quiet", "--noprofile", "--net=none", PROGRAM],
        "systemd-nspawn": ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--directory=/", "--volatile=yes", PROGRAM],
    }


def milliseconds(command):
    """Woken by the kernel at its end: a wait of subprocess with a timeout looks after 1, 3, 7, 15, ... ms, and that is what it measures."""
    begin = time.monotonic()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    ended = os.pidfd_open(process.pid)
    try:
        if not select.select([ended], [], [], 30)[0]:
            process.kill()
        elapsed = (time.monotonic() - begin) * 1000
    finally:
        os.close(ended)
    if process.wait() != 0:
        raise DemoError(f"exit {process.returncode}", " ".join(command))
    return elapsed


def why_not(name, command, preparations):
    """Prepared and tried once: the reason, where that fails."""
    if shutil.which(command[0]) is None and not pathlib.Path(command[0]).exists():
        return "not installed"
    try:
        if name in preparations:
            preparations[name]()
    except subprocess.CalledProcessError as error:
        return f"{' '.join(map(str, error.cmd))}: exit {error.returncode}"
    run = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30)
    if run.returncode == 0:
        return None
    return " / ".join((run.stderr or run.stdout).strip().splitlines()[-2:]) or f"exit {run.returncode}"


def measurable(all_commands, preparations):
    """Those that run here; the others are named with the reason."""
    reasons = {name: why_not(name, command, preparations) for name, command in all_commands.items()}
    return ({name: command for name, command in all_commands.items() if reasons[name] is None},
            {name: why for name, why in reasons.items() if why is not None})
