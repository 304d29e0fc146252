#!/usr/bin/env python3
"""The table of docs/accuracy.md: our F1 on every gold set beside other aligners', as Markdown.

    cargo build --release
    HEXAPLA_GOLD=../shared/gold tools/accuracy_table.py [target/release/hexapla] [> table.md]

Runs `hexapla eval --json` with `--encoder none` and with the built-in one over the folders hand, keyed and
retranslation, and reads the peers' figures from PEERS.md in HEXAPLA_GOLD. F1 in per cent, keyed where a set has keys
and else strict, lax in brackets.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

GROUPS = ["hand", "keyed", "retranslation"]
CELL = re.compile(r"^([\d.]+) \(([\d.]+)\)$")


def f1(counts):
    precision = counts["right"] / counts["predicted"] if counts["predicted"] else 0.0
    recall = counts["found"] / counts["gold"] if counts["gold"] else 0.0
    return 200 * precision * recall / (precision + recall) if precision + recall else 0.0


def ours(binary, gold, encoder):
    """Set → (F1, lax F1)."""
    scores = {}
    for group in GROUPS:
        command = [binary, "eval", str(gold / group), "--encoder", encoder, "--json"]
        answer = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
        for row in answer["sets"]:
            scores[f"{group}/{row['set']}"] = (f1(row["keyed"] or row["strict"]), f1(row["lax"]))
    return scores


def peers(path):
    """The peers' names, and set → a (F1, lax F1) or None for each."""
    names, scores = [], {}
    for line in path.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not line.startswith("|") or set(cells[0]) <= set("- "):
            continue
        if not names:
            names = cells[1:]
            continue
        if len(cells) != len(names) + 1:
            sys.exit(f"{path}: a row of {len(cells)} cells, expected {len(names) + 1}: {line}")
        matches = [CELL.match(cell) for cell in cells[1:]]
        if bad := [c for c, m in zip(cells[1:], matches) if c and not m]:
            sys.exit(f"{path}: '{bad[0]}' is no 'F1 (lax F1)', in the row of {cells[0]}")
        scores[cells[0]] = [(float(m[1]), float(m[2])) if m else None for m in matches]
    if not scores:
        sys.exit(f"{path}: no table")
    return names, scores


def shown(pair):
    return f"{pair[0]:.1f} ({pair[1]:.1f})" if pair else ""


def mean(pairs):
    return tuple(sum(p[k] for p in pairs) / len(pairs) for k in (0, 1)) if pairs else None


def main():
    if "HEXAPLA_GOLD" not in os.environ:
        sys.exit("HEXAPLA_GOLD does not name the folder of the gold sets")
    gold = Path(os.environ["HEXAPLA_GOLD"])
    binary = sys.argv[1] if len(sys.argv) > 1 else "target/release/hexapla"
    names, others = peers(gold / "PEERS.md")
    meaning = names.index("meaning")
    none, builtin = ours(binary, gold, "none"), ours(binary, gold, "builtin")
    if missing := set(none) ^ set(others):
        sys.exit(f"in one of PEERS.md and the gold sets only: {', '.join(sorted(missing))}")
    print("| set | `none` | best without encoder | | `builtin` | meaning |")
    print("| --- | --- | --- | --- | --- | --- |")
    for group in GROUPS:
        rows = []
        for name in sorted(n for n in none if n.startswith(group + "/")):
            plain = [(p, names[k]) for k, p in enumerate(others[name]) if p and k != meaning]
            best, who = max(plain, key=lambda x: x[0])
            rows.append((none[name], best, builtin[name], others[name][meaning]))
            print(f"| {name} | {shown(none[name])} | {shown(best)} | {who} "
                  f"| {shown(builtin[name])} | {shown(others[name][meaning])} |")
        means = [mean([r[k] for r in rows]) for k in range(3)]
        print(f"| **{group}, mean of {len(rows)}** | {shown(means[0])} | {shown(means[1])} | | {shown(means[2])} | |")
        known = [r for r in rows if r[3]]
        means = [mean([r[k] for r in known]) for k in range(4)]
        print(f"| **{group}, mean of the {len(known)} with meaning** | {shown(means[0])} | {shown(means[1])} | "
              f"| {shown(means[2])} | {shown(means[3])} |")


main()
