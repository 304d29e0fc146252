#!/usr/bin/env python3
"""Makes a corpus for `hexapla batch` out of gold sets: thousands of pairs, some broken on purpose.

    corpus.py FOLDER [--gold GOLD] [--pairs 2000] [--broken 60] [--seed 1] [--largest 20000]

Writes FOLDER/manifest.jsonl, FOLDER/texts/…, and FOLDER/expected.tsv (id, reason or `aligned`). GOLD (default:
$HEXAPLA_GOLD) holds sets as `hexapla eval` reads them: SET.xx-yy/DOCUMENT/{src,tgt,gold}.txt. A pair is a run of gold
beads of one set: its segments are joined to paragraphs, so that the segmenter has its work. Sizes run from 10 segments
to the largest, most of them small, as in real corpora; long ones repeat their set with other numbers and names, for no
set is that long. The same seed gives the same corpus. Nothing of it may be committed: the texts are not ours.
"""

import argparse
import json
import math
import os
import random
import re
import sys
from pathlib import Path

# Ten pairs of languages: (gold set, source, target).
SETS = [
    ("keyed/mark.de-en", "de", "en"), ("keyed/mark.es-en", "es", "en"), ("keyed/mark.ru-en", "ru", "en"),
    ("keyed/mark.zhs-en", "zh", "en"), ("keyed/mark.hu-en", "hu", "en"), ("keyed/mark.fi-en", "fi", "en"),
    ("keyed/mark.ja-en", "ja", "en"), ("keyed/wmt24.en-cs", "en", "cs"), ("hand/transread.en-fr", "en", "fr"),
    ("keyed/mark.ru-uk", "ru", "uk"),
]
# Kinds of breakage, dealt out in turn; the reason that the report must give.
BROKEN = [
    ("missing", "missing"), ("empty", "empty"), ("binary", "not-text"), ("wrong-language", "wrong-language"),
    ("unrelated", "unrelated"), ("swapped", "swapped"), ("unreadable", "unreadable"), ("newline", "bad-path"),
]
SPACELESS = {"zh", "ja", "th", "my"}


def load(gold, name):
    """Beads of a set as (source segments, target segments), document by document."""
    beads = []
    for folder in sorted((gold / name).iterdir()):
        source = (folder / "src.txt").read_text(encoding="utf-8").splitlines()
        target = (folder / "tgt.txt").read_text(encoding="utf-8").splitlines()
        for line in (folder / "gold.txt").read_text(encoding="utf-8").splitlines():
            sides = [[int(n) for n in re.findall(r"\d+", part)] for part in line.split(":")[:2]]
            # A gold file may name a line that is not there.
            texts = [[lines[n] for n in side if n < len(lines)] for side, lines in zip(sides, (source, target))]
            if any(texts):
                beads.append(tuple(texts))
    if not beads:
        sys.exit(f"corpus.py: no gold beads in {gold / name}")
    return beads


def size(rng, largest):
    """Segments of the source: log-uniform between 10 and 400; see `large` for the long ones."""
    return int(math.exp(rng.uniform(math.log(10), math.log(min(400, largest)))))


def run_of(rng, beads, segments):
    """Beads from a random place on until there are `segments`; a second round through the set is varied."""
    at = rng.randrange(len(beads))
    out, count, number = [], 0, 0
    while count < segments:
        source, target = beads[at % len(beads)]
        if number >= len(beads):
            # A number on both sides, as chapters and verses have: repeated passages are told apart by it.
            mark = f" ({number}) "
            source, target = [s + mark for s in source], [t + mark for t in target]
        out.append((source, target))
        count += len(source)
        at, number = at + 1, number + 1
    return out


def text(rng, segments, language):
    """Segments as paragraphs of one to eight."""
    glue = "" if language in SPACELESS else " "
    out, k = [], 0
    while k < len(segments):
        n = rng.randint(1, 8)
        out.append(glue.join(s.strip() for s in segments[k:k + n]))
        k += n
    return "\n\n".join(out) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--gold", type=Path, default=os.environ.get("HEXAPLA_GOLD"))
    parser.add_argument("--pairs", type=int, default=2000)
    parser.add_argument("--broken", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--largest", type=int, default=20000)
    args = parser.parse_args()
    if args.gold is None:
        sys.exit("corpus.py: name the gold sets (--gold, or HEXAPLA_GOLD)")
    rng = random.Random(args.seed)
    sets = [(load(args.gold, name), s, t) for name, s, t in SETS]
    # The long ones: each half as long as the one before, down to where the others begin.
    long_ones = []
    n = args.largest
    while n > 800 and len(long_ones) < args.pairs // 20:
        long_ones.append(n)
        n //= 2
    broken = {k: BROKEN[i % len(BROKEN)] for i, k in enumerate(sorted(rng.sample(range(len(long_ones), args.pairs), args.broken)))}
    texts = args.folder / "texts"
    texts.mkdir(parents=True)
    expected = []
    with open(args.folder / "manifest.jsonl", "w", encoding="utf-8") as manifest:
        for k in range(args.pairs):
            beads, source, target = sets[k % len(sets)]
            segments = long_ones[k] if k < len(long_ones) else size(rng, args.largest)
            kind, reason = broken.get(k, ("", "aligned"))
            if kind in ("wrong-language", "swapped", "unrelated"):
                # Long enough to be judged.
                segments = max(segments, 40)
            taken = run_of(rng, beads, segments)
            side_s = text(rng, [x for b in taken for x in b[0]], source)
            side_t = text(rng, [x for b in taken for x in b[1]], target)
            if kind == "unrelated" and (strangers := unrelated(rng, args.gold, target, len(side_t))):
                side_t = strangers
            elif kind == "unrelated":
                side_s = unrelated(rng, args.gold, source, len(side_s))
            if kind == "wrong-language":
                # A translation it is, but not into this language.
                wrong = next(b for b, s, _ in sets if s == ("fi" if source == "hu" else "hu"))
                side_t = text(rng, [x for b in run_of(rng, wrong, segments) for x in b[0]], "hu")
            if kind == "swapped":
                side_s, side_t = side_t, side_s
            name = f"{k % 40:02}/doc{k:05}" + ("\nbroken" if kind == "newline" else "")
            paths = [f"texts/{name}.{source}.txt", f"texts/{name}.{target}.txt"]
            for path, content in zip(paths, (side_s, side_t)):
                path = args.folder / path
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(content, encoding="utf-8")
            other = args.folder / paths[1]
            if kind == "missing":
                other.unlink()
            elif kind == "empty":
                other.write_text("\n \n")
            elif kind == "binary":
                other.write_bytes(rng.randbytes(20000))
            elif kind == "unreadable":
                # A link to itself: even the superuser cannot read it.
                other.unlink()
                other.symlink_to(other.name)
            identity = f"{k % 40:02}/doc{k:05}"
            expected.append(f"{identity}\t{reason}\n")
            line = {"id": identity, "source": {"path": paths[0], "lang": source},
                    "versions": [{"path": paths[1], "lang": target}]}
            manifest.write(json.dumps(line, ensure_ascii=False) + "\n")
    (args.folder / "expected.tsv").write_text("".join(expected), encoding="utf-8")


def unrelated(rng, gold, language, length):
    """A text in `language` that has nothing to do with the gold sets of the pairs: pieces of a treebank; `None`
    where there is none in that language."""
    files = sorted((gold / "segmentation" / "ud").glob(f"{language}*.jsonl"))
    if not files:
        return None
    lines = [json.loads(line)["text"] for line in files[0].read_text(encoding="utf-8").splitlines()]
    # Short pieces, since a treebank's text may be one long line.
    pieces = [p for line in lines for p in re.split(r"(?<=[.!?。！？]) +", line) if p.strip()]
    at = rng.randrange(max(1, len(pieces) - 2000))
    out, size = [], 0
    while size < length:
        out.append(pieces[at % len(pieces)])
        size += len(out[-1]) + 1
        at += 1
    return text(rng, out, language)


if __name__ == "__main__":
    main()
