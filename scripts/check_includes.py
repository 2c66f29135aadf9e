#!/usr/bin/env python3
"""What precompiled headers would hide: a file that uses what one of them declares has to include it, by itself or by a header of ours.

The headers are CMakeLists.txt's (precompile_headers); each has a row here with names of std:: that come from it alone.
"""
import functools
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TREES = ("profiles", "launcher", "images", "tests")
NAMES = {
    "algorithm": "adjacent_find all_of any_of binary_search clamp copy copy_if copy_n count count_if equal fill fill_n find find_if"
                 " find_if_not is_sorted lower_bound max max_element min min_element none_of partition remove remove_if replace replace_if"
                 " reverse rotate search set_difference sort stable_partition stable_sort transform unique upper_bound",
    "array": "array to_array",
    "charconv": "from_chars to_chars",
    "chrono": "chrono",
    "functional": "bind_front function invoke ref",
    "map": "map multimap",
    "memory": "make_shared make_unique shared_ptr unique_ptr weak_ptr",
    "optional": "make_optional nullopt optional",
    "set": "multiset set",
    "span": "span",
    "string": "string to_string",
    "string_view": "string_view",
    "variant": "get_if holds_alternative monostate variant visit",
    "vector": "vector",
}
HEADER_OF = {name: header for header, names in NAMES.items() for name in names.split()}
STANDARD = re.compile(r"^\s*#\s*include\s*<([^>]+)>", re.M)
OURS = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.M)
USED = re.compile(r"\bstd::(?:ranges::)?(\w+)")
COMMENT = re.compile(r"//.*|\"(?:[^\"\\\n]|\\.)*\"")


def precompiled(cmake):
    return {header for row in re.findall(r"^set\(with(?:out)?_strings ([^)]*)\)", cmake, re.M) for header in re.findall(r"<(\w+)>", row)}


class Tree:
    """Files by their path from the root; read(path) says what a file holds, or None."""

    def __init__(self, read):
        self.read = read
        self.includes = functools.cache(self.includes)

    def includes(self, path):  # of the standard library, by itself or by a header of ours
        text = self.read(path)
        if text is None:
            return frozenset()
        return frozenset(STANDARD.findall(text)).union(*(self.includes(header) for header in OURS.findall(text)))

    def violations(self, path):
        seen = set()
        included = self.includes(path)
        text = self.read(path)
        for number, line in enumerate(text.splitlines(), 1):
            if STANDARD.match(line) or OURS.match(line):
                continue
            for name in USED.findall(COMMENT.sub("", line)):
                header = HEADER_OF.get(name)
                if header and header not in included and header not in seen:
                    seen.add(header)
                    yield number, f"std::{name} without <{header}>"


def read_file(path):
    file = ROOT / path
    return file.read_text() if file.is_file() else None


def main():
    headers = precompiled(read_file("CMakeLists.txt"))
    found = [] if headers else ["CMakeLists.txt: no headers are precompiled, or this does not see which"]
    found += [f"CMakeLists.txt: <{header}> is precompiled, and has no row in scripts/check_includes.py" for header in sorted(headers - NAMES.keys())]
    tree = Tree(read_file)
    files = sorted(f.relative_to(ROOT).as_posix() for name in TREES for f in (ROOT / name).rglob("*") if f.suffix in (".h", ".cc"))
    found += [f"{file}:{number}: {what}" for file in files for number, what in tree.violations(file)]
    print(*found, f"check_includes: {len(files)} files, {len(found)} violations", sep="\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
