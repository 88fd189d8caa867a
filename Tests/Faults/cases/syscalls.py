"""A fault at the N-th system call of each sort, N rising until a run no longer gets there (F03, F07, F08).

`strace` kills the worker at the call, or answers in the kernel's place. Its counters are per thread, so one N is met by the first thread that comes so
far. Each run has a little load; the next one finds what it left. At the end of each sweep everything promised has to hold.
"""
import contextlib
import os
import re
import signal
from pathlib import Path

import check
from faultworld import Producers, World, left_out, missing

LINE = "killed, or refused, at the N-th system call of each sort"
#: Answers to producers in one run.
ANSWERS = 12
KILLED = ["fdatasync", "fsync", "write", "pwrite64", "sendto", "recvfrom", "rename", "unlink", "ftruncate"]
#: Call, error, and what the worker may do then: `stops` with the code of a failure, or goes on.
REFUSED = [
    ("fdatasync", "EIO", "stops"), ("fsync", "EIO", "stops"), ("pwrite64", "EIO", "stops"), ("pwrite64", "ENOSPC", "goes on"),
    ("openat", "EMFILE", "goes on"), ("socket", "EMFILE", "goes on"), ("accept4", "EMFILE", "goes on")]
FAILURE, UNAVAILABLE, CONFIGURATION = 1, 69, 78
#: Dispatch looks at its own threads so, and ends a process in which it cannot. Before that happens the worker has as many files as it may (`Host`).
DISPATCH = re.compile(r'"/proc/\d+/stat".*INJECTED')
#: Of a program that the loader could not start.
NOT_STARTED = 127


def run(bench):
    if wanting := missing(("strace", "strace")):
        return left_out(bench, f"needs the Debian package {wanting[0]}")
    longest = 0
    for call in KILLED:
        Sweep(bench, call, "signal=KILL").all()
    for call, error, then in REFUSED:
        sweep = Sweep(bench, call, f"error={error}", then)
        sweep.all()
        longest = max(longest, sweep.longest)
    bench.figure("from a failed write or flush to the end of the process, longest (ms)", round(longest * 1000), 1000, longest <= 1)


class Sweep:
    def __init__(self, bench, call, fault, then=None):
        self.bench, self.call, self.fault, self.then = bench, call, fault, then
        self.producers, self.longest = Producers(hands=4), 0

    def all(self):
        n, hits = 1, 0
        with World(self.bench, f"{self.call}-{self.fault.split('=')[1].lower()}") as self.world:
            self.log = self.bench.work / "strace.log"
            self.world.slow_down(5)
            while self.one(n):
                hits += 1
                n = max(n + 1, round(n * (1 + 0.4 / self.bench.scale)))
            check.settle(self.world, self.producers)
        self.bench.say(f"{self.call} {self.fault}: {hits} faults, out of reach at {n}")
        self.bench.ran(f"faults: {self.call} {self.fault}", hits)

    def one(self, n):
        """False when no thread came so far."""
        worker = self.world.worker(ready=None, inside=[
            "strace", "-f", "-qq", "-ttt", "-o", str(self.log), "-e", "signal=none", "-e", f"trace={self.call}", "-e",
            f"inject={self.call}:{self.fault}:when={n}"])
        answers = []
        is_ready = worker.said("Ready.")
        if is_ready:
            self.producers.post(self.world.socket, told=answers.append, at_most=ANSWERS).join()
            end(worker)
        status = worker.ended(30)
        at = self.injected()
        where = f"{self.call} {self.fault}:when={n}"
        if status is None:
            self.bench.broken(f"{where}: it hangs: {worker.text()[-300:]}")
            self.kill(worker)
        elif self.then is None:
            if status not in (0, -signal.SIGKILL):
                self.bench.broken(f"{where}: it ended with {status}: {worker.text()[-300:]}")
            return status != 0
        elif at is not None:
            self.judge(where, status, is_ready, worker, at, answers)
        elif status != 0:
            self.bench.broken(f"{where}: nothing was refused, and it ended with {status}: {worker.text()[-300:]}")
        return at is not None

    def judge(self, where, status, is_ready, worker, at, answers):
        """After a call was refused."""
        allowed = {FAILURE} if self.then == "stops" else {0}
        if not is_ready:
            # It may also say that it cannot start.
            allowed |= {0, FAILURE, UNAVAILABLE, CONFIGURATION, NOT_STARTED}
        if status == -signal.SIGILL and DISPATCH.search(self.log.read_text(errors="replace")):
            return self.bench.ran("ended by Dispatch, which could not look at its threads")
        if status not in allowed:
            self.bench.broken(f"{where}: it ended with {status}, not {sorted(allowed)}: {worker.text()[-300:]}")
        if self.then == "stops" and is_ready:
            self.longest = max(self.longest, worker.end - at)
            if late := [answer.n for answer in answers if answer.is_acknowledged and answer.asked > at]:
                self.bench.broken(f"{where}: acknowledged after the error: {late}")

    def injected(self):
        """When the first call was refused; None: never."""
        for line in self.log.read_text(errors="replace").splitlines():
            if "(INJECTED)" in line:
                return float(re.search(r"\d+\.\d+", line).group())
        return None

    def kill(self, worker):
        end(worker, signal.SIGKILL)
        worker.kill()


def traced(worker):
    place = Path(f"/proc/{worker.process.pid}/task/{worker.process.pid}/children")
    return [int(pid) for pid in place.read_text().split()] if place.exists() else []


def end(worker, number=signal.SIGTERM):
    """The signal goes to the worker: strace would keep it for itself."""
    for pid in traced(worker):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
