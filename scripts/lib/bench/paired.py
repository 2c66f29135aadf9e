"""Rounds in which every side is measured once, and what can be said of their ratios."""

import random
import statistics

RESAMPLES = 2000


def rounds(count, sides, seed=1):
    """{name: [value of each round]}; the order changes with each round, so that no side always runs on the warmer machine."""
    order, results, chance = list(sides), {name: [] for name in sides}, random.Random(seed)
    for _ in range(count):
        chance.shuffle(order)
        for name in order:
            results[name].append(sides[name]())
    return results


def ratio(ours, theirs, seed=1):
    """Median of the rounds' ratios and its 95 % interval, by bootstrap over rounds."""
    pairs, chance = [a / b for a, b in zip(ours, theirs)], random.Random(seed)
    medians = sorted(statistics.median(chance.choices(pairs, k=len(pairs))) for _ in range(RESAMPLES))
    return statistics.median(pairs), medians[int(RESAMPLES * 0.025)], medians[int(RESAMPLES * 0.975)]


measured = []  # (title, unit, results, ours) of each table, for the summary


def table(title, unit, results, ours):
    measured.append((title, unit, results, ours))
    print(f"\n{title} ({unit}; {len(results[ours])} rounds)")
    for name, values in results.items():
        line = f"  {name:34}{statistics.median(values):10.2f}"
        if name != ours:
            middle, low, high = ratio(results[ours], values)
            line += f"   {ours} / {name}: {middle:.2f}  [{low:.2f}, {high:.2f}]"
        print(line, flush=True)


def summary(machine):
    """One Markdown table for each set of peers: a line a measurement, ours and its ratio to each."""
    print(f"\n{machine}. Medians; behind each ratio its 95 % interval.")
    peers = None
    for title, unit, results, ours in measured:
        if peers != (found := (ours, *(name for name in results if name != ours))):
            peers = found
            print(f"\n| | {ours} | " + " | ".join(f"to {name}" for name in peers[1:]) + " |\n|---|---|" + "---|" * len(peers[1:]))
        ratios = [ratio(results[ours], results[name]) for name in peers[1:]]
        cells = [f"{middle:.2f} [{low:.2f}, {high:.2f}]" for middle, low, high in ratios]
        print(f"| {title}, {unit} | {statistics.median(results[ours]):.4g} | " + " | ".join(cells) + " |")
