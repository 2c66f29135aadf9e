#!/usr/bin/env python3
"""Attacks a box from inside, and the same acts against plain php-fpm, where every one of them has to succeed.

    tests/sandbox/run.py --fpmbox BUILD/fpmbox            all acts (as root)
    tests/sandbox/run.py --fpmbox BUILD/fpmbox --only exec --verbose
    tests/sandbox/run.py --fpmbox BUILD/fpmbox --without landlock    boxes on an older kernel, so to speak
    tests/sandbox/run.py --control                        the outside half alone; needs no fpmbox

Everything that it makes is removed again. Exit code 0 when all tests hold.
"""

import argparse
import dataclasses
import json
import sys

import acts
import fixture
import works
from report import Report


def matches(outcome, expected):
    return outcome in ((expected,) if isinstance(expected, str) else expected)


def text(expected):
    return expected if isinstance(expected, str) else " or ".join(expected)


def attempt(world, host, act, pool):
    """One act on one side; what became of it, in a word."""
    targets = acts.targets(world, host, pool, world.neighbour_of(pool))
    targets |= (act.arrange and act.arrange(world, pool)) or {}
    try:
        response = pool.request("act.php", method="POST", body=act.code.encode(), params={"TARGETS": json.dumps(targets)})
        outcome = response.text.strip() or f"nothing (status {response.status}) {response.errors[:300]}"
    except fixture.NoAnswer as error:
        outcome = f"no answer ({error})"
    if act.look:
        outcome += "; " + act.look(world, pool, targets)
    return outcome


# What Landlock alone refuses: a box shares its network with nobody, unless root of the host joins it.
LANDLOCK_ALONE = {"network/abstract-socket-beside": "ok"}


class Sides:
    """The pools that acts run in, started when first asked for; boxes on a kernel `without` some calls."""

    def __init__(self, world, without=None):
        self.world, self.without, self.pools = world, without, {}
        world.neighbour_of = self.neighbour_of

    def control(self, kind):
        if kind == "own":  # one that the act may destroy
            return fixture.PlainPool(self.world, "alice", "own").start()
        if kind not in self.pools:
            self.pools[kind] = fixture.PlainPool(self.world, "alice", kind).start()
        return self.pools[kind]

    def control_neighbour(self):
        self.control("stock")  # its master serves bob too
        return fixture.PlainPool(self.world, "bob", "stock")

    def neighbour_of(self, pool):
        return self.box("bob") if isinstance(pool, fixture.Box) else self.control_neighbour()

    def box(self, site):
        if site not in self.pools:
            self.pools[site] = self._new_box(site).start()
        return self.pools[site]


    def _new_box(self, site):
        if not self.without:
            return fixture.Box(self.world, site)
        calls = fixture.LANDLOCK_CALLS if self.without == "landlock" else (self.without,)
        more = fixture.WITHOUT_LANDLOCK if self.without == "landlock" else ""
        return fixture.Older(self.world, site, ",".join(calls), more=more)


def run_act(world, host, sides, act, report, with_box):
    control = sides.control(act.control)
    try:
        outside = attempt(world, host, act, control)
    finally:
        if act.control == "own":
            control.stop()
    lacking = act.lacking.get(outside)
    if lacking and (not with_box or matches(outside, act.inside)):
        return report.skip(act.id, lacking)
    mistakes = []
    if not lacking and not matches(outside, act.outside):
        mistakes.append(f"outside it should end with {text(act.outside)}: this machine or the test is not as expected")
    inside = None
    if with_box:
        inside = attempt(world, host, act, sides.box("alice"))
        if not matches(inside, act.inside):
            mistakes.append(f"inside it should end with {text(act.inside)}")
    if mistakes and act.why:
        mistakes.append(f"why it matters: {act.why}")
    # where this machine lacks what is attacked, another answer inside still shows that the box answered first
    report.check(act.id, mistakes, f"outside {outside}" + (f" ({lacking})" if lacking else "") + (f", inside {inside}" if with_box else ""))


def run_work(world, sides, work, report, with_box):
    """What an application needs has to work on both sides."""
    mistakes = []
    for pool in [sides.control("plain")] + ([sides.box("alice")] if with_box else []):
        side = "inside" if isinstance(pool, fixture.Box) else "outside"
        try:
            mistakes += [f"{side}: {mistake}" for mistake in work(world, pool, sides.neighbour_of(pool))]
        except fixture.NoAnswer as error:
            mistakes.append(f"{side}: no answer ({error})")
    report.check("works/" + work.__name__.replace("_", "-"), mistakes, (work.__doc__ or "").strip())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fpmbox", help="the launcher to test")
    parser.add_argument("--control", action="store_true", help="run the outside half alone")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="part of a name, or a pattern; may be repeated")
    parser.add_argument("--php-fpm", help="php-fpm for the control (the newest installed)")
    parser.add_argument("--without", metavar="CALL", choices=("clone3", "landlock"), help="boxes on a kernel that answers ENOSYS to it")
    parser.add_argument("--verbose", action="store_true", help="print the boxes' logs at the end")
    parser.add_argument("--list", action="store_true", help="names and reasons of all acts")
    options = parser.parse_args()
    if options.list:
        for act in acts.ACTS:
            print(f"{act.id:34} {act.why}")
        return 0
    if not options.control and not options.fpmbox:
        parser.error("--fpmbox BUILD/fpmbox, or --control for the outside half alone")
    report, with_box = Report(options.only), not options.control
    try:
        with fixture.World(options.fpmbox, options.php_fpm) as world:
            host, sides = fixture.Host(world), Sides(world, options.without)
            for act in acts.ACTS:
                if options.without == "landlock":
                    act = dataclasses.replace(act, inside=LANDLOCK_ALONE.get(act.id, act.inside))
                if report.wanted(act.id):
                    run_act(world, host, sides, act, report, with_box)
            for work in works.WORKS:
                if report.wanted("works/" + work.__name__.replace("_", "-")):
                    run_work(world, sides, work, report, with_box)
            if options.verbose:
                for pool in sides.pools.values():
                    for line in getattr(pool, "log", []):
                        print("  # log: " + line)
    except fixture.Broken as error:
        report.fail("surroundings", str(error))
    except KeyboardInterrupt:
        report.fail("surroundings", "interrupted")
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
