"""The worker ends itself at each named point of the protocol (CrashPoint), with one message on its way and under load."""
from batches import Batch

LINE = "the end at each named crash point, alone and under load"
#: Rounds in one directory: each adds to what every later start finds.
BATCH = 5


def run(bench):
    left, total, cycles = bench.times(2), 0, 0
    while left > 0:
        rounds, seed = min(BATCH, left), bench.chance.randrange(1, 1 << 31)
        # Each run begins with every point once, alone.
        batch = Batch(bench, "crashpoints", seed, "--rounds", rounds - 1)
        bench.ran("cycles per point", rounds)
        bench.ran("ends", batch.value("cycles"))
        total += batch.offenders("I1") + batch.offenders("I2")
        bench.saw(False, batch.figures)
        left -= rounds
    bench.figure("crash points: lost or doubled", total, 0, total == 0)
