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
FEWEST = {"in-podman": 275, "in-podman-asked": 275, "in-docker": 235, "in-docker-asked": 242}  # stopped in the box's own words, of 299

# Refused in other words than the catalogue's. Tier A: podman's filter answers first, and the box has no /proc. Tier B: Landlock is the view,
# the filter refuses sockets, and a file that grows is ended.
PODMAN = {"bypasses/own-memory", "bypasses/own-memory-read", "exec/own-code", "kernel/add-key", "kernel/personality", "kernel/request-key", "network/interfaces",
          "proc/oom-score", "proc/own-pages", "proc/own-program", "proc/uid-map"}
DOCKER = {"bypasses/basedir-dots", "bypasses/basedir-socket", "bypasses/own-memory", "fastcgi/admin-value", "fastcgi/neighbour-runs-mine", "fastcgi/neighbour-socket",
          "fastcgi/own-script", "fastcgi/own-socket", "fastcgi/sockets-listed", "fastcgi/status-page", "fastcgi/status-socket", "fastcgi/value", "host/dots",
          "host/folder-of-process", "host/own-root", "host/readable-by-all", "host/symlink", "leaks/working-folder", "neighbours/config", "neighbours/list",
          "neighbours/unix-socket", "neighbours/unix-socket-native", "network/interfaces", "proc/cgroups", "proc/command-line", "proc/configuration", "proc/core-pattern",
          "proc/file-systems", "proc/interrupts", "proc/keys", "proc/load", "proc/locks", "proc/network-settings", "proc/partitions", "proc/settings", "proc/symbols", "proc/sys",
          "proc/version", "resources/tmp-size"}
OTHERWISE = {"in-podman": PODMAN, "in-podman-asked": PODMAN, "in-docker": DOCKER, "in-docker-asked": DOCKER - {"resources/tmp-size"}}


def mistakes_of(name, side):
    by = table.by_verdict(side["acts"])
    out = [] if set(by["accepted"]) == SUCCEED[name] else [f"by gaps succeed {sorted(by['accepted'])}, not {sorted(SUCCEED[name])}"]
    out += [f"{act} succeeds by no gap" for act in by["LEAKED"]]
    out += [f"{act['id']} ends with {act['there']}" for act in side["acts"] if act["verdict"] == "otherwise" and act["id"] not in OTHERWISE[name]]
    out += [f"the control of {act} is broken" for act in by["broken control"]]
    out += [] if side["notes"][0] == f"in tier {TIERS[name]}" else side["notes"]
    stopped = len(by["stopped"])
    return out + ([] if stopped >= FEWEST[name] else [f"only {stopped} acts are stopped"])


# Of tier A each mount and each namespace is a row of its own.
LOOKED_AT = {"A": 40, "B": 12}


def read_back(name, rows):
    mine = {row["name"].removeprefix(f"{name}/posture/"): row for row in rows if row["name"].startswith(f"{name}/posture/")}
    held = [one for one, row in mine.items() if row["state"] == "held"]
    mistakes = [] if len(held) >= LOOKED_AT[TIERS[name]] and "identity" in held else [f"only {held} hold"]
    return mistakes + [f"{one}: {row['reason']}" for one, row in mine.items() if row["state"] == "failed"]


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
            report.check(f"inside/{name}-read-back", read_back(name, found["expect"]), "the running box is what the plan says that it tells there")
        report.check("inside/passes", [] if found["passes"] else [row for row in found["expect"] if row["state"] == "failed"], "and so the test passes")
    except places.Broken as error:
        report.fail("inside", "it could be run", error)
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
