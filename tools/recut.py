#!/usr/bin/env python3
"""Makes gold sets whose segments are merged otherwise than sentences, as a free translation or another segmenter does.

    tools/recut.py ../shared/gold FOLDER
    hexapla eval FOLDER/one         # and FOLDER/few, FOLDER/many

Neighbours on either side are joined at random, with a fixed seed, and gold beads with them. Of keyed sets a verse is a
segment first, so that gold is exact.
"""

import random
import sys
from pathlib import Path

from thin import beads, lines

# The chance that a segment is joined to the one before it: source, target.
KINDS = {"few": (0.15, 0.15), "many": (0.3, 0.3), "one": (0.5, 0.05)}
SETS = [
    "hand/parice.en-is", "hand/porsimples-ori-nat.pt-pt", "hand/textberg-dev.de-fr", "hand/transread.en-fr",
    "keyed/mark.zhs-en", "keyed/mark.de-en", "keyed/mark.ru-en", "keyed/mark.hu-en", "keyed/mark.ja-en",
    "keyed/mark.es-en", "keyed/mark.el-en", "keyed/mark.he-en",
    "retranslation/mark.en_KJV-Twenty", "retranslation/mark.zh_CUV-ChiSB", "retranslation/mark.de_Menge-Elb1905",
]
# Most segments that become one.
MOST = 4


def verses(document, side):
    """The text of every verse, in order, and its key; a key that comes again is another verse."""
    texts, keys = [], []
    for line, key in zip(*(lines(document / f"{side}.{end}")[:-1] for end in ("txt", "keys"))):
        if keys and keys[-1] == key:
            texts[-1] += " " + line
        else:
            texts.append(line)
            keys.append(key)
    return texts, keys


def read(document):
    """Segments of both sides, and the beads between them."""
    if (document / "src.keys").exists():
        sides = [verses(document, side) for side in ("src", "tgt")]
        places = [{}, {}]
        for place, (_, keys) in zip(places, sides):
            for k, key in enumerate(keys):
                place.setdefault(key, []).append(k)
        every = dict.fromkeys([*places[0], *places[1]])
        return [texts for texts, _ in sides], [[place.get(key, []) for place in places] for key in every]
    texts = [lines(document / f"{side}.txt")[:-1] for side in ("src", "tgt")]
    gold = beads(document / "gold.txt")
    return texts, [[[x for x in side if x < len(text)] for side, text in zip(bead, texts)] for bead in gold]


def groups(count, chance, draw):
    """The number of the group of every segment."""
    out, run = [], MOST
    for _ in range(count):
        joined = run < MOST and draw.random() < chance
        run = run + 1 if joined else 1
        out.append((out[-1] if out else -1) + (not joined))
    return out


def united(gold, of):
    """Gold beads over groups: those that share a group become one."""
    owner = {}

    def root(x):
        while owner.setdefault(x, x) != x:
            x = owner[x]
        return x

    for side, members in enumerate(of):
        for group in members:
            root((side, group))
    for bead in gold:
        nodes = [(side, of[side][x]) for side in (0, 1) for x in bead[side]]
        for node in nodes[1:]:
            owner[root(node)] = root(nodes[0])
    beads = {}
    for node in sorted(owner):
        beads.setdefault(root(node), ([], []))[node[0]].append(node[1])
    return beads.values()


def write(folder, texts, of, gold):
    folder.mkdir(parents=True)
    for name, text, groups_ in zip(("src", "tgt"), texts, of):
        joined = [[] for _ in range(groups_[-1] + 1)]
        for line, group in zip(text, groups_):
            joined[group].append(line)
        (folder / f"{name}.txt").write_text("".join(" ".join(one) + "\n" for one in joined), encoding="utf-8")
    (folder / "gold.txt").write_text("".join(f"{here}:{there}\n" for here, there in gold), encoding="utf-8")


def main():
    root, out = Path(sys.argv[1]), Path(sys.argv[2])
    for kind, chances in KINDS.items():
        for name in SETS:
            draw = random.Random(11)
            for document in sorted(p for p in (root / name).iterdir() if p.is_dir()):
                texts, gold = read(document)
                of = [groups(len(text), chance, draw) for text, chance in zip(texts, chances)]
                write(out / kind / Path(name).name / document.name, texts, of, united(gold, of))


if __name__ == "__main__":
    main()
