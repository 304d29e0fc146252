#!/usr/bin/env python3
"""Are confidences probabilities on documents that their temperatures and unexplained share were not chosen on?

    tools/calibrate.py target/release/hexapla GOLD/hand recut/few recut/many recut/one thin/third thin/half thin/most

A choice is a temperature where meaning counts, one where it does not, and a share for both. Every set in turn is left out,
wherever it stands: the choice whose worst tenth of at least 200 beads is best on the others, with the built-in encoder and
without one, is taken, and the tenths and the error of the one left out are counted with it. Then the same with what is chosen on
all sets. Prints the tables of docs/accuracy.md, the first folder apart from the others. Takes twenty minutes.
"""

import itertools
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from thin import beads

TEMPERATURES = [1.2, 1.3, 1.4, 1.5, 1.6]
SHARES = [0.0, 0.005, 0.01, 0.015]
ENCODERS = ["builtin", "none"]
# Beads of a tenth from which on its precision says something: its standard error is at most 3.5 points.
TELLING = 200


def judged(hexapla, folder, encoder, temperature):
    """(confidence, whether it is a gold bead) of every bead that comes out, without a share."""
    command = [hexapla, "eval", folder, "--encoder", encoder, "--temperature", str(temperature), "--unexplained", "0"]
    out = []
    with tempfile.TemporaryDirectory() as written:
        subprocess.run([*command, "--write-predictions", written], check=True, capture_output=True)
        for path in sorted(Path(written).rglob("*.beads")):
            gold = beads(folder / path.relative_to(written).with_suffix("") / "gold.txt")
            for bead, line in zip(beads(path), path.read_text(encoding="utf-8").splitlines()):
                out.append((float(line.rsplit(":", 1)[1]), bead in gold))
    return out


def tenths(pairs, share):
    """(beads, right, sum of confidences) a tenth."""
    table = [[0, 0, 0.0] for _ in range(10)]
    for confidence, right in pairs:
        confidence *= 1 - share
        cell = table[min(int(confidence * 10), 9)]
        cell[0] += 1
        cell[1] += right
        cell[2] += confidence
    return table


def add(tables):
    return [tuple(map(sum, zip(*cell))) for cell in zip(*tables)]


def error(table):
    beads = sum(n for n, _, _ in table)
    return sum(abs(c - r) for _, r, c in table) / max(beads, 1)


def worst(table):
    """How far stated and observed precision are apart in the tenth where they are farthest, of those that tell."""
    return max(abs(stated - right) / n for n, right, stated in table if n >= TELLING)


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
    keys = list(itertools.product(places, ENCODERS, TEMPERATURES))
    with ThreadPoolExecutor() as pool:
        found = dict(zip(keys, pool.map(lambda key: judged(hexapla, key[0][0] / key[0][1], *key[1:]), keys)))
    # Where an encoder changes nothing, it does not know the languages, and nothing is seen twice.
    same = {p for p in places if all(found[p, "builtin", t] == found[p, "none", t] for t in TEMPERATURES)}
    kinds = [[(p, "builtin") for p in places if p not in same], [(p, "none") for p in places]]
    tables = {(*key, share): tenths(pairs, share) for key, pairs in found.items() for share in SHARES}
    names = sorted({name for _, name in places})

    def choose(left):
        """Share, temperature with meaning, temperature without, from the sets of other names."""
        def least(of_kind, share):
            of = lambda t: worst(add([tables[p, e, t, share] for p, e in of_kind if p[1] != left]))
            return min((of(t), t) for t in TEMPERATURES)
        choices = [(share, *(least(of_kind, share) for of_kind in kinds)) for share in SHARES]
        share, with_meaning, without = min(choices, key=lambda choice: choice[1][0] + choice[2][0])
        return share, with_meaning[1], without[1]

    def shown(title, choice_for):
        for encoder, (where, those) in itertools.product(ENCODERS, [(roots[0], [roots[0]]), ("the others", roots[1:])]):
            of = [(p, choice_for(p[1])) for p in places if p[0] in those]
            if of:
                print(f"\n{where}, {encoder}: {title}")
                report(add([tables[p, encoder, c[1 if encoder == "builtin" and p not in same else 2], c[0]] for p, c in of]))

    best = {left: choose(left) for left in [None, *names]}
    print("share, temperature with meaning, temperature without, chosen on all sets:", *best[None])
    print("chosen without", *(f"{name}: {best[name]}" for name in names), sep="\n  ")
    shown("each set with what was chosen on the sets of other names", best.get)
    shown("with what was chosen on all sets", lambda _: best[None])


if __name__ == "__main__":
    main()
