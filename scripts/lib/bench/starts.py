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


UNIFIED = "/sys/fs/cgroup/unified"  # of machines with both versions
READ_ONLY, NO_SUID, NO_DEVICES, NO_EXEC = 1, 2, 4, 8  # mount_setattr(2)
ORDERS = {"symlink": "link", "tmpfs": "tmpfs", "devices": "devices", "proc": "proc"}


def order(row, target):
    """What makes the row itself, where its folder is there; nothing of one that is a folder."""
    if row["kind"] == "file":
        return [f"file {target} {len(row['content'].encode())}"]
    if row["kind"] in ("bind", "unreadable"):
        attributes = NO_SUID | NO_DEVICES | READ_ONLY * row["read_only"] | NO_EXEC * row["noexec"]
        return [f"bind {target} {row['source']} {attributes}"]
    return [f"{ORDERS[row['kind']]} {target} {row.get('source', '')}".rstrip()] if row["kind"] in ORDERS else []


def mount_orders(rows):
    orders, folders, binds = [], set(), []
    for row in rows:
        target = row["target"].lstrip("/")
        is_bind = row["kind"] in ("bind", "unreadable")
        is_file = is_bind and not os.path.isdir(row["source"])
        if not any(target.startswith(f"{bind}/") for bind in binds):  # below a bind all is there
            # of a mount its own point, too
            wanted = target if row["kind"] in ("file", "symlink") or is_file else f"{target}/below"
            above = [str(folder) for folder in reversed(pathlib.PurePosixPath(wanted).parents) if str(folder) not in (".", *folders)]
            folders.update(above)
            orders += [f"folder {folder}" for folder in above] + [f"file {target} 0"] * is_file
        orders += order(row, target)
        binds += [target] * is_bind
    return orders


def box_orders(fpmbox, confined, pool, folder):
    """The plan of the pool as orders for box_floor: what its kernel work is, and no more. A box of it was there before, which makes
    the folders of its state."""
    plan = json.loads(subprocess.run([fpmbox, "plan", pool, "--json"], capture_output=True, text=True, check=True).stdout)
    limits = [row for row in plan["limits"] if "parent" in row]
    parents = {row["parent"]: "leaf" if row["cgroup"] == 2 else "group" for row in limits}
    if "leaf" not in parents.values() and os.path.isdir(UNIFIED):
        parents[UNIFIED] = "leaf"  # a box is killed there as one
    groups = [f"{kind} {parent} fpmbox-bench-floor" for parent, kind in parents.items()]
    groups += [f"limit {row['parent']} fpmbox-bench-floor {row['file']} {row['value']}" for row in limits]
    code = folder / "filter"
    code.write_bytes(subprocess.run([confined, "print", pool], capture_output=True, check=True).stdout)
    (folder / "orders").write_text("\n".join([*groups, *mount_orders(plan["mounts"]), f"filter {code}"]) + "\n")


OURS, WHOLE = "fpmbox exec", "the kernel alone, a whole box"


def commands(fpmbox, build, pool, folder):
    runtime = ["run", "--bundle", str(bundle(folder / "bundle")), "fpmbox-bench"]
    return {
        OURS: [fpmbox, "exec", pool, "--", PROGRAM],
        "the kernel alone": [str(build / "floor"), PROGRAM],  # a clone with the same namespaces, and nothing else
        # its mounts, groups and filter, too; nothing is read, checked, read back, watched over or dropped
        WHOLE: [str(build / "box_floor"), str(folder / "orders"), PROGRAM],
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
