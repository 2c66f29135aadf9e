#!/usr/bin/env python3
"""What fails, and how: every failure ends in a working box or in a clear error, and leaves nothing behind.

    tests/sandbox/faults.py --fpmbox BUILD/fpmbox --faulty BUILD/fpmbox_faulty            (as root) a thrifty choice
    tests/sandbox/faults.py --fpmbox BUILD/fpmbox --faulty BUILD/fpmbox_faulty --all      every combination; scripts/test-faults

To add a test, write a function of `world` that returns its mistakes and add it to TESTS; the docstring is what is printed.
"""

import argparse
import contextlib
import errno
import os
import random
import re
import signal
import sys
import time

import fixture
from fixture import Box, alive, descendants, until
from lifecycle import Skip, expect, leftovers, running, with_log
from report import Report

HERE = os.path.dirname(os.path.abspath(__file__))
WITHOUT = os.path.join(HERE, "..", "support", "without_syscalls.py")
sys.path.append(os.path.dirname(WITHOUT))
import without_syscalls  # noqa: E402

ERRNOS = (errno.EPERM, errno.ENOENT, errno.ENOMEM, errno.ENOSYS)


class Choice:
    """How much of it: all, or what a few seconds hold, chosen by a printed seed."""
    everything = False
    dice = random.Random(0)

    @classmethod
    def of(cls, rows, few):
        rows = list(rows)
        return rows if cls.everything else [rows[i] for i in sorted(cls.dice.sample(range(len(rows)), min(few, len(rows))))]


def complaints(box):
    """The lines that say why it ended: none but them and gaps are printed."""
    return [line for line in box.log if "gap: " not in line]


def is_clear(box, *parts):
    """One error, of this pool, with these parts in it."""
    said = complaints(box)
    if len(said) != 1 or not said[0].startswith(box.name + ": "):
        return [f"not one error of the pool: {said}"]
    return [f"no {part!r} in {said[0]!r}" for part in parts if part not in said[0]]


def again(world):
    """The next start works."""
    with running(world) as box:
        return [f"the next start: {one}" for one in expect(box.request().text, "hello from alice") + expect(box.stop(), 0)]


# ---- the steps between clone and exec

SUBJECTS = {"hostname": "t-alice", "identity": "identity.user, ", "seccomp": "syscalls, ", "exec": "/php-fpm", "limits": "limits, "}


class Faulty(Box):
    def command(self):
        return [self.world.faulty, "run", self.file]


def step_names(world):
    """Each step fails once, with EIO; as many as there are until a box comes up."""
    names = []
    for step in range(60):
        box = Faulty(world, "alice", environment={"FPMBOX_FAIL_STEP": str(step)}).launch()
        if box.wait_ready():
            box.stop()
            return names
        box.wait()
        box.stop()
        names += [match.group(1) for line in box.log for match in [re.search(r"step `([^`]+)`", line)] if match] or ["?"]
    return names


def fail_step(world, number, name, code):
    environment = {"FPMBOX_FAIL_STEP": str(number), "FPMBOX_FAIL_ERRNO": str(code)}
    box = Faulty(world, "alice", environment=environment).launch()
    ended = box.wait(20)
    box.stop()
    mistakes = expect(ended, 71) + is_clear(box, f"step `{name}`", os.strerror(code), SUBJECTS.get(name, ""))
    return [f"{name} with {errno.errorcode[code]}: {one}" for one in with_log(mistakes + leftovers(world), box)]


def every_step(world):
    """whatever step of the set-up fails, with whatever errno: exit 71, one error that names pool, step, subject and reason; nothing is left"""
    if not world.faulty:
        raise Skip("no --faulty build given")
    names = step_names(world)
    mistakes = [] if len(names) > 20 and len(set(names)) == len(names) and "?" not in names else [f"steps: {names}"]
    for code in ERRNOS:
        for number, name in enumerate(names):
            mistakes += fail_step(world, number, name, code)
    return mistakes + again(world)


# ---- kernels and filters without newer calls

class Older(Box):
    """On a kernel without some calls."""

    def __init__(self, world, site, names, word="ENOSYS", **changes):
        super().__init__(world, site, **changes)
        self.names, self.word = names, word

    def command(self):
        return [sys.executable, WITHOUT, self.word, self.names, *super().command()]


NEEDED = {"pidfd_send_signal": "5.1", "open_tree": "5.2", "move_mount": "5.2", "fsopen": "5.2", "fsconfig": "5.2", "fsmount": "5.2",
          "openat2": "5.6", "close_range": "5.11", "mount_setattr": "5.12"}
UNNEEDED = ("clone3", "pidfd_open", "faccessat2")


def older_kernels(world):
    """without a newer system call: exit 69 and the kernel that has it, or a box that works all the same"""
    mistakes = []
    for name, word in [(name, word) for name in NEEDED for word in ("ENOSYS", "EPERM")]:
        box = Older(world, "alice", name, word).launch()
        code = box.wait(20)
        box.stop()
        found = expect(code, 69) + is_clear(box, f"call {name} ", f"Linux {NEEDED[name]} ", "filter") + leftovers(world)
        mistakes += [f"{name} {word}: {one}" for one in with_log(found, box)]
    for name, word in [("clone3", "ENOSYS"), ("clone3", "EPERM"), (",".join(UNNEEDED), "ENOSYS")]:
        box = Older(world, "alice", name, word)
        try:
            box.start()
            mistakes += [f"{name}: {one}" for one in expect(box.request().text, "hello from alice") + expect(box.stop(), 0)]
        finally:
            box.stop()
    return mistakes + leftovers(world)


def no_landlock(world):
    """without Landlock: a missing layer, exit 69; a profile that lets the layer go gets a box and a printed gap"""
    box = Older(world, "alice", "landlock_create_ruleset").launch()
    mistakes = expect(box.wait(20), 69) + ([] if any("missing layer landlock:" in line for line in box.log) else ["not named"])
    box.stop()
    layers = ("landlock", "landlock.refer", "landlock.truncate", "landlock.network", "landlock.scopes")
    let_go = "enforcement: {best_effort: [" + ", ".join(f"{{layer: {one}, why: a test}}" for one in layers) + "]}\n"
    for word in ("ENOSYS", "EPERM"):
        box = Older(world, "alice", "landlock_create_ruleset,landlock_add_rule,landlock_restrict_self", word, more=let_go)
        try:
            box.start()
            mistakes += expect(box.request().text, "hello from alice") + expect(box.stop(), 0)
            mistakes += [f"{word}: no gap {one}" for one in layers if not any(f"gap: {one}:" in line for line in box.log)]
        finally:
            box.stop()
    return mistakes + leftovers(world)


def landlock_that_fails_late(world):
    """a Landlock that is there and then refuses: exit 71, and never a box without it"""
    mistakes = []
    for name in ("landlock_add_rule", "landlock_restrict_self"):
        box = Older(world, "alice", name).launch()
        found = expect(box.wait(20), 71) + is_clear(box, "landlock", os.strerror(errno.ENOSYS))
        box.stop()
        mistakes += [f"{name}: {one}" for one in with_log(found + leftovers(world), box)]
    return mistakes


TESTS = [every_step, older_kernels, no_landlock, landlock_that_fails_late]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fpmbox", required=True, help="the launcher to test")
    parser.add_argument("--faulty", help="a build that fails at the step named in FPMBOX_FAIL_STEP")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="part of a name, or a pattern; may be repeated")
    parser.add_argument("--all", action="store_true", help="every combination, which takes long")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    options = parser.parse_args()
    Choice.everything, Choice.dice = options.all, random.Random(options.seed)
    report = Report(options.only)
    print(f"# seed {options.seed}", flush=True)
    try:
        with fixture.World(options.fpmbox, faulty=options.faulty) as world:
            for test in TESTS:
                name = "faults/" + test.__name__.replace("_", "-")
                if not report.wanted(name):
                    continue
                try:
                    mistakes = test(world)
                except Skip as reason:
                    report.skip(name, str(reason))
                    continue
                except (fixture.Broken, fixture.NoAnswer, OSError) as error:
                    mistakes = [f"{type(error).__name__}: {error}"]
                report.check(name, mistakes, test.__doc__)
                world.clear("alice")
    except fixture.Broken as error:
        report.fail("surroundings", str(error))
    except KeyboardInterrupt:
        report.fail("surroundings", "interrupted")
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
