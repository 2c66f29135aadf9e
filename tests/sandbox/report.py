"""One readable line per test, and the count at the end."""

import fnmatch
import sys

MOST = 60  # lines that explain one failure


class Report:
    def __init__(self, only=(), verbose=False):
        self.only, self.verbose = list(only), verbose
        self.passed = self.failed = self.skipped = 0

    def wanted(self, name):
        return not self.only or any(part in name or fnmatch.fnmatch(name, part) for part in self.only)

    def _line(self, word, name, text):
        count = self.passed + self.failed + self.skipped
        print(f"{word} {count} - {name}" + (f": {text}" if text else ""), flush=True)

    def ok(self, name, text=""):
        self.passed += 1
        self._line("ok", name, text)

    def fail(self, name, text, *details):
        self.failed += 1
        self._line("not ok", name, text)
        lines = [line for detail in details for line in str(detail).splitlines()]
        for line in lines[:MOST] + ([f"and {len(lines) - MOST} more lines"] if len(lines) > MOST else []):
            print("  # " + line, flush=True)

    def skip(self, name, reason):
        self.skipped += 1
        self._line("ok", name, f"# SKIP {reason}")

    def check(self, name, mistakes, text=""):
        """`mistakes` is empty when the test holds."""
        if mistakes:
            self.fail(name, text or "does not hold", *mistakes)
        else:
            self.ok(name, text)

    def close(self):
        print(f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped")
        sys.stdout.flush()
        return 1 if self.failed or not self.passed else 0
