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
PLAIN = {"symlink": "link", "tmpfs": "tmpfs", "devices": "devices", "proc": "proc"}


def folders_above(target, made):
    """An order for each folder that is not there yet."""
    above = [str(folder) for folder in reversed(pathlib.PurePosixPath(target).parents) if str(folder) not in (".", *made)]
    made.update(above)
    return [f"folder {folder}" for folder in above]


def point(row, target, made):
    """What a mount lies over; below another bind it is there."""
    if any(target.startswith(f"{bind}/") for bind in made["binds"]):
        return []
    if row["kind"] in ("bind", "unreadable") and not os.path.isdir(row["source"]):
        return [f"point {target}"]
    return folders_above(f"{target}/below", made["folders"])


def mount_orders(rows):
    made, orders = {"folders": set(), "binds": []}, []
    for row in rows:
        target, kind = row["target"].lstrip("/"), row["kind"]
        orders += folders_above(target, made["folders"]) if not any(target.startswith(f"{bind}/") for bind in made["binds"]) else []
        if kind == "file":
            orders.append(f"file {target} {len(row['content'].encode())}")
            continue
        orders += point(row, target, made) if kind != "symlink" else []
        if kind in ("bind", "unreadable"):
            attributes = NO_SUID | NO_DEVICES | READ_ONLY * row["read_only"] | NO_EXEC * row["noexec"]
            orders.append(f"bind {target} {row['source']} {attributes}")
            made["binds"].append(target)
        elif kind in PLAIN:
            orders.append(f"{PLAIN[kind]} {target} {row.get('source', '')}".rstrip())
    return orders


def box_orders(fpmbox, confined, pool, folder):
    """The plan of the pool as orders for box_floor: what its kernel work is, and no more."""
    subprocess.run([fpmbox, "exec", pool, "--", PROGRAM], stdin=subprocess.DEVNULL, check=True)  # makes the folders of its state
    plan = json.loads(subprocess.run([fpmbox, "plan", pool, "--json"], capture_output=True, text=True, check=True).stdout)
    limits = [row for row in plan["limits"] if "parent" in row]
    parents = {row["parent"]: "leaf" if row["cgroup"] == 2 else "group" for row in limits}
    if "leaf" not in parents.values() and os.path.isdir(UNIFIED):
        parents[UNIFIED] = "leaf"  # a box is killed there as one
    groups = [f"{kind} {parent} fpmbox-bench-floor" for parent, kind in parents.items()]
    groups += [f"limit {row['parent']} fpmbox-bench-floor {row['file']} {row['value']}" for row in limits]
    code = folder / "filter"
    code.write_bytes(subprocess.run([confined, "print", pool], capture_output=True, check=True).stdout)
    orders = folder / "orders"
    orders.write_text("\n".join([*groups, *mount_orders(plan["mounts"]), f"filter {code}"]) + "\n")
    return str(orders)


def commands(fpmbox, build, pool, folder):
    floor, box_floor = str(build / "floor"), str(build / "box_floor")
    runtime = ["run", "--bundle", str(bundle(folder / "bundle")), "fpmbox-bench"]
    return {
        "fpmbox exec": [fpmbox, "exec", pool, "--", PROGRAM],
        "the kernel alone": [floor, PROGRAM],  # a clone with the same namespaces, and nothing else
        # its mounts, groups and filter, too; nothing is read, checked, read back, watched over or dropped
        "the kernel alone, a whole box": [box_floor, box_orders(fpmbox, str(build / "confined"), pool, folder), PROGRAM],
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
