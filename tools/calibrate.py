#!/usr/bin/env python3
"""Are confidences probabilities on documents that what makes them of posteriors was not chosen on?

    tools/calibrate.py target/release/hexapla GOLD/hand recut/few recut/many recut/one thin/third thin/half thin/most

A choice is what log-odds of posteriors are multiplied by where meaning counts, and by what where it does not: the slopes whose
worst tenth of at least 200 beads is best. They are judged on documents that they were not made on, twice: every set in turn is
left out, wherever it stands; and every second document is, then the others (pieces of one document stay together). Then the
same with what is chosen on all. Prints the tables of docs/accuracy.md, the first folder apart from the others. Takes five
minutes.
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

SLOPES = [round(0.5 + 0.05 * k, 2) for k in range(21)]
# By which all confidences are lower, however clear the evidence is: what beads of posterior 1 lack, printed last. Not chosen.
SHARE = 0.005
CLEAR = 0.999
ENCODERS = ["builtin", "none"]
# Beads of a tenth from which on its precision says something: its standard error is at most 3.5 points.
TELLING = 200


def judged(hexapla, folder, encoder):
    """(posterior, whether it is a gold bead) of every bead that comes out; by document."""
    command = [hexapla, "eval", folder, "--encoder", encoder, "--slope", "1", "--unexplained", "0"]
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


def tenths(pairs, slope):
    """(beads, right, sum of confidences) a tenth."""
    table = [[0, 0, 0.0] for _ in range(10)]
    for p, is_gold in pairs:
        right, wrong = p**slope, (1 - p) ** slope
        confidence = right / (right + wrong) * (1 - SHARE)
        cell = table[min(int(confidence * 10), 9)]
        cell[0] += 1
        cell[1] += is_gold
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
    print("  confidence  beads  stated  right  off by  standard error")
    for k, (n, right, stated) in enumerate(table):
        if n:
            spread = 100 * (right / n * (1 - right / n) / n) ** 0.5
            off = 100 * (stated - right) / n
            print(f"  {k / 10:.1f} to {(k + 1) / 10:.1f} {n:6}  {stated / n:.3f}  {right / n:.3f}  {off:+.1f}  {spread:.1f}")
    within = sum(n for n, right, stated in table if n and abs(stated - right) <= 0.03 * n)
    beads = sum(n for n, _, _ in table)
    print(f"  expected calibration error {error(table):.4f}; {100 * within / beads:.0f} % of beads in tenths within 3 points")


def main():
    hexapla, roots = sys.argv[1], [Path(root) for root in sys.argv[2:]]
    # Of keyed sets as they are, beads are no gold beads.
    places = [(root, path.name) for root in roots for path in sorted(root.iterdir()) if not any(path.rglob("src.keys"))]
    keys = list(itertools.product(places, ENCODERS))
    with ThreadPoolExecutor() as pool:
        found = dict(zip(keys, pool.map(lambda key: judged(hexapla, key[0][0] / key[0][1], key[1]), keys)))
    # Where an encoder changes nothing, it does not know the languages, and meaning does not count.
    same = {p for p in places if found[p, "builtin"] == found[p, "none"]}
    documents = sorted({(place[1], document) for place in places for document in found[place, "none"]})
    half = {document: k % 2 for k, document in enumerate(documents)}
    # What is left out or judged at once: folder, set, half of the documents.
    parts = [(*place, k) for place in places for k in range(2)]
    tables = {}
    for (place, encoder), texts in found.items():
        for k, slope in itertools.product(range(2), SLOPES):
            of = [pair for document, pairs in texts.items() if half[place[1], document] == k for pair in pairs]
            tables[(*place, k), encoder, slope] = tenths(of, slope)

    def meant(part, encoder):
        return encoder == "builtin" and part[:2] not in same

    with_meaning = [(part, "builtin") for part in parts if meant(part, "builtin")]
    kinds = [with_meaning, [(part, "none") for part in parts]]

    def choose(left):
        """Slopes with meaning and without, from the parts that are not `left` out."""
        def off(of_kind, slope):
            return worst(add([tables[part, encoder, slope] for part, encoder in of_kind if not left(part)]))
        return [min(SLOPES, key=lambda slope: off(of_kind, slope)) for of_kind in kinds]

    def shown(title, choice_for):
        for encoder, (where, those) in itertools.product(ENCODERS, [(roots[0], [roots[0]]), ("the others", roots[1:])]):
            of = [part for part in parts if part[0] in those]
            if of:
                print(f"\n{where}, {encoder}: {title}")
                report(add([tables[part, encoder, choice_for(part)[0 if meant(part, encoder) else 1]] for part in of]))

    best = choose(lambda _: False)
    print("slope with meaning and without, chosen on all sets:", *best)
    without_set = {name: choose(lambda part: part[1] == name) for name in sorted({part[1] for part in parts})}
    print("chosen without", *(f"{name}: {slopes}" for name, slopes in without_set.items()), sep="\n  ")
    without_half = [choose(lambda part: part[2] == k) for k in range(2)]
    print("chosen without the first and without the second half of documents:", *without_half)
    shown("each set with what was chosen on the sets of other names", lambda part: without_set[part[1]])
    shown("each half of the documents with what was chosen on the other", lambda part: without_half[part[2]])
    shown("with what was chosen on all sets", lambda _: best)
    for encoder in ENCODERS:
        pairs = [pair for place in places for texts in found[place, encoder].values() for pair in texts]
        of = [right for p, right in pairs if p >= CLEAR]
        print(f"\nof {len(of)} beads whose posterior is {CLEAR} and more, {encoder}: {sum(of) / len(of):.4f} are right")


if __name__ == "__main__":
    main()
