"""The table of README.md: how many acts of each group do not succeed in the box and in other confinements, and what else one has to
know to read it.

    text = table.text(findings of this machine, findings of a machine of systemd's, what they ran on)
"""

import collections
import glob
import hashlib
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent.parent
HERE = {"bare": "as Debian ships it", "bwrap": "bubblewrap", "podman": "podman", "docker": "docker", "in-podman": "fpmbox in podman", "in-docker": "fpmbox in docker"}
THERE = {"systemd": "its own unit", "nixos": "NixOS's unit"}
COLUMNS = ("bare", "systemd", "nixos", "bwrap", "podman", "docker", "in-podman", "in-docker")
OURS = ("in-podman", "in-docker")
TITLES = {**HERE, **THERE}
HEADER = ["acts", "there are", "the box stops", *(TITLES[side] for side in COLUMNS)]
STAMP = re.compile(r"<!-- acts: ([0-9a-f]+) -->")
STOPPED = ("stopped", "otherwise")  # shown to succeed without confinement, and did not succeed: whatever refused it, in whichever words
UNANSWERED = "no answer"  # of a machine that was too slow, or of a pool that ended: nothing refused anything
LOOKED = "; "  # and what was seen of it afterwards: "no answer; the master is dead" is known, and no refusal


class Unanswered(Exception):
    """Acts that a table would count as stopped, and nobody knows."""


def act_files():
    return [pathlib.Path(path) for path in sorted(glob.glob(str(ROOT / "profiles/acts/*")))]


def catalogue():
    """How many acts each group has."""
    acts = collections.Counter()
    for path in act_files():
        for group in re.findall(r"^  - (?:\{)?id: ([\w-]+)/", path.read_text(), re.M):
            acts[group] += 1
    return acts


def stamp():
    """Of all that the acts do, without what is said about them."""
    lines = [line for path in act_files() for line in path.read_text().splitlines()]
    told = [line for line in lines if line.strip() and not re.match(r"\s*(#|why:|source:)", line)]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]


def outcome(act):
    return act["there"] if "there" in act else act["inside"]


def is_unanswered(act):
    return act["verdict"] == "otherwise" and outcome(act).startswith(UNANSWERED)


def is_stopped(act):
    return act["verdict"] in STOPPED and not is_unanswered(act)


def check_answered(here, there):
    """`stopped` by no answer is what an act says of itself that ends its pool."""
    sides = {"the box": here["acts"], "the box of the other machine": there["acts"], **{TITLES[name]: side["acts"] for name, side in {**sides_of(here), **sides_of(there)}.items()}}
    lost = [f"{act['id']} in {name} ({outcome(act)})" for name, acts in sides.items() for act in acts if is_unanswered(act) and LOOKED not in outcome(act)]
    if lost:
        raise Unanswered(f"no table: {', '.join(lost)}; nothing is known of these; run it again on a quiet machine")


def by_group(acts):
    return collections.Counter(act["id"].split("/")[0] for act in acts if is_stopped(act))


def by_verdict(acts):
    out = collections.defaultdict(list)
    for act in acts:
        out[act["verdict"]].append(act["id"])
    return out


def sides_of(findings):
    return {side["side"]: side for side in findings["against"]}


def of_the_box(found):
    by = by_verdict(found["acts"])
    out = f"{len(by['not shown'])} acts have no control on this machine that succeeds, and are counted by nobody"
    if by["does not apply"]:
        out += f"; {len(by['does not apply'])} try what this profile grants ({', '.join(by['does not apply'])})"
    return out + f". Not stopped by the box: {', '.join(by['LEAKED'] + by['otherwise'] + by['broken control']) or 'none of the rest'}."


def of_the_units(here, there):
    """Acts without a control in the other machine stop nothing there: how many the columns of units may lack by that."""
    shown = {act["id"] for act in here["acts"] if act["verdict"] not in ("not shown", "does not apply", "broken control")}
    lost = [act["id"] for act in there["acts"] if act["verdict"] in ("not shown", "broken control") and act["id"] in shown]
    stopped = {act["id"] for act in there["acts"] if is_stopped(act)}
    wrong = sorted(shown - stopped - set(lost))
    out = f"The columns of units are of another machine, booted by systemd-nspawn, where {len(lost)} more acts have no control"
    out += f" ({', '.join(lost)})" if lost else ""
    return out + (f"; the box there does not stop {', '.join(wrong)}." if wrong else "; the box stops all others there, too.")


def of_ours(sides):
    """What a box in a container does not stop is named, every act of it."""
    out = []
    for name in OURS:
        by, tier = by_verdict(sides[name]["acts"]), sides[name]["notes"][0].removeprefix("in ")
        said = f"{TITLES[name]} ({tier}): {len(by['does not apply'])} acts ask /proc about themselves, which the box there has not"
        said += f"; {len(by['accepted'])} succeed by gaps that it says at its start ({', '.join(by['accepted'])})" if by["accepted"] else ""
        out.append(said + (f"; {', '.join(by['LEAKED'])} by none." if by["LEAKED"] else "; none by anything else."))
    return " ".join(out)


def of_sides(sides):
    return [f"{name} ran {note.split(', for by default')[0]}" for name in COLUMNS if name not in OURS for note in sides[name]["notes"]]


def text(here, there, machines):
    check_answered(here, there)
    total, sides = catalogue(), {**sides_of(here), **sides_of(there)}
    columns = [by_group(here["acts"])] + [by_group(sides[name]["acts"]) for name in COLUMNS]
    rows = [[group, total[group], *(column[group] for column in columns)] for group in sorted(total)]
    rows.append(["**all**", sum(total.values()), *(sum(column.values()) for column in columns)])
    lines = [HEADER, ["---"] * len(HEADER), *rows]
    out = [f"<!-- acts: {stamp()} -->"] + ["| " + " | ".join(str(cell) for cell in line) + " |" for line in lines]
    notes = of_sides(sides)
    said = [of_the_box(here), of_the_units(here, there), of_ours(sides)] + ([f"By this machine's limits {'; '.join(notes)}."] if notes else [])
    return "\n".join(out) + f"\n\n{' '.join(said)} ({machines})\n"


def mistakes_of(inside):
    """What of a table that somebody may have written by hand cannot be true, or is of other acts than the catalogue has now."""
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in inside.splitlines() if line.startswith("|")]
    rows = {cells[0]: [int(cell) for cell in cells[1:]] for cells in lines[2:] if all(cell.isdigit() for cell in cells[1:])}
    total = rows.pop("**all**", [])
    out = []
    if not lines or lines[0] != HEADER:
        out.append("it has other columns")
    if not rows or any(len(row) != len(total) for row in rows.values()) or [sum(column) for column in zip(*rows.values())] != total:
        out.append("its last row is not the sum of the others")
    if (named := {group: row[0] for group, row in rows.items()}) != (acts := dict(catalogue())):
        out.append(f"it names other acts than the catalogue has: {sorted(set(named.items()) ^ set(acts.items()))}")
    if STAMP.findall(inside) != [stamp()]:
        out.append("the acts were others when it was written")
    return out + [f"{group}: more are stopped than there are" for group, row in rows.items() if max(row) > row[0]]
