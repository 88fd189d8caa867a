#!/usr/bin/env python3
"""`make fault`: what breaks the promises on purpose, for as long as one likes. docs/faults.md explains each case.

    fault.py [--only CASE,...] [--scale X] [--seed N] [--keep]

A case is a module of cases/ with LINE (one line of help) and run(bench). It says what it ran, what broke, and its figures. Two files come of a run:
.build/fault.json, {figure: {"value", "target", "ok"}} of all that is known, and docs/fault-report.json, which adds this run's seeds and counts to those before,
with docs/fault-report.md for people. --scale multiplies the counts of a case: 1 takes some minutes each. The exit code is 1 when something broke; a
figure that is not reached yet is none of that.
"""
import argparse
import functools
import importlib
import random
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

import report

ROOT = Path(__file__).resolve().parents[2]
CASES = sorted(path.stem for path in (ROOT / "Tests/Faults/cases").glob("*.py") if path.stem != "__init__")

#: What is in Sources/ and in `clarion`.
SHIPPED = sorted({path.name for path in (ROOT / "Sources").iterdir()} - {"TestKit", "MemoryStore", "Simulator"})


class Bench:
    """What a case works with, and what it says."""

    def __init__(self, case, seed, scale, work):
        self.case, self.seed, self.scale, self.work = case, seed, scale, Path(work)
        self.chance = random.Random(f"{case} {seed}")
        self.counts, self.breaks, self.figures = {}, [], {}
        #: What the checker measured of workers, by whether they are what ships: the most of each.
        self.most = {True: {}, False: {}}

    #: Built with `swift build`: names crash points, and is what most cases drive.
    debug = ROOT / ".build/debug/clarion"
    #: Built with `make release`: what figures of time and memory are taken from.
    release = ROOT / ".build/release/clarion"
    #: Commands of the bench's own: `FaultBench check`, …
    tools = ROOT / ".build/debug/FaultBench"

    @functools.cached_property
    def shipped(self):
        """The release program; the debug one when it is not built, or older than the sources."""
        sources = (path.stat().st_mtime for part in SHIPPED for path in (ROOT / "Sources" / part).rglob("*") if path.is_file())
        if self.release.exists() and self.release.stat().st_mtime > max(sources):
            return self.release
        self.say("the release program is not there, or older than the sources: the debug one is tried, which gives no figures")
        return self.debug

    def saw(self, is_shipped, figures):
        """What the checker measured of a run's workers."""
        most = self.most[is_shipped]
        for name in ("longest_turn_ms", "rss_bytes"):
            if name in figures:
                most[name] = max(most.get(name, 0), figures[name])

    def tell_of_workers(self):
        """The figures of what ships; of a debug build, words."""
        most = self.most[True]
        if (turn := most.get("longest_turn_ms")) is not None:
            self.figure(report.TURN % self.case, turn, 50, turn <= 50)
        if (size := most.get("rss_bytes")) is not None:
            self.figure(report.RESIDENT % self.case, round(size / 2**20, 1), 128, size <= 128 << 20)
        if debug := self.most[False]:
            self.say(f"debug builds: longest turn of the send loop {debug.get('longest_turn_ms')} ms, "
                     f"resident {debug.get('rss_bytes', 0) / 2**20:.1f} MiB; no figures")

    def times(self, count):
        """How often, at this scale; at least once."""
        return max(1, round(count * self.scale))

    def ran(self, what, count=1):
        """Counts, e.g. ran("kills", 50). They add up over runs."""
        self.counts[what] = self.counts.get(what, 0) + count

    def broken(self, words):
        """A promise that did not hold, with what is needed to see it again."""
        self.breaks.append(words)
        print(f"  BROKEN {self.case}: {words}", flush=True)

    def figure(self, name, value, target, ok):
        """A measured figure. `target` is a number, or words."""
        self.figures[name] = {"value": value, "target": target, "ok": bool(ok)}
        print(f"  {name:<56} {value:>14,} of {target}  {'ok' if ok else 'NOT REACHED'}", flush=True)

    def say(self, words):
        print(f"  {words}", flush=True)


class Noise:
    def __init__(self):
        program = Path(__file__).with_name("noise.py")
        self.process = subprocess.Popen([sys.executable, program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def end(self):
        """Milliseconds."""
        return int(self.process.communicate()[0])


def run(case, options):
    module = importlib.import_module(f"cases.{case}")
    work = tempfile.mkdtemp(prefix=f"clarion-fault-{case}-")
    bench = Bench(case, options.seed, options.scale, work)
    print(f"{case}: {module.LINE} (seed {options.seed}, scale {options.scale:g})", flush=True)
    began, noise = time.monotonic(), Noise()
    try:
        module.run(bench)
        bench.tell_of_workers()
    except Exception:  # noqa: BLE001 a case that fails is a break, and the others go on
        bench.broken(f"the case itself failed: {traceback.format_exc(limit=3)}")
    if bench.breaks or options.keep:
        print(f"  left for you: {work}")
    else:
        report.remove(bench.work)
    seconds, bench.noise = round(time.monotonic() - began, 1), noise.end()
    bench.say(f"meanwhile the machine let a process that was due wait for up to {bench.noise} ms")
    print(f"  {', '.join(f'{count:,} {what}' for what, count in bench.counts.items())}; {len(bench.breaks)} broken; {seconds} s", flush=True)
    return bench, seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help=f"of {', '.join(CASES)}")
    parser.add_argument("--scale", type=float, default=1)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1, 1_000_000))
    parser.add_argument("--keep", action="store_true", help="keep the work directories")
    options = parser.parse_args()
    wanted = [name for name in options.only.split(",") if name] or CASES
    if unknown := set(wanted) - set(CASES):
        parser.error(f"no such case: {', '.join(sorted(unknown))}; there are {', '.join(CASES)}")
    broken = 0
    for case in wanted:
        bench, seconds = run(case, options)
        report.add(ROOT, bench, seconds)
        broken += len(bench.breaks)
    report.write(ROOT)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
