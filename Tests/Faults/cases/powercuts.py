"""The store is on a disk whose power fails at a random instant, again and again. What was acknowledged is there (F04).

The cut is ext4's shutdown without a flush of its journal: what no flush had brought to the disk is gone. The worker is killed, the disk mounted again,
which replays the journal, and the next worker finds another boot id, so that it must not believe the recorder. The loop can fail: `powercuts_blind`.
"""
import signal
import time

import check
import disks
import stored
from faultworld import Producers, World, left_out

LINE = "power cuts at random instants on a disk of its own"
CUTS = 100
#: In one world: the disk is small.
CUTS_OF_A_WORLD = 100


def run(bench):
    if why := disks.refusal():
        return left_out(bench, why)
    wanted, lost = bench.times(CUTS), 0
    for first in range(0, wanted, CUTS_OF_A_WORLD):
        with World(bench, f"world-{first}", data=False) as world, disks.LoopDisk(world.data, bench.work / f"{first}.img") as disk:
            power = Power(world, disk)
            for _ in range(min(CUTS_OF_A_WORLD, wanted - first)):
                power.cut()
            lost += power.settle()
    bench.figure("power cuts: acknowledged events lost", lost, 0, lost == 0)


class Power:
    def __init__(self, world, disk):
        self.world, self.disk, self.bench, self.producers = world, disk, world.bench, Producers()
        #: Attempts that were open at a cut, by their row: nobody can know what came of them.
        self.open = {}
        self.lost = set()
        world.slow_down(20)

    def cut(self, *under):
        """One worker, from its start to the cut: while it starts, some answers and a moment later, or while it stops. `under`: what it runs under."""
        chance = self.bench.chance
        when, answers, moment = chance.choices(["start", "load", "stop"], [2, 7, 1])[0], chance.randrange(1, 120), chance.uniform(0, 0.05)
        inside, posting = [*disks.another_boot(self.world.directory), *under], None
        worker = self.world.worker(inside=inside, ready=None if when == "start" else "Ready.")
        if when == "start":
            worker.said("Ready.", within=moment * 20)
        else:
            posting = self.producers.post(self.world.socket)
            posting.wait(answers)
            if when == "stop":
                worker.signal(signal.SIGTERM)
            time.sleep(moment)
        self.disk.cut()
        worker.kill()
        if posting:
            posting.join()
        self.disk.unmount()
        self.disk.mount()
        self.bench.ran("power cuts")
        self.bench.ran(f"of them in a {when}" if when != "load" else "of them under load")
        self.look()

    def look(self):
        """At what the disk has kept."""
        with stored.copy(self.world.data) as store:
            there = stored.events(store)
            self.open |= stored.open_attempts(store)
        self.lost |= {n for n in self.producers.acknowledged if f"ev-{n}" not in there}

    def settle(self):
        """Returns how many events are lost."""
        lost = check.settle(self.world, self.producers, inside=disks.another_boot(self.world.directory))
        with stored.copy(self.world.data) as store:
            states = stored.attempts(store)
        believed = {attempt: states.get(attempt) for attempt in self.open if states.get(attempt) not in ("ambiguous", "settled")}
        if believed:
            self.bench.broken(f"{len(believed)} attempts of another boot were settled as if somebody knew: {sorted(believed.items())[:3]}")
        self.bench.ran("attempts open at a cut", len(self.open))
        return lost
