#!/usr/bin/env python3
"""Proves and measures `hexapla batch` on a corpus that corpus.py made.

    prove.py HEXAPLA CORPUS WORK all|reasons|identical|kill|threads|shell|memory|speed|encoder … [--encoder NAME]

WORK is an empty folder, or one in which this corpus was proved before with the same program and encoder (default: none).
Every proof prints what it found and fails (exit status 1) where it is not as it must be; `threads` and `shell` only measure,
for they tell something on a quiet machine alone.

reasons    every document ends as expected.tsv says
identical  every good document is byte-identical to a single run of `hexapla align`
kill       kill -9 at 20 random moments, then --resume: outputs and reports equal an uninterrupted run's; after every
           kill, all outputs that stand under their names are whole
threads    time with one thread against time with two
shell      time of `align` in a shell loop over small documents against one batch of them: pairs of runs in turn, of which
           the median counts
memory     the process's peak against --memory, and the peak of single documents against the estimate
speed      MB of text a minute on one thread, without an encoder
encoder    the share of time that the built-in encoder takes
"""

import argparse
import json
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

ENV = {**os.environ, "SOURCE_DATE_EPOCH": "1756771200"}
# Pairs of runs that `shell` takes the median of.
ROUNDS = 5


class Proof:
    def __init__(self, hexapla, corpus, work, encoder):
        self.encoder_name = encoder
        self.hexapla, self.corpus, self.work = Path(hexapla).resolve(), Path(corpus).resolve(), Path(work).resolve()
        self.work.mkdir(parents=True, exist_ok=True)
        self.lines = [json.loads(line) for line in (self.corpus / "manifest.jsonl").open(encoding="utf-8")]
        self.expected = dict(line.rstrip("\n").split("\t") for line in (self.corpus / "expected.tsv").open(encoding="utf-8"))

    def fail(self, what):
        sys.exit(f"prove.py: {what}")

    def command(self, out, *options, manifest=None):
        manifest = manifest or self.corpus / "manifest.jsonl"
        return [self.hexapla, "batch", manifest, "-o", self.work / out, "--to", "tsv", "--encoder", self.encoder_name,
                "--quiet", *options]

    def timed(self, command):
        """Seconds by the clock, seconds of the processor, peak in MiB."""
        began = time.time()
        child = subprocess.Popen(command, env=ENV)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        return child.returncode, time.time() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024

    def fresh(self, out):
        shutil.rmtree(self.work / out, ignore_errors=True)
        return out

    def whole(self):
        """An uninterrupted run, once."""
        if not (self.work / "whole" / "report.json").exists():
            code, seconds, cpu, peak = self.timed(self.command(self.fresh("whole")))
            if code != 1:
                self.fail(f"the batch ended with {code}; 1 is right, for some documents are broken")
            (self.work / "whole.seconds").write_text(str(seconds))
            print(f"whole: {len(self.lines)} documents in {seconds:.1f} s ({cpu:.1f} s of processor), peak {peak:.0f} MiB")
        return self.work / "whole"

    def tree(self, root):
        files = (p for p in root.rglob("*") if p.is_file() and p.name not in ("journal.jsonl", ".hexapla.lock"))
        return {str(p.relative_to(root)): p.read_bytes() for p in files}

    def write_manifest(self, name, ids):
        ids = set(ids)
        path = self.work / name
        with path.open("w", encoding="utf-8") as out:
            for line in self.lines:
                if line["id"] in ids:
                    at = lambda side: {**side, "path": str(self.corpus / side["path"])}
                    out.write(json.dumps({**line, "source": at(line["source"]), "versions": [at(v) for v in line["versions"]]}) + "\n")
        return path

    def bytes_of(self, line):
        return sum((self.corpus / s["path"]).stat().st_size for s in (line["source"], *line["versions"]))

    def good(self):
        return [line for line in self.lines if self.expected[line["id"]] == "aligned"]

    def small(self, most, count):
        return [line for line in self.good() if self.bytes_of(line) < most][:count]

    def reasons(self):
        report = json.loads((self.whole() / "report.json").read_text(encoding="utf-8"))
        found = {d["id"]: d["fault"]["reason"] if "fault" in d else "aligned" for d in report["documents"]}
        wrong = {k: (v, found.get(k)) for k, v in self.expected.items() if found.get(k) != v}
        print("reasons:", dict(sorted(Counter(found.values()).items())))
        for k, (want, have) in list(wrong.items())[:20]:
            quality = next(d.get("quality") for d in report["documents"] if d["id"] == k)
            print(f"  {k}: expected {want}, found {have} (quality {quality})")
        if wrong:
            self.fail(f"{len(wrong)} of {len(self.expected)} documents did not end as expected")

    def identical(self):
        root, apart = self.whole(), 0
        single, differing, seconds = self.work / "single.tsv", [], time.time()
        good = self.good()
        for line in good:
            source, version = line["source"], line["versions"][0]
            langs = f"{source['lang']},{version['lang']}"
            subprocess.run([self.hexapla, "align", self.corpus / source["path"], self.corpus / version["path"], "--langs", langs,
                            "-o", single, "--encoder", self.encoder_name, "--quiet"], env=ENV, check=True)
            path = root / "aligned" / (line["id"] + ".tsv")
            # A good pair that was taken for a bad one has its output there.
            apart += not path.exists()
            path = path if path.exists() else root / "rejected" / (line["id"] + ".tsv")
            if not path.exists() or path.read_bytes() != single.read_bytes():
                differing.append(line["id"])
        print(f"identical: {len(good) - len(differing)} of {len(good)} good documents equal `align` "
              f"({apart} of them in rejected/; {time.time() - seconds:.0f} s)")
        if differing:
            self.fail(f"differing: {differing[:5]}")

    def kill(self):
        whole = self.whole()
        seconds = float((self.work / "whole.seconds").read_text())
        rng, out = random.Random(20), self.fresh("killed")
        killed, expected = 0, self.tree(whole)
        journal = self.work / out / "journal.jsonl"

        def entered():
            lines = journal.open(encoding="utf-8") if journal.exists() else ()
            return sum(line.startswith('{"done"') for line in lines)

        for _ in range(20):
            child = subprocess.Popen(self.command(out, "--resume"), env=ENV)
            # Moments spread over the work, not over time: the longest documents are begun first.
            wanted, began = entered() + rng.uniform(0, len(self.lines) / 10), time.time()
            while child.poll() is None and entered() < wanted and time.time() - began < seconds:
                time.sleep(0.01)
            time.sleep(rng.uniform(0, 0.2))
            if child.poll() is None:
                child.send_signal(signal.SIGKILL)
                killed += 1
            child.wait()
            half = [k for k, b in self.tree(self.work / out).items() if k.endswith(".tsv") and b != expected.get(k)]
            if half:
                self.fail(f"outputs that are not whole after a kill: {half[:5]}")
        done = entered()
        code, *_ = self.timed(self.command(out, "--resume"))
        a, b = expected, self.tree(self.work / out)
        differing = sorted(k for k in a.keys() | b.keys() if a.get(k) != b.get(k))
        print(f"kill: {killed} kills of 20 hit a run; {done} documents were entered before the last; "
              f"{len(differing)} of {len(a)} files differ from the uninterrupted run's; exit status {code}")
        if differing or killed < 15:
            self.fail(f"differing: {differing[:5]}")

    def threads(self):
        times = {}
        for turn in range(2):
            for jobs in ("1", "2"):
                _, seconds, cpu, peak = self.timed(self.command(self.fresh("threads"), "--jobs", jobs))
                times.setdefault(jobs, []).append(seconds)
                print(f"threads: {jobs}: {seconds:.1f} s, {cpu:.1f} s of processor, peak {peak:.0f} MiB")
        print(f"threads: two are {min(times['1']) / min(times['2']):.2f} times one (1.7 is asked)")

    def shell(self):
        for name, most, count in (("none", 20_000, 400), ("none", 5_000, 400), ("builtin", 20_000, 60), ("builtin", 5_000, 60)):
            small = self.small(most, count)
            manifest = self.write_manifest("small.jsonl", [line["id"] for line in small])
            loop = self.work / "loop.sh"
            with loop.open("w", encoding="utf-8") as out:
                for k, line in enumerate(small):
                    s, v = line["source"], line["versions"][0]
                    out.write(f"'{self.hexapla}' align '{self.corpus / s['path']}' '{self.corpus / v['path']}' --langs "
                              f"{s['lang']},{v['lang']} -o '{self.work}/loop.{k % 9}.tsv' --encoder {name} --quiet\n")
            batch = self.command("small", manifest=manifest)
            batch[batch.index("--encoder") + 1] = name
            pairs = []
            for turn in range(ROUNDS):
                # One right after the other, and the order in turn, so that both have their share of what else the machine
                # does; a pair in which they had not is no median.
                took = {}
                for what in ("loop", "batch") if turn % 2 == 0 else ("batch", "loop"):
                    self.fresh("small")
                    _, seconds, cpu, _ = self.timed(["sh", loop] if what == "loop" else batch)
                    took[what] = (seconds, cpu)
                pairs.append([(took["loop"][k], took["batch"][k], took["loop"][k] / took["batch"][k]) for k in (0, 1)])
            size = sum(self.bytes_of(line) for line in small) / len(small) / 1000
            clock, cpu = ([statistics.median(pair[k][n] for pair in pairs) for n in range(3)] for k in (0, 1))
            spread = sorted(pair[0][2] for pair in pairs)
            each = lambda seconds: f"{1000 * seconds / len(small):.2f}"
            print(f"shell: {len(small)} documents of {size:.1f} kB, encoder {name}, ms a document: loop {each(clock[0])} "
                  f"({each(cpu[0])} of processor), batch {each(clock[1])} ({each(cpu[1])}): {clock[2]:.2f} times by the clock (3 is "
                  f"asked; {spread[0]:.2f} to {spread[-1]:.2f}), {cpu[2]:.2f} by the processor", flush=True)

    def memory(self):
        # The long ones, of which each may want all memory, and some hundred small ones beside them.
        long = sorted(self.good(), key=self.bytes_of)[-12:]
        manifest = self.write_manifest("memory.jsonl", [line["id"] for line in (*long, *self.small(40_000, 300))])
        for size, name in (("200M", "none"), ("600M", "none"), ("1G", "none"), ("4G", "none"), ("1G", "builtin")):
            command = self.command(self.fresh("memory"), "--memory", size, manifest=manifest)
            command[command.index("--encoder") + 1] = name
            code, seconds, _, peak = self.timed(command)
            report = json.loads((self.work / "memory" / "report.json").read_text(encoding="utf-8"))
            print(f"memory: --memory {size}, encoder {name}: peak {peak:.0f} MiB, {seconds:.0f} s, "
                  f"{report['reasons'].get('memory', 0)} documents refused")
            limit = {"200M": 200, "600M": 600, "1G": 1024, "4G": 4096}[size]
            if peak > limit:
                self.fail(f"the peak is over --memory {size}")
        for line in self.good()[:6]:
            manifest = self.write_manifest("one.jsonl", [line["id"]])
            _, seconds, _, peak = self.timed(self.command(self.fresh("one"), "--jobs", "1", manifest=manifest))
            size = self.bytes_of(line)
            print(f"memory: {line['id']}: {size / 1e6:.2f} MB of text, peak {peak:.0f} MiB, {seconds:.2f} s")

    def speed(self):
        _, seconds, cpu, _ = self.timed(self.command(self.fresh("speed"), "--jobs", "1"))
        size = sum(self.bytes_of(line) for line in self.good()) / 1e6
        print(f"speed: {size:.1f} MB of text in {seconds:.1f} s on one thread, {cpu:.1f} s of processor: "
              f"{size / seconds * 60:.0f} MB a minute by the clock, {size / cpu * 60:.0f} by the processor (30 is asked)")

    def encoder(self):
        sizes = [line for line in self.good() if 10_000 < self.bytes_of(line) < 60_000][:30]
        manifest = self.write_manifest("encoder.jsonl", [line["id"] for line in sizes])
        used = {}
        for name in ("none", "builtin"):
            command = self.command(self.fresh("encoder"), "--jobs", "1", manifest=manifest)
            command[command.index("--encoder") + 1] = name
            _, seconds, cpu, peak = self.timed(command)
            used[name] = cpu
            print(f"encoder: {name}: {len(sizes)} documents, {seconds:.1f} s, {cpu:.1f} s of processor, peak {peak:.0f} MiB")
        print(f"encoder: it takes {100 * (1 - used['none'] / used['builtin']):.0f} % of the time (80 is asked)")


PROOFS = ["reasons", "identical", "kill", "threads", "shell", "memory", "speed", "encoder"]


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("hexapla")
    parser.add_argument("corpus")
    parser.add_argument("work")
    parser.add_argument("proofs", nargs="+", choices=[*PROOFS, "all"])
    parser.add_argument("--encoder", default="none")
    args = parser.parse_args()
    proof = Proof(args.hexapla, args.corpus, args.work, args.encoder)
    names = PROOFS if "all" in args.proofs else args.proofs
    print("load of the machine when this began: %.1f %.1f %.1f" % os.getloadavg())
    for name in names:
        getattr(proof, name)()


if __name__ == "__main__":
    main()
