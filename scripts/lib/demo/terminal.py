"""What the demo prints, and how it gives up."""

import sys
import textwrap


class DemoError(Exception):
    """Something that the demo needs did not work: what, why, and what to do."""

    def __init__(self, what, why="", do=""):
        super().__init__(what)
        self.lines = [what] + [f"  {label}: {text}" for label, text in (("because", why), ("do this", do)) if text]


def heading(text):
    bold, plain = ("\033[1m", "\033[0m") if sys.stdout.isatty() else ("", "")
    print(f"\n{bold}{text}{plain}", flush=True)


def say(text):
    print(f"  {text}", flush=True)


def table(rows, widths):
    """Rows of cells, each cell wrapped to its column's width; the last width may be 0: never wrapped."""
    for row in rows:
        cells = [wrap(cell, width) for cell, width in zip(row, widths)]
        for line in range(max(map(len, cells))):
            texts = [cell[line] if line < len(cell) else "" for cell in cells]
            print("  " + "  ".join(text.ljust(width) for text, width in zip(texts, widths)).rstrip(), flush=True)


def wrap(text, width):
    return textwrap.wrap(text, width, break_long_words=True) or [""]
