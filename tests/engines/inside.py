#!/usr/bin/env python3
"""The whole catalogue of acts in a box that fpmbox makes as the entrypoint of a container: podman's and Docker's, by a plain run and by
the whole command that it prints.

    tests/engines/inside.py --fpmbox BUILD/fpmbox      (as root, with what scripts/setup compare installs)

What succeeds is exactly what README names, act by act.
"""

import argparse
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path += [os.path.join(HERE, "..", "sandbox"), os.path.join(HERE, "..", "..", "scripts", "lib")]
from comparison import places, table  # noqa: E402
from report import Report  # noqa: E402

# In tier B alone, and nothing else: no mounts, so no noexec and nosuid but the engine's; names that Landlock does not hide; php-fpm is not PID 1.
ALWAYS = {"exec/map-data", "host/suid-in-data", "host/tty", "neighbours/master-killed", "privileges/suid-programs"}
PLAIN = {"exec/map-tmp", "exec/map-tmp-later", "exec/map-sessions", "host/suid-in-tmp", "host/suid-in-sessions", "resources/tmp-files"}
SUCCEED = {"in-podman": set(), "in-podman-asked": set(), "in-docker": ALWAYS | PLAIN, "in-docker-asked": ALWAYS}
TIERS = {"in-podman": "A", "in-podman-asked": "A", "in-docker": "B", "in-docker-asked": "B"}
FEWEST = 275  # of 299 that the box stops; the rest is the above, and what asks /proc


def mistakes_of(name, side):
    by = table.by_verdict(side["acts"])
    stopped = len(by["stopped"]) + len(by["otherwise"])
    out = [] if set(by["accepted"]) == SUCCEED[name] else [f"by gaps succeed {sorted(by['accepted'])}, not {sorted(SUCCEED[name])}"]
    out += [f"{act} succeeds by no gap" for act in by["LEAKED"]]
    out += [] if side["notes"][0] == f"in tier {TIERS[name]}" else side["notes"]
    return out + ([] if stopped >= FEWEST else [f"only {stopped} acts do not succeed"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fpmbox", required=True)
    options = parser.parse_args()
    report = Report([])
    try:
        places.check_programs()
        found = places.on_this_machine(options.fpmbox, list(SUCCEED))
        sides = table.sides_of(found)
        for name in SUCCEED:
            report.check(f"inside/{name}", mistakes_of(name, sides[name]) if name in sides else found["not_compared"], "nothing succeeds there but what is named")
        report.check("inside/passes", [] if found["passes"] else [row for row in found["expect"] if row["state"] == "failed"], "and so the test passes")
    except places.Broken as error:
        report.fail("inside", "it could be run", error)
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
