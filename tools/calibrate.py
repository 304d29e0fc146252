#!/usr/bin/env python3
"""Are confidences probabilities on documents that their temperature and unexplained share were not chosen on?

    tools/calibrate.py target/release/hexapla GOLD/hand recut/few recut/many recut/one thin/third thin/half thin/most

Every set in turn is left out, wherever it stands: the pair of both with the least expected calibration error on the others,
with the built-in encoder and without one, is taken, and the tenths and the error of the one left out are counted with it.
Prints the tables of docs/accuracy.md, the first folder apart from the others. Takes a quarter of an hour.
"""

import itertools
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

CHOICES = list(itertools.product([1.2, 1.3, 1.4, 1.5], [0.0, 0.0075, 0.015]))
ENCODERS = ["builtin", "none"]


def tenths(hexapla, folder, encoder, temperature, unexplained):
    """(beads, right, sum of confidences) a tenth."""
    command = [hexapla, "eval", folder, "--encoder", encoder, "--calibration", "--json"]
    command += ["--temperature", str(temperature), "--unexplained", str(unexplained)]
    answer = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return [(t["beads"], t["right"], t["confidence"]) for t in answer["calibration"]["tenths"]]


def add(tables):
    return [tuple(map(sum, zip(*cell))) for cell in zip(*tables)]


def error(table):
    beads = sum(n for n, _, _ in table)
    return sum(abs(c - r) for _, r, c in table) / max(beads, 1)


def report(table):
    print("  confidence  beads  stated  right  off by")
    for k, (n, right, stated) in enumerate(table):
        if n:
            print(f"  {k / 10:.1f} to {(k + 1) / 10:.1f} {n:6}  {stated / n:.3f}  {right / n:.3f}  {100 * (stated - right) / n:+.1f}")
    within = sum(n for n, right, stated in table if n and abs(stated - right) <= 0.03 * n)
    beads = sum(n for n, _, _ in table)
    print(f"  expected calibration error {error(table):.4f}; {100 * within / beads:.0f} % of beads in tenths within 3 points")


def main():
    hexapla, roots = sys.argv[1], [Path(root) for root in sys.argv[2:]]
    # Of keyed sets as they are, beads are no gold beads.
    places = [(root, path.name) for root in roots for path in sorted(root.iterdir()) if not any(path.rglob("src.keys"))]
    keys = list(itertools.product(places, ENCODERS, CHOICES))
    with ThreadPoolExecutor() as pool:
        tables = pool.map(lambda key: tenths(hexapla, key[0][0] / key[0][1], key[1], *key[2]), keys)
    found = dict(zip(keys, tables))
    names = sorted({name for _, name in places})

    def rest(left, choice):
        """The error without the sets of that name, of both encoders."""
        return sum(error(add([found[p, e, choice] for p in places if p[1] != left])) for e in ENCODERS)

    best = {left: min(CHOICES, key=lambda choice: rest(left, choice)) for left in [None, *names]}
    print("temperature and unexplained share, chosen on all sets:", *best[None])
    print("chosen without", *(f"{name}: {best[name]}" for name in names), sep="\n  ")
    for encoder in ENCODERS:
        for title, those in [(roots[0], [roots[0]]), ("the others", roots[1:])]:
            if held_out := [found[p, encoder, best[p[1]]] for p in places if p[0] in those]:
                print(f"\n{title}, {encoder}: each set with what was chosen on the sets of other names")
                report(add(held_out))


if __name__ == "__main__":
    main()
