#!/usr/bin/env python3
"""Makes gold sets of which one version leaves much out, as an abridged or a plain-language version does.

    tools/thin.py ../shared/gold FOLDER
    hexapla eval FOLDER/half        # and FOLDER/third, FOLDER/most

Documents are cut into pieces; of each, gold beads lose their target side (or, more rarely, their source side) in runs, with a
fixed seed. What is left of the other side stays a null, one a segment.
"""

import random
import re
import sys
from pathlib import Path

# Gold beads a piece; share of them that lose a side, mean length of a run, share of these that lose the source's.
KINDS = {"third": (60, 0.33, 1.5, 0.3), "half": (60, 0.55, 2.5, 0.1), "most": (80, 0.75, 4.0, 0.05)}
SETS = [
    "hand/parice.en-is", "hand/porsimples-ori-nat.pt-pt", "hand/textberg-dev.de-fr", "hand/transread.en-fr",
    "keyed/mark.de-en", "keyed/mark.ru-en", "keyed/mark.hu-en", "keyed/mark.ja-en",
    "retranslation/mark.en_KJV-Twenty", "retranslation/mark.de_Menge-Elb1905", "retranslation/mark.en_Anderson-OEB",
    "retranslation/mark.en_Weymouth-Tyndale", "retranslation/mark.fr_Stapfer-Synodale",
]
# Of long texts every third piece is enough.
LONG = 1000


def lines(path):
    return path.read_text(encoding="utf-8").split("\n")


def beads(path):
    sides = re.compile(r"\[([\d,\s]*)\]:\[([\d,\s]*)\]")
    found = (sides.match(line) for line in lines(path))
    return [[[int(x) for x in side.split(",") if x.strip()] for side in m.groups()] for m in found if m]


def thinned(gold, kind, draw):
    _, share, run, source = KINDS[kind]
    leave = 1 / run
    enter = share * leave / (1 - share)
    missing = draw.random() < share
    for here, there in sorted(gold, key=lambda bead: min(bead[0], default=10**9)):
        missing = draw.random() > leave if missing else draw.random() < min(1, enter)
        if missing and here and there:
            here, there = ([], there) if draw.random() < source else (here, [])
        yield here, there


def write(folder, document, gold):
    files = {side: [document / f"{side}.{end}" for end in ("txt", "keys")] for side in ("src", "tgt")}
    left = []
    for k, (text, _) in enumerate(files.values()):
        count = len(lines(text))
        left.append(sorted(x for bead in gold for x in bead[k] if x < count))
    if len(left[0]) < 8 or len(left[1]) < 4:
        return
    folder.mkdir(parents=True)
    for paths, keep in zip(files.values(), left):
        for path in filter(Path.exists, paths):
            whole = lines(path)
            (folder / path.name).write_text("".join(whole[x] + "\n" for x in keep), encoding="utf-8")
    new = [{old: k for k, old in enumerate(keep)} for keep in left]
    with (folder / "gold.txt").open("w", encoding="utf-8") as out:
        for bead in gold:
            here, there = ([new[k][x] for x in bead[k] if x in new[k]] for k in (0, 1))
            if here and there:
                out.write(f"{here}:{there}\n")
            else:
                out.writelines([f"[{x}]:[]\n" for x in here] + [f"[]:[{x}]\n" for x in there])


def main():
    root, out = Path(sys.argv[1]), Path(sys.argv[2])
    for kind, (size, *_) in KINDS.items():
        for name in SETS:
            draw = random.Random(7)
            for document in sorted(p for p in (root / name).iterdir() if p.is_dir()):
                gold = beads(document / "gold.txt")
                step = size * (3 if len(gold) > LONG else 1)
                for start in range(0, len(gold) - size // 2, step):
                    piece = list(thinned(gold[start : start + size], kind, draw))
                    write(out / kind / Path(name).name / f"{document.name}_{start:05}", document, piece)


if __name__ == "__main__":
    main()
