#!/usr/bin/env python3
"""Holds every #include "..." to layers.txt: which folders may a folder's files look into?

A name without a slash in layers.txt stands for a whole tree. A folder may always include from itself.
And nobody asks the C library for users, nor loads anything: its look-ups take their modules from whatever root the process is in,
which may be an image's (launcher/facts/user_database.h). What runs in an image's root asks for groups and names of the network
neither; elsewhere these headers are needed for more than look-ups.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TREES = ("profiles", "launcher", "images")
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"')

LOADS = re.compile(r"^\s*#\s*include\s*<(pwd|nss|dlfcn|iconv)\.h>")
LOOKS_UP = re.compile(r"^\s*#\s*include\s*<(grp|netdb)\.h>")
IN_AN_IMAGE = ("images", "launcher/harness", "launcher/enforce/child")  # trials, what they try, a box whose root is an image


def read_layers(path):
    rows = [line for line in path.read_text().splitlines() if line.strip() and not line.startswith("#")]
    return {folder.strip(): allowed.split() for folder, allowed in (row.split(":", 1) for row in rows)}


def permits(allowed, target):
    return any(target == name or ("/" not in name and target.startswith(name + "/")) for name in allowed)


def violations(layers, folder, text):
    for number, line in enumerate(text.splitlines(), 1):
        if loads := LOADS.match(line):
            yield number, f"<{loads[1]}.h> must not be included: what it is for loads modules"
        looks_up = LOOKS_UP.match(line)
        if looks_up and permits(IN_AN_IMAGE, folder):
            yield number, f"<{looks_up[1]}.h> must not be included by what runs in an image's root: its look-ups load the image's modules"
        match = INCLUDE.match(line)
        if not match:
            continue
        target = pathlib.PurePosixPath(match[1]).parent.as_posix()
        if folder not in layers:
            yield number, f"{folder} has no row in layers.txt"
        elif target != folder and not permits(layers[folder], target):
            yield number, f"{folder} must not include from {target} ({match[1]})"


def main():
    layers = read_layers(ROOT / "layers.txt")
    files = sorted(f for tree in TREES for f in (ROOT / tree).rglob("*") if f.suffix in (".h", ".cc"))
    found = [f"{f.relative_to(ROOT)}:{n}: {what}" for f in files for n, what in violations(layers, f.parent.relative_to(ROOT).as_posix(), f.read_text())]
    print(*found, f"check_layers: {len(files)} files, {len(found)} violations", sep="\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
