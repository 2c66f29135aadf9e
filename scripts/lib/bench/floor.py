"""The floor of a whole box: the plan of a pool as orders for box_floor, which makes nothing else; and a pool in it."""

import contextlib
import json
import os
import pathlib
import signal
import subprocess

from bench import pools
from demo.undo import family

WHOLE = "the kernel alone, a whole box"
UNIFIED = "/sys/fs/cgroup/unified"  # of machines with both versions
READ_ONLY, NO_SUID, NO_DEVICES, NO_EXEC = 1, 2, 4, 8  # mount_setattr(2)
ORDERS = {"symlink": "link", "tmpfs": "tmpfs", "devices": "devices", "proc": "proc"}


def order(row, target, folder):
    """What makes the row itself, where its folder is there; nothing of one that is a folder."""
    if row["kind"] == "file":
        return [f"copy {target} {content_of(row, folder)}"]
    if row["kind"] in ("bind", "unreadable"):
        attributes = NO_SUID | NO_DEVICES | READ_ONLY * row["read_only"] | NO_EXEC * row["noexec"]
        return [f"bind {target} {row['source']} {attributes}"]
    return [f"{ORDERS[row['kind']]} {target} {row.get('source', '')}".rstrip()] if row["kind"] in ORDERS else []


def mount_orders(rows, contents):
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
            orders += [f"folder {folder}" for folder in above] + [f"file {target}"] * is_file
        orders += order(row, target, contents)
        binds += [target] * is_bind
    return orders


def content_of(row, folder):
    """The file's content as a file outside, which is copied."""
    path = folder / row["target"].strip("/").replace("/", "-")
    path.write_text(row["content"])
    return path


def plan_of(fpmbox, pool):
    return json.loads(subprocess.run([fpmbox, "plan", pool, "--json"], capture_output=True, text=True, check=True).stdout)


def group_orders(plan):
    limits = [row for row in plan["limits"] if "parent" in row]
    parents = {row["parent"]: "leaf" if row["cgroup"] == 2 else "group" for row in limits}
    if "leaf" not in parents.values() and os.path.isdir(UNIFIED):
        parents[UNIFIED] = "leaf"  # a box is killed there as one
    groups = [f"{kind} {parent} fpmbox-bench-floor" for parent, kind in parents.items()]
    return groups + [f"limit {row['parent']} fpmbox-bench-floor {row['file']} {row['value']}" for row in limits]


def write_orders(fpmbox, confined, pool, folder, more=()):
    """The plan of the pool as orders for box_floor: what its kernel work is, and no more. A box of it was there before, which makes
    the folders of its state. Gives the plan."""
    plan, contents = plan_of(fpmbox, pool), folder / "contents"
    contents.mkdir(exist_ok=True)
    code = folder / "filter"
    code.write_bytes(subprocess.run([confined, "print", pool], capture_output=True, check=True).stdout)
    orders = [*group_orders(plan), *mount_orders(plan["mounts"], contents), *more, f"filter {code}"]
    (folder / "orders").write_text("\n".join(orders) + "\n")
    return plan


class PoolSide(pools.Side):
    """php-fpm in such a box, by the pool's own settings. Nothing watches over it: it is ended by its own number."""

    def __init__(self, build, fpmbox, pool, folder, user):
        folder.mkdir()
        self.sockets = [folder / "live.sock", folder / "status.sock"]
        numbers = [word.rpartition("=")[2] for word in environment_of(plan_of(fpmbox, pool))["FPM_SOCKETS"].split(",")]
        listening = [f"socket {path} {number}" for path, number in zip(self.sockets, numbers, strict=True)]
        plan = write_orders(fpmbox, str(build / "confined"), pool, folder, [*listening, f"user {user.pw_uid} {user.pw_gid}"])
        command = [build / "box_floor", folder / "orders", plan["program"]["source"], *plan["program"]["argv"][1:]]
        super().__init__(command, self.sockets[0], environment_of(plan))

    def launch(self):
        for path in self.sockets:
            path.unlink(missing_ok=True)
        super().launch()

    def stop(self):
        if self.process is None:
            return
        for pid in family(self.process.pid):
            if pid != self.process.pid:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        self.process.wait(20)  # its groups are removed by it
        self.process = None


def environment_of(plan):
    return dict(word.split("=", 1) for word in plan["program"]["environment"])
