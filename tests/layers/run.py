#!/usr/bin/env python3
"""What scripts/check_layers.py refuses, and what it lets through.

    tests/layers/run.py
"""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path += [os.path.join(HERE, "..", "sandbox"), os.path.join(HERE, "..", "..", "scripts")]
import check_layers  # noqa: E402
from report import Report  # noqa: E402

LAYERS = {"images/trial": ["launcher/sys", "profiles"], "launcher/sys": [], "launcher/harness": [], "launcher/enforce/child": [], "launcher/enforce": ["launcher/sys"]}
ROWS = (  # folder, line, what the refusal says; nothing: it is allowed
    ("images/trial", '#include "launcher/sys/file.h"', ""),
    ("images/trial", '#include "profiles/base/text.h"', ""),
    ("images/trial", '#include "launcher/enforce/filter.h"', "must not include from launcher/enforce"),
    ("nowhere", '#include "launcher/sys/file.h"', "has no row in layers.txt"),
    ("launcher/sys", "#include <pwd.h>", "what it is for loads modules"),
    ("launcher/sys", "#include <dlfcn.h>", "what it is for loads modules"),
    ("launcher/sys", "#include <grp.h>", ""),
    ("launcher/enforce", "#include <netdb.h>", ""),
    ("launcher/enforce/child", "#include <grp.h>", "what runs in an image's root"),
    ("launcher/harness", "# include <grp.h>", "what runs in an image's root"),
    ("launcher/harness", "#include <netdb.h>", "what runs in an image's root"),
    ("images/trial", "#include <grp.h>  // setgroups", "what runs in an image's root"),
    ("images/trial", "#include <sys/groups.h>", ""),
)


def main():
    report = Report([])
    mistakes = []
    for folder, line, wanted in ROWS:
        said = [what for _, what in check_layers.violations(LAYERS, folder, line + "\n")]
        mistakes += [] if (len(said) == 1 and wanted in said[0] if wanted else not said) else [f"{line} in {folder}: {said}, not {wanted!r}"]
    report.check("layers/rows", mistakes, f"{len(ROWS)} lines, each refused with its reason or let through")
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
