#!/usr/bin/env python3
"""count_tests.py FAILED_BUILDS LOG...: one line over the tests of all builds, from ctest's own logs.

A ctest test that counts its cases ("N passed, N failed, N skipped" or doctest's line) counts as many; another counts as
one. A test that failed counts at least one failure. Exit code 1 when anything failed or nothing ran.
"""

import pathlib
import re
import sys

PLAIN = re.compile(r"^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$", re.M)
DOCTEST = re.compile(r"test cases: +\d+ \| +(\d+) passed \| +(\d+) failed \| +(\d+) skipped")
DOCTEST_SKIPS = re.compile(r"MESSAGE: skipped")


def counts_of(text, has_passed):
    plain, doctest = PLAIN.findall(text), DOCTEST.findall(text)
    if plain:
        passed, failed, skipped = (int(number or 0) for number in plain[-1])
    elif doctest:
        passed, failed, _ = (int(number) for number in doctest[-1])
        skipped = len(DOCTEST_SKIPS.findall(text))
        passed -= skipped
    else:
        passed, failed, skipped = (1, 0, 0) if has_passed else (0, 1, 0)
    if not has_passed and failed == 0:
        failed = 1
    return passed, failed, skipped


def tests_of(log):
    for part in re.split(r"^\d+/\d+ Testing: ", pathlib.Path(log).read_text(errors="replace"), flags=re.M)[1:]:
        yield counts_of(part, re.search(r"^Test Passed\.$", part, re.M) is not None)


def main():
    failed_builds, *logs = sys.argv[1:]
    totals = [0, int(failed_builds), 0]
    for log in logs:
        for counts in tests_of(log):
            totals = [total + count for total, count in zip(totals, counts)]
    passed, failed, skipped = totals
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    sys.exit(1 if failed or not passed else 0)


main()
