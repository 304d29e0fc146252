#!/usr/bin/env python3
"""Time of whole processes, against galechurch and with precomputed vectors: the table in docs/accuracy.md.

    cargo build --release
    python3 tools/speed.py target/release/hexapla PYTHON FOLDER [--gold GOLD] [--only abcd] [--runs N]

PYTHON has galechurch 0.1 and numpy (pip install into a virtual environment); FOLDER holds texts and vectors, which are
made where they are missing. Processor seconds (user and system) of children, in turns; the least of the runs, since what
else the machine does can only add to them. What is compared runs side by side, so ratios hold on a busy machine.

Not here: growth and memory at 100,000 segments (tests/scale.rs), single stages (benches/).
"""

import argparse
import bisect
import collections
import os
import pathlib
import random
import re
import subprocess
import time

VOCABULARY = 60_000
SIZES = (6_700, 12_000, 49_000)
DIMENSIONS = (256, 512)

GALECHURCH = """
import sys, galechurch
source, target = (open(p, encoding="utf-8").read().split("\\n")[:-1] for p in sys.argv[1:3])
beads = galechurch.align(source, target, max_block_size=10**9).to_pharaoh_lines()
open(sys.argv[3], "w").write("\\n".join(beads) + "\\n")
"""

# A meaning a bead, in parts where it is split; both sides see it through noise of their own, so that true pairs have a
# cosine of about 0.7 and accidents one of 0.1.
VECTORS = """
import sys, numpy
beads, dim, seed = sys.argv[1], int(sys.argv[2]), 5
random = numpy.random.default_rng(seed)
common = random.standard_normal(dim) * 0.33
sides = ([], [])
for line in open(beads):
    counts = [int(x) for x in line.split()]
    parts = [common + random.standard_normal(dim) for _ in range(max(counts))]
    for side, n in zip(sides, counts):
        for k in range(n):
            part = parts[k] if n > 1 else sum(parts) / len(parts) ** 0.5
            side.append(part + 0.65 * random.standard_normal(dim))
for side, path in zip(sides, sys.argv[3:5]):
    rows = numpy.array(side, dtype=numpy.float32)
    numpy.save(path, rows / numpy.linalg.norm(rows, axis=1, keepdims=True))
"""


def form(rank, language):
    """A word of an invented language; every twentieth is a cognate. As benches/synthetic.rs has it."""
    cognate = rank >= 70 and rank % 20 == 7
    of = 0 if cognate else language
    consonants, vowels = ("bdfgklmnprstvz", "thcmrbvkpxlgsn")[of], ("aeiou", "oyaie")[of]
    out, rest = "", rank + 1
    while rest > 0:
        rest -= 1
        out += consonants[rest % 70 // 5] + vowels[rest % 5]
        rest //= 70
    return out + "n" if cognate and language == 1 else out


def invented(size, words=((), ())):
    """Two versions of `size` sentences each, and the beads' sizes: 90 % 1-1, 8 % 1-2 and 2-1, 2 % nulls. Of `words`, the
    most frequent come first; beyond them, words are invented."""
    draw = random.Random(size)
    shares, total = [], 0.0
    for rank in range(VOCABULARY):
        total += 1 / (rank + 2.7)
        shares.append(total)
    def word():
        if draw.random() < 0.02:
            return -draw.randint(1, 2500)
        return bisect.bisect_left(shares, draw.random() * total)
    def shown(rank, language):
        return words[language][rank] if rank < len(words[language]) else form(rank, language)
    def sentence(ranks, language):
        return " ".join(str(-w) if w < 0 else shown(w, language) for w in ranks).capitalize() + "."
    sides, beads = ([], []), []
    while min(left := [size - len(s) for s in sides]) > 0:
        more = draw.random() < 0.5 if left[0] == left[1] else left[0] > left[1]
        kind = draw.random()
        if kind < 0.08 and min(left) >= 2:
            counts = (2, 1) if more else (1, 2)
        elif kind < 0.10:
            counts = (1, 0) if more else (0, 1)
        else:
            counts = (1, 1)
        ranks = [word() for _ in range(draw.randint(6, 15) + draw.randint(0, 9))]
        other = []
        for w in ranks:
            chance = draw.random()
            if chance >= 0.08 or w < 0:
                other.append(word() if chance < 0.20 and w >= 0 else w)
        other = other if len(other) > 1 else list(ranks)
        for k in range(1, len(other)):
            if draw.random() < 0.15:
                other[k - 1], other[k] = other[k], other[k - 1]
        for language, (side, n, all_words) in enumerate(zip(sides, counts, (ranks, other))):
            cut = max(1, len(all_words) // draw.choice((2, 3)))
            parts = [[], [all_words], [all_words[:cut], all_words[cut:]]][n]
            side.extend(sentence(p, language) for p in parts)
        beads.append(counts)
    # What one side is short of at the end is left out on the other.
    for side, n in zip(sides, (0, 1)):
        while len(side) < size:
            side.append(sentence([word() for _ in range(12)], n))
            beads.append((1, 0) if n == 0 else (0, 1))
    return sides, beads


def vocabulary(gold, language):
    """Word forms of a language's gold texts, the most frequent first."""
    counts = collections.Counter()
    for folder in sorted(gold.glob("*/*.*-*")):
        languages = folder.name.split(".")[1].split("-")
        for text in sorted(folder.rglob("*.txt")):
            side = {"src.txt": 0, "tgt.txt": 1}.get(text.name)
            if side is not None and languages[side] == language:
                counts.update(re.findall(r"\w+", text.read_text(encoding="utf-8").lower()))
    return [word for word, _ in counts.most_common()]


def write(path, lines):
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def spent(command):
    """Processor seconds, wall seconds and memory (MB) of a command."""
    begin = time.monotonic()
    child = subprocess.Popen([str(c) for c in command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise SystemExit(f"{command}: {said.decode()}")
    return usage.ru_utime + usage.ru_stime, time.monotonic() - begin, usage.ru_maxrss / 1000


def in_turns(runs, *commands):
    """The least of each of [`spent`]'s figures, a tuple a command."""
    seen = [[spent(c) for c in commands] for _ in range(runs)]
    return [tuple(min(run[k][x] for run in seen) for x in range(3)) for k in range(len(commands))]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("hexapla", type=pathlib.Path)
    parser.add_argument("python")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--gold", type=pathlib.Path, help="gold sets, for d")
    parser.add_argument("--only", default="abcd")
    parser.add_argument("--runs", type=int, default=2)
    args = parser.parse_args()
    folder = args.folder
    folder.mkdir(parents=True, exist_ok=True)
    texts = {}
    for size in SIZES:
        texts[size] = [folder / f"{size}.{side}.txt" for side in ("source", "target")]
        if not texts[size][1].exists():
            sides, beads = invented(size)
            write(folder / f"{size}.beads.txt", (f"{n} {m}" for n, m in beads))
            for path, lines in zip(texts[size], sides):
                write(path, lines)
    line = ["--langs", "de,fr", "--segmentation", "line", "--jobs", 1, "--quiet"]
    plain = lambda size: [args.hexapla, "align", *texts[size], *line, "--encoder", "none", "-o", folder / "x.beads"]
    if "a" in args.only:
        for size in SIZES[:2]:
            peer = [args.python, "-c", GALECHURCH, *texts[size], folder / "peer.beads"]
            theirs, ours = in_turns(args.runs, peer, plain(size))
            print(f"| a | {size} | galechurch {theirs[0]:.2f} s | {ours[0]:.2f} s | {theirs[0] / ours[0]:.1f} |", flush=True)
    if "c" in args.only:
        small, large = in_turns(args.runs, plain(12_000), plain(49_000))
        print(f"| c | 49000 | {small[0]:.2f} s at 12000 | {large[0]:.2f} s, {large[2]:.0f} MB | {large[0] / small[0]:.2f} |", flush=True)
    if "b" in args.only:
        for dim in DIMENSIONS:
            vectors = folder / f"vectors{dim}"
            vectors.mkdir(exist_ok=True)
            names = [vectors / f"49000.{side}.txt.npy" for side in ("source", "target")]
            if not names[1].exists():
                subprocess.run([args.python, "-c", VECTORS, folder / "49000.beads.txt", str(dim), *names], check=True)
            both = [args.hexapla, "align", *texts[49_000], *line, "--encoder", vectors, "-o", folder / "y.beads"]
            ((cpu, _, memory),) = in_turns(args.runs, both)
            print(f"| b | 49000 | dimension {dim} | {cpu:.2f} s, {memory:.0f} MB | |", flush=True)
    if "d" in args.only and args.gold:
        names = [folder / f"real.{side}.txt" for side in ("source", "target")]
        # Words that the encoder's tokeniser knows, so that encoding is not made dearer than it is.
        for path, lines in zip(names, invented(10_000, [vocabulary(args.gold, x) for x in ("en", "de")])[0]):
            write(path, lines)
        cache = folder / f"cache{os.getpid()}"
        whole = [args.hexapla, "align", *names, "--langs", "en,de", "--segmentation", "line", "--quiet", "-o", folder / "z.tmx"]
        spent([*whole, "--jobs", 2, "--cache", cache])
        one, two, warm, none = in_turns(
            args.runs,
            [*whole, "--jobs", 1],
            [*whole, "--jobs", 2],
            [*whole, "--jobs", 1, "--cache", cache],
            [*whole, "--jobs", 1, "--encoder", "none"],
        )
        share = lambda rest: f"{100 * (1 - rest[0] / one[0]):.0f} %"
        print(f"| d | 10000 | encoder | {share(none)} of {one[0]:.2f} s (without it: {none[0]:.2f} s) | |")
        print(f"| d | 10000 | of that, reading segments | {share(warm)} (from the cache: {warm[0]:.2f} s) | |")
        print(f"| d | 10000 | 1 and 2 threads | {one[1]:.2f} s, {two[1]:.2f} s of wall clock ({two[0]:.2f} s) | {one[1] / two[1]:.2f} |")


if __name__ == "__main__":
    main()
