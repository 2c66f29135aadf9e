#!/usr/bin/env python3
"""Starting programs, attacked where the launcher has no CAP_SYS_RAWIO (containers, ordinary users): there the one exec of
a box is let through by the launcher's answer to a notification, and not by an address on page 0.

    tests/sandbox/exec_gate.py --fpmbox BUILD/fpmbox      (as root)

The acts are those of acts.py, each with its control outside.
"""

import argparse
import dataclasses
import pwd
import shutil
import subprocess
import sys

import acts
import fixture
import run
from report import Report

WITHOUT_RAWIO = ["setpriv", "--bounding-set", "-sys_rawio", "--inh-caps", "-sys_rawio"]
# The address is nothing special there: the launcher refuses the call before the kernel looks at it.
OTHERWISE = {"exec/path-at-the-address": "EPERM"}


class NotifiedBox(fixture.Box):
    def command(self):
        return [*WITHOUT_RAWIO, *super().command()]


class Sides(run.Sides):
    def box(self, site):
        if site not in self.pools:
            self.pools[site] = NotifiedBox(self.world, site).start()
        return self.pools[site]


def check_plan(report, box):
    """The test would show nothing if the other gate was at work."""
    def gate(command):
        said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        return [line.split("; ")[-1] for line in said.splitlines() if line.strip().startswith("exec ")]
    plan = [box.world.fpmbox, "plan", box.file]
    with_it, without = gate(plan), gate([*WITHOUT_RAWIO, *plan])
    mistakes = []
    if not with_it or "an address where nothing can be mapped" not in with_it[0]:
        mistakes.append(f"with CAP_SYS_RAWIO: {with_it}")
    if without != ["the launcher lets that one through and refuses every later one"]:
        mistakes.append(f"without: {without}")
    report.check("gate/plan", mistakes, "the plan says which gate it is")


class OlderKernel(fixture.Traced, NotifiedBox):
    """Linux before 5.19, which does not know the flag that lets refused calls be reported: the launcher's third seccomp(2)
    asks for nothing else."""

    def command(self):
        return ["strace", "-o", "/dev/null", "-e", "trace=seccomp", "-e", "inject=seccomp:error=EINVAL:when=3", *super().command()]


def check_older(report, world, host, sides):
    """Only the gate's own call is reported there; all others are refused in silence, and that is a gap."""
    sides.pools.pop("alice").stop()
    box = OlderKernel(world, "alice", more="enforcement: {best_effort: [{layer: syscalls.report, why: test}]}\n").start()
    try:
        report.check("older/gap", [] if any("gap: syscalls.report:" in line for line in box.log) else box.log[:5],
                     "an older kernel: that nothing is reported is said")
        sides.pools["alice"] = box
        for act in acts.ACTS:
            if act.id in ("exec/path-beside-k", "exec/execveat-path", "exec/execve-shell", "exec/loader-on-k"):
                run.run_act(world, host, sides, dataclasses.replace(act, id="older/" + act.id), report, True)
    finally:
        box.stop()


class BrokenGate(NotifiedBox):
    """Something happens to the launcher at its first ioctl(2), which takes the notification of the exec, or at the second,
    which answers it."""

    def __init__(self, world, what):
        super().__init__(world, "bob")
        self.what = what

    def command(self):
        return ["strace", "-o", "/dev/null", "-e", "trace=ioctl", "-e", f"inject=ioctl:{self.what}", *super().command()]


def check_broken(report, world):
    """The box's child waits for an answer that never comes, or gets none: nothing of the box may run, or stay."""
    uid = pwd.getpwnam(world.users["bob"]).pw_uid
    for what, why in (("signal=KILL:when=1", "killed before it takes the notification"), ("signal=KILL:when=2", "killed before it answers"),
                      ("error=EINVAL:when=1", "the kernel does not hand it out"), ("error=EINVAL:when=2", "the kernel does not take the answer")):
        before = set(fixture.processes_of(uid))  # the control's
        box = BrokenGate(world, what).launch()
        ready = box.wait_ready()
        code = box.wait()
        mistakes = ["it got ready"] if ready else []
        if what.startswith("error"):
            mistakes += [] if code == 71 and any("SECCOMP_IOCTL_NOTIF" in line for line in box.log) else [f"exit {code}: {box.log[-3:]}"]

        def left(box=box, before=before):
            return [*(set(fixture.processes_of(uid)) - before), *fixture.sockets(box.name), *fixture.cgroups(box.name)]
        fixture.until(lambda left=left: not left(), fixture.PATIENCE)
        mistakes += [f"{one} is left" for one in left()]
        box.stop()
        report.check("gate/" + what.replace("=", "-").replace(":", "-"), mistakes, f"the launcher at the gate: {why}")
    again = NotifiedBox(world, "bob").start()
    report.check("gate/again", [] if again.answers() else ["it does not answer"], "the pool can start afterwards")
    again.stop()


def check_told(report, box):
    told = fixture.until(lambda: [line for line in box.log if "denied: execveat(" in line], fixture.PATIENCE)
    wrong = [line for line in told or ["nothing is told"] if "no profile can permit it" not in line]
    report.check("gate/told", wrong, "later calls of execveat are told like other denials")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fpmbox", required=True)
    options = parser.parse_args()
    report = Report([])
    try:
        with fixture.World(options.fpmbox) as world:
            host, sides = fixture.Host(world), Sides(world)
            check_plan(report, sides.box("alice"))
            for act in acts.ACTS:
                if act.id.startswith("exec/"):
                    act = dataclasses.replace(act, inside=OTHERWISE.get(act.id, act.inside))
                    run.run_act(world, host, sides, act, report, True)
            check_told(report, sides.box("alice"))
            if "bob" in sides.pools:
                sides.pools.pop("bob").stop()
            if shutil.which("strace"):
                check_broken(report, world)
                sides.pools.pop("bob", None)
                check_older(report, world, host, sides)
            else:
                report.skip("gate/broken", "there is no strace")
    except fixture.Broken as error:
        report.fail("surroundings", str(error))
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
