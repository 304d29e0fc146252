#!/usr/bin/env python3
"""Are confidences probabilities on documents that their temperature was not chosen on?

    tools/calibrate.py target/release/hexapla GOLD/hand

Every set in turn is left out: the temperature with the least expected calibration error on the others is taken, and the
tenths and the error of the one left out are counted with it. Prints the table of docs/accuracy.md for both encoders.
"""

import json
import subprocess
import sys
from pathlib import Path

TEMPERATURES = [1.0, 1.2, 1.4, 1.6, 1.8, 2.0, 2.5]


def tenths(hexapla, folder, encoder, temperature):
    """(beads, right, sum of confidences) a tenth."""
    command = [hexapla, "eval", folder, "--encoder", encoder, "--calibration", "--json", "--temperature", str(temperature)]
    answer = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return [(t["beads"], t["right"], t["confidence"]) for t in answer["calibration"]["tenths"]]


def add(tables):
    return [tuple(map(sum, zip(*cell))) for cell in zip(*tables)]


def error(table):
    beads = sum(n for n, _, _ in table)
    return sum(abs(c - r) for _, r, c in table) / max(beads, 1)


def main():
    hexapla, root = sys.argv[1], Path(sys.argv[2])
    sets = sorted(p for p in root.iterdir() if p.is_dir())
    for encoder in ["builtin", "none"]:
        found = {(s, t): tenths(hexapla, s, encoder, t) for s in sets for t in TEMPERATURES}
        held_out = []
        print(f"\n{encoder}: temperature chosen on the other sets, error on the set itself")
        for left in sets:
            others = lambda t: error(add([found[s, t] for s in sets if s != left]))
            best = min(TEMPERATURES, key=others)
            held_out.append(found[left, best])
            print(f"  {left.name:28} {best:.1f}  {error(found[left, best]):.4f}")
        table = add(held_out)
        print("  confidence  beads  stated  right  off by")
        for k, (n, right, stated) in enumerate(table):
            if n:
                off = 100 * (stated - right) / n
                print(f"  {k / 10:.1f} to {(k + 1) / 10:.1f} {n:6}  {stated / n:.3f}  {right / n:.3f}  {off:+.1f}")
        print(f"  expected calibration error {error(table):.4f}")


if __name__ == "__main__":
    main()
