#!/usr/bin/env python3
"""Are confidences probabilities on documents that their temperatures and unexplained share were not chosen on?

    tools/calibrate.py target/release/hexapla GOLD/hand recut/few recut/many recut/one thin/third thin/half thin/most

A choice is a temperature where meaning counts, one where it does not, and a share for both: the one whose worst tenth of at
least 200 beads is best, with the built-in encoder and without one. It is judged on documents that it was not made on, twice:
every set in turn is left out, wherever it stands; and every second document is, then the others (pieces of one document
stay together). Then the same with what is chosen on all. Prints the tables of docs/accuracy.md, the first folder apart from the
others. Takes twenty minutes.
"""

import itertools
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from thin import beads

TEMPERATURES = [1.2, 1.3, 1.4, 1.5, 1.6]
SHARES = [0.0, 0.005, 0.01, 0.015]
ENCODERS = ["builtin", "none"]
# Beads of a tenth from which on its precision says something: its standard error is at most 3.5 points.
TELLING = 200


def judged(hexapla, folder, encoder, temperature):
    """(confidence, whether it is a gold bead) of every bead that comes out, without a share; by document."""
    command = [hexapla, "eval", folder, "--encoder", encoder, "--temperature", str(temperature), "--unexplained", "0"]
    out = defaultdict(list)
    with tempfile.TemporaryDirectory() as written:
        subprocess.run([*command, "--write-predictions", written], check=True, capture_output=True)
        for path in sorted(Path(written).rglob("*.beads")):
            document = path.relative_to(written).with_suffix("")
            gold = beads(folder / document / "gold.txt")
            # What thin.py cuts a document into ends in the place of its first bead.
            of = out[re.sub(r"_\d{5}$", "", str(document))]
            for bead, line in zip(beads(path), path.read_text(encoding="utf-8").splitlines()):
                of.append((float(line.rsplit(":", 1)[1]), bead in gold))
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
    # Documents where they stand: folder, set, document.
    texts = [(*place, document) for place in places for document in found[place, "none", TEMPERATURES[0]]]
    kinds = [[(d, "builtin") for d in texts if d[:2] not in same], [(d, "none") for d in texts]]
    tables = {}
    for (place, encoder, temperature), documents in found.items():
        for (document, pairs), share in itertools.product(documents.items(), SHARES):
            tables[(*place, document), encoder, temperature, share] = tenths(pairs, share)

    def choose(left):
        """Share, temperature with meaning, temperature without, from the documents that are not `left` out."""
        def least(of_kind, share):
            of = lambda t: worst(add([tables[d, e, t, share] for d, e in of_kind if not left(d)]))
            return min((of(t), t) for t in TEMPERATURES)
        choices = [(share, *(least(of_kind, share) for of_kind in kinds)) for share in SHARES]
        share, with_meaning, without = min(choices, key=lambda choice: choice[1][0] + choice[2][0])
        return share, with_meaning[1], without[1]

    def shown(title, choice_for):
        for encoder, (where, those) in itertools.product(ENCODERS, [(roots[0], [roots[0]]), ("the others", roots[1:])]):
            of = [(d, choice_for(d)) for d in texts if d[0] in those]
            if of:
                print(f"\n{where}, {encoder}: {title}")
                meant = lambda d: encoder == "builtin" and d[:2] not in same
                report(add([tables[d, encoder, c[1 if meant(d) else 2], c[0]] for d, c in of]))

    best = choose(lambda _: False)
    print("share, temperature with meaning, temperature without, chosen on all sets:", *best)
    without_set = {name: choose(lambda d: d[1] == name) for name in sorted({name for _, name, _ in texts})}
    print("chosen without", *(f"{name}: {choice}" for name, choice in without_set.items()), sep="\n  ")
    half = {document: k % 2 for k, document in enumerate(sorted({d[1:] for d in texts}))}
    without_half = [choose(lambda d: half[d[1:]] == k) for k in range(2)]
    print("chosen without the first and without the second half of documents:", *without_half)
    shown("each set with what was chosen on the sets of other names", lambda d: without_set[d[1]])
    shown("each half of the documents with what was chosen on the other", lambda d: without_half[half[d[1:]]])
    shown("with what was chosen on all sets", lambda _: best)


if __name__ == "__main__":
    main()
