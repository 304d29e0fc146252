"""Development only: SRX cuts and speed beside the Java engine's port choppa (`pip install choppa-srx`).

usage: choppa_speed.py HEXAPLA SEGCOMPARE GOLD/segmentation/ud LANG...

LanguageTool's rules, which choppa brings along; a text of 1 MB a language, the paragraphs of its development sets,
repeated where they are fewer. CPU seconds (user and system), the least of the runs, the two taking turns:
whole process (start, reading the rules, making them ready, cutting, writing), and the cutting alone, warm.
"""

import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

MB = 1_000_000
RUNS = 3

CHILD = """
import sys, time
from choppa import DEFAULT_SRX_RULESET, SrxDocument, SrxTextIterator
lang, path, passes = sys.argv[1], sys.argv[2], int(sys.argv[3])
document = SrxDocument(ruleset=DEFAULT_SRX_RULESET)
lines = open(path, encoding="utf-8", newline="\\n").read().split("\\n")
for k in range(passes):
    start = time.process_time()
    cut = [SrxTextIterator(document, lang, line) for line in lines if line]
    cut = [list(i) for i in cut]
    spent = time.process_time() - start
print(spent, file=sys.stderr)
for pieces in cut:
    at, starts = 0, []
    for piece in pieces:
        starts.append(str(at + len(piece) - len(piece.lstrip())))
        at += len(piece)
    print(" ".join(starts))
"""


def text_of(folder, lang):
    """Paragraphs of a language, a line each, repeated up to a megabyte."""
    lines = []
    for file in sorted(folder.glob(f"{lang}_*.jsonl")):
        for line in open(file, encoding="utf-8"):
            lines.append(" ".join(json.loads(line)["text"].split()))
    own = sum(len(l.encode()) + 1 for l in lines)
    out, size = [], 0
    while size < MB:
        for l in lines:
            out.append(l)
            size += len(l.encode()) + 1
            if size >= MB:
                break
    return "\n".join(out) + "\n", own


def run(command):
    """Standard output, standard error, CPU seconds of a child."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return done.stdout, done.stderr, after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def main():
    from choppa import DEFAULT_SRX_RULESET

    hexapla, segcompare, folder, langs = sys.argv[1], sys.argv[2], Path(sys.argv[3]), sys.argv[4:]
    rules = str(DEFAULT_SRX_RULESET)
    print("| | own text | places | differ | whole process: choppa, ours | ratio | cutting, warm: choppa, ours | ratio |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for lang in langs:
        text, own = text_of(folder, lang)
        with tempfile.TemporaryDirectory() as room:
            path = f"{room}/text.{lang}.txt"
            Path(path).write_text(text, encoding="utf-8", newline="\n")
            whole, warm = [9e9, 9e9], [9e9, 9e9]
            for _ in range(RUNS):
                *_, spent = run([sys.executable, "-c", CHILD, lang, path, "1"])
                whole[0] = min(whole[0], spent)
                ours = ["segment", "--segmentation", rules, "--langs", lang, "--newlines", "paragraph", path]
                *_, spent = run([hexapla, *ours])
                whole[1] = min(whole[1], spent)
            theirs, spent, _ = run([sys.executable, "-c", CHILD, lang, path, "2"])
            warm[0] = float(spent)
            for _ in range(RUNS):
                cuts, told, _ = run([segcompare, "--srx", rules, lang, path])
                warm[1] = min(warm[1], len(text.encode()) / 1e6 / float(told.split("\n")[-2].split()[0]))
        pairs = list(zip(theirs.split("\n"), cuts.split("\n"), strict=True))
        a = [(k, s) for k, (t, _) in enumerate(pairs) for s in t.split()[1:]]
        b = [(k, s) for k, (_, o) in enumerate(pairs) for s in o.split()[1:]]
        differ = len(set(a) ^ set(b))
        print(
            f"| {lang} | {min(own, MB) / 1e6:.2f} MB | {len(a)} | {differ} "
            f"| {whole[0]:.2f} s, {whole[1]:.3f} s | {whole[0] / whole[1]:.0f} "
            f"| {warm[0]:.2f} s, {warm[1]:.3f} s | {warm[0] / warm[1]:.0f} |",
            flush=True,
        )


main()
