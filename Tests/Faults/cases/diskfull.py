"""The disk gets short, full, and read-only under load (F08, F09).

Short: what is not urgent hears 503 with a time, what is urgent is still taken; then that as well. Full, at random moments: nobody is told yes, the worker
goes on, and what came back meanwhile is recorded when there is room again. Read-only: the worker stops with the code of a failure.
"""
import signal
import threading
import time
from pathlib import Path

import check
import disks
from faultworld import Line, Producers, World, left_out

LINE = "the disk short, full and read-only under load"
ROUNDS = 5
READ_ONLY = 6
FAILURE, UNAVAILABLE = 1, 69


def run(bench):
    if why := disks.refusal():
        return left_out(bench, why)
    with World(bench, "short", min_free="4MiB", data=False) as world, disks.SmallDisk(world.data) as disk:
        short(world, disk)
    with World(bench, "full-memory", data=False) as world, disks.SmallDisk(world.data, mebibytes=64) as disk:
        full(world, disk)
    with World(bench, "full-ext4", data=False) as world, disks.LoopDisk(world.data, bench.work / "full.img", mebibytes=64) as disk:
        full(world, disk)
    with World(bench, "read-only", data=False) as world, disks.LoopDisk(world.data, bench.work / "read-only.img") as disk:
        read_only(world, disk)


def short(world, disk):
    """High is refused last."""
    bench, producers = world.bench, Producers(hands=2)
    worker = world.worker()
    for left, urgent, other in [(5 << 20, True, True), (2 << 20, True, False), (512 << 10, False, False), (5 << 20, True, True)]:
        disk.make_room()
        disk.fill(leaving=left)
        # The marks are looked at once a second.
        time.sleep(1.1)
        for kind, wanted in [("risk_hold", urgent), ("limit_exceeded", other)]:
            answer = producers.once(producers.take(), Line(world.socket), kind)
            judge(bench, f"{kind} with {left >> 10} KiB left", answer, wanted)
            bench.ran("events at a mark")
    if (status := worker.stop()) != 0:
        bench.broken(f"with room it ended with {status}")
    disk.make_room()
    check.settle(world, producers)


def judge(bench, where, answer, wanted):
    if answer is None:
        return bench.broken(f"{where}: no answer")
    if answer.is_acknowledged != wanted:
        bench.broken(f"{where}: {answer.status} {answer.body[:200]}")
    if not wanted and not (answer.status == 503 and answer.retry_after and int(answer.retry_after) > 0):
        bench.broken(f"{where}: {answer.status}, Retry-After {answer.retry_after}")


def full(world, disk):
    """No room at all, suddenly, with requests on the wire."""
    bench, chance, producers = world.bench, world.bench.chance, Producers()
    world.slow_down(200)
    worker = world.worker()
    for _ in range(bench.times(ROUNDS)):
        heard = Heard(bench)
        posting = producers.post(world.socket, told=heard)
        posting.wait(chance.randrange(1, 40))
        disk.fill()
        heard.wait(lambda: heard.refused > 8)
        time.sleep(chance.uniform(0, 1.5))
        disk.make_room()
        before = heard.taken
        heard.wait(lambda: heard.taken > before + 8)
        posting.end()
        bench.ran("times the disk was full")
        if worker.process.poll() is not None:
            bench.broken(f"on a full disk it ended with {worker.process.poll()}: {worker.text()[-500:]}")
            worker = world.worker()
    stop_while_full(world, disk, producers, worker)
    start_while_full(world, disk)
    check.settle(world, producers)


class Heard:
    """What producers were told while the disk was full or about to be."""

    def __init__(self, bench):
        self.bench, self.taken, self.refused, self.changed = bench, 0, 0, threading.Condition()

    def __call__(self, answer):
        if not answer.is_acknowledged:
            judge(self.bench, "full", answer, False)
        with self.changed:
            if answer.is_acknowledged:
                self.taken += 1
            else:
                self.refused += 1
                self.bench.ran("refused for want of room")
            self.changed.notify_all()

    def wait(self, holds):
        with self.changed:
            if not self.changed.wait_for(holds, 20):
                self.bench.broken(f"for 20 s nothing more: {self.taken} taken, {self.refused} refused")


def stop_while_full(world, disk, producers, worker):
    """What came back cannot be written down: the next one settles it, as after a kill."""
    posting = producers.post(world.socket)
    posting.wait(20)
    disk.fill()
    if (status := worker.stop()) not in (0, FAILURE):
        world.bench.broken(f"asked to stop on a full disk it ended with {status}: {worker.text()[-500:]}")
        worker.kill()
    posting.join()
    disk.make_room()


def start_while_full(world, disk):
    disk.fill()
    worker = world.worker(ready=None)
    if worker.said("Ready."):
        worker.stop()
    elif (status := worker.ended()) not in (FAILURE, UNAVAILABLE):
        world.bench.broken(f"started on a full disk it ended with {status}: {worker.text()[-500:]}")
    disk.make_room()


def stand_still(worker):
    """Returns when each of its threads has left the kernel."""
    worker.signal(signal.SIGSTOP)
    tasks, end = Path(f"/proc/{worker.process.pid}/task"), time.monotonic() + 30
    while time.monotonic() < end:
        if all((task / "stat").read_text().rsplit(")", 1)[1].split()[0] == "T" for task in tasks.iterdir()):
            return
        time.sleep(0.002)


def read_only(world, disk):
    bench, chance, producers = world.bench, world.bench.chance, Producers()
    world.slow_down(20)
    for _ in range(bench.times(READ_ONLY)):
        answers = []
        worker = world.worker()
        posting = producers.post(world.socket, told=answers.append)
        posting.wait(chance.randrange(1, 60))
        # With no flush on its way: ext4 answers one that meets the abort with success and drops it, to any program.
        stand_still(worker)
        disk.abort()
        worker.signal(signal.SIGCONT)
        at = time.time()
        posting.wait(1 << 30)
        if (status := worker.ended(30)) != FAILURE:
            bench.broken(f"on a disk that became read-only it ended with {status}: {worker.text()[-500:]}")
            worker.kill()
        posting.join()
        if late := [answer.n for answer in answers if answer.is_acknowledged and answer.asked > at]:
            bench.broken(f"acknowledged on a read-only disk: {late}")
        disk.unmount()
        disk.mount()
        bench.ran("read-only")
    check.settle(world, producers)
