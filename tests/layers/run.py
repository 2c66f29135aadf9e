#!/usr/bin/env python3
"""What scripts/check_layers.py and scripts/check_includes.py refuse, and what they let through.

    tests/layers/run.py
"""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path += [os.path.join(HERE, "..", "sandbox"), os.path.join(HERE, "..", "..", "scripts")]
import check_includes  # noqa: E402
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
INCLUDES = (  # the file, a header that it may include, what is refused of the file
    ("#include <vector>\nstd::vector<int> a;", "", []),
    ("std::vector<int> a;\nstd::vector<int> b;", "", [(1, "std::vector without <vector>")]),
    ('#include "a.h"\nstd::vector<int> a;', "#include <vector>", []),
    ('#include "b.h"\nstd::vector<int> a;', "#include <vector>", [(2, "std::vector without <vector>")]),
    ('#include "a.h"\n\nauto a = std::ranges::any_of(b, c);', "#include <vector>", [(3, "std::any_of without <algorithm>")]),
    ('// std::vector\nconst char* a = "std::map";  // std::set', "", []),
)


def refused_includes(text, header):
    return list(check_includes.Tree({"a.cc": text, "a.h": header}.get).violations("a.cc"))


def main():
    report = Report([])
    mistakes = []
    for folder, line, wanted in ROWS:
        said = [what for _, what in check_layers.violations(LAYERS, folder, line + "\n")]
        mistakes += [] if (len(said) == 1 and wanted in said[0] if wanted else not said) else [f"{line} in {folder}: {said}, not {wanted!r}"]
    report.check("layers/rows", mistakes, f"{len(ROWS)} lines, each refused with its reason or let through")
    mistakes = [f"{text!r} beside {header!r}: {said}" for text, header, wanted in INCLUDES if (said := refused_includes(text, header)) != wanted]
    found = check_includes.precompiled("set(with_strings <new> <string>)\nset(without_strings <map>)")
    mistakes += [] if found == {"map", "new", "string"} else [f"precompiled: {found}"]
    report.check("includes/rows", mistakes, f"{len(INCLUDES)} files, each refused with its line or let through")
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
