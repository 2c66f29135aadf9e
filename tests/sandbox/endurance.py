#!/usr/bin/env python3
"""A hundred starts and stops, a fifth of them failing at a random step; afterwards the machine is as it was.

    tests/sandbox/endurance.py --fpmbox BUILD/fpmbox --faulty BUILD/fpmbox_faulty      (as root)

--faulty is the build that fails at the step named in FPMBOX_FAIL_STEP. The steps are the same each time, but for --seed.
"""

import argparse
import ctypes
import os
import random
import re
import sys

import fixture
from fixture import Box, until
from report import Report

GROWTH = 1024  # KiB by which the launchers' memory may differ
SETTLED = 90  # seconds: namespaces and mounts are taken down in the kernel's own time
CLONE_NEWNS, MS_REC, MS_PRIVATE, MS_SHARED = 0x20000, 0x4000, 1 << 18, 1 << 20
KINDS = ("mnt", "pid", "net", "ipc", "uts", "cgroup")


def own_mounts():
    """From here on what others mount on this machine does not count. Shared, as a host's are: what a box would let out does."""
    libc = ctypes.CDLL(None, use_errno=True)
    for step in (lambda: libc.unshare(CLONE_NEWNS), lambda: libc.mount(None, b"/", None, MS_REC | MS_PRIVATE, None),
                 lambda: libc.mount(None, b"/", None, MS_REC | MS_SHARED, None)):
        if step() != 0:
            raise fixture.Broken("mounts of one's own: " + os.strerror(ctypes.get_errno()))


def namespaces(world):
    return fixture.namespaces_of(fixture.own_processes(world), KINDS)


def inventory(world):
    with open("/proc/self/mountinfo") as file:
        mounts = sorted(line.split()[4] for line in file)
    return {
        "mounts": mounts,
        "cgroups": fixture.cgroups(fixture.POOLS["alice"]),
        "sockets": fixture.sockets(fixture.POOLS["alice"]),
        "processes": fixture.own_processes(world),
        "fds": os.listdir("/proc/self/fd"),
    }


def difference(before, after):
    return [f"{kind}: {after[kind]} instead of {before[kind]}" for kind in before if before[kind] != after[kind]]


def steps_of(box_log):
    return [match.group(1) for line in box_log for match in [re.search(r"step `([^`]+)`", line)] if match]


def number_of_steps(world):
    """Steps fail one after the other until a box comes up: there are as many."""
    names = []
    for step in range(60):
        box = Box(world, "alice", environment={"FPMBOX_FAIL_STEP": str(step)}).launch()
        if box.wait_ready():
            box.stop()
            return names
        box.wait()
        names += steps_of(box.log) or [f"step {step} is not named: {box.log[-3:]}"]
        box.stop()
    return names


def forget(world, box):
    """The test's own ends of a box that has ended."""
    box.stop()
    box.process.stderr.close()
    world.started.remove(box)


def one_failure(world, step, name):
    box = Box(world, "alice", environment={"FPMBOX_FAIL_STEP": str(step)}).launch()
    code = box.wait()
    forget(world, box)
    said = steps_of(box.log)
    return [] if code == 71 and said == [name] else [f"step {step}: exit {code}, said {said}, wanted {name}: {box.log[-3:]}"]


def one_success(world, sizes):
    box = Box(world, "alice").launch()
    try:
        if not box.wait_ready():
            return [f"not ready: {box.log[-5:]}"]
        answer = box.request().text
        sizes.append(int(fixture.status(box.process.pid)["RssAnon"].split()[0]))  # of files the kernel keeps what it likes
        return [] if answer == "hello from alice" else [f"answered {answer!r}"]
    finally:
        forget(world, box)


def many_starts(world, seed, starts):
    """mounts, cgroups, namespaces, processes, sockets and fds are what they were"""
    fpmbox, faulty = world.fpmbox, world.faulty  # copies: a build may go on meanwhile
    world.fpmbox = faulty
    names = number_of_steps(world)
    mistakes = [] if len(names) > 15 else [f"only these steps: {names}"]
    dice = random.Random(seed)
    failing = dict.fromkeys(dice.sample(range(starts), starts // 5))
    sizes = []
    until(lambda: not fixture.own_processes(world), SETTLED)
    before, before_namespaces = inventory(world), namespaces(world)
    for start in range(starts):
        world.fpmbox = faulty if start in failing else fpmbox
        step = dice.randrange(len(names))
        mistakes += one_failure(world, step, names[step]) if start in failing else one_success(world, sizes)
    until(lambda: not difference(before, inventory(world)) and namespaces(world) <= before_namespaces, SETTLED, 0.2)
    mistakes += difference(before, inventory(world))
    mistakes += [f"launchers of {min(sizes)} to {max(sizes)} KiB"] if sizes and max(sizes) - min(sizes) > GROWTH else []
    mistakes += [f"namespace {one}" for one in sorted(namespaces(world) - before_namespaces)]
    return mistakes


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fpmbox", required=True)
    parser.add_argument("--faulty", required=True)
    parser.add_argument("--seed", type=int, default=1, help="other steps")
    parser.add_argument("--starts", type=int, default=100)
    options = parser.parse_args()
    report = Report([])
    print(f"# seed {options.seed}", flush=True)
    with fixture.World(options.fpmbox, faulty=options.faulty) as world:
        try:
            own_mounts()
            mistakes = many_starts(world, options.seed, options.starts)
        except (fixture.Broken, fixture.NoAnswer, OSError) as error:
            mistakes = [f"{type(error).__name__}: {error}"]
        report.check(f"endurance/{options.starts}-starts", mistakes, many_starts.__doc__)
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
