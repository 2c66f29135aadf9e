"""A box has a control group of its own for processor time, and so shares the machine as one party; the processes of a
master that was started from a terminal count one by one. Before measuring, stock gets a group beside the box's, as
php-fpm's systemd service would have."""

import pathlib
import re

from demo.undo import family


def share_alike(undo, name, stock_pid, box_pid):
    """Puts the stock master and its workers into a new group beside that of the box."""
    mine = group_of(box_pid)
    if mine is None or mine == group_of(stock_pid):
        return
    group = undo.cgroup(mine.parent / f"fpmbox-demo-{name}")
    group.mkdir()
    for pid in family(stock_pid):
        (group / "cgroup.procs").write_text(str(pid))


def group_of(launcher_pid):
    """The folder that decides about the processor time of the last process of a family: v1's cpu, or else v2."""
    text = pathlib.Path(f"/proc/{family(launcher_pid)[-1]}/cgroup").read_text()
    groups = {controllers: path for _, controllers, path in (line.split(":", 2) for line in text.splitlines())}
    for controllers, path in groups.items():
        if "cpu" in controllers.split(","):
            return mounted("cgroup", "cpu", path)
    return mounted("cgroup2", None, groups[""]) if "" in groups else None


def mounted(kind, option, path):
    for line in pathlib.Path("/proc/self/mountinfo").read_text().splitlines():
        before, _, after = line.partition(" - ")
        _, root, point = before.split()[2:5]
        filesystem, _, options = after.split()[:3]
        if filesystem == kind and root == "/" and (option is None or option in re.split(",", options)):
            return pathlib.Path(point) / path.lstrip("/")
    return None
