"""A program that does nothing, in each tool's sandbox: from the tool's start to its end."""

import json
import os
import pathlib
import select
import shutil
import subprocess
import time

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


def commands(fpmbox, floor, pool, folder):
    runtime = ["run", "--bundle", str(bundle(folder / "bundle")), "fpmbox-bench"]
    return {
        "fpmbox exec": [fpmbox, "exec", pool, "--", PROGRAM],
        "the kernel alone": [floor, PROGRAM],  # a clone with the same namespaces, and nothing else
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


def measurable(all_commands):
    """Those that run here; the others are named with the reason."""
    out, missing = {}, {}
    for name, command in all_commands.items():
        if shutil.which(command[0]) is None and not pathlib.Path(command[0]).exists():
            missing[name] = "not installed"
            continue
        run = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30)
        if run.returncode == 0:
            out[name] = command
        else:
            missing[name] = " / ".join((run.stderr or run.stdout).strip().splitlines()[-2:]) or f"exit {run.returncode}"
    return out, missing
