"""Asked to stop under load: what was begun is finished, nothing is in doubt, and that within the limit (F91). Twice: at once, as if killed."""
import signal
import time

import check
import stored
from faultworld import Producers, World

LINE = "asked to stop under load, once and twice"
STOPS = 30
#: In seconds: what the unit file leaves is more.
LIMIT = 25
AT_ONCE = 128 + signal.SIGTERM


def run(bench):
    slowest = 0
    with World(bench, "once") as world:
        producers = Producers()
        world.slow_down(100)
        for _ in range(bench.times(STOPS)):
            slowest = max(slowest, one(world, producers))
        check.settle(world, producers)
        with stored.copy(world.data) as store:
            doubtful = sorted(attempt for attempt, state in stored.attempts(store).items() if state in ("ambiguous", "settled"))
        if doubtful:
            bench.broken(f"{len(doubtful)} attempts are in doubt after stops in order: {doubtful[:3]}")
    bench.figure("a stop in order, slowest (ms)", round(slowest * 1000), LIMIT * 1000, slowest < LIMIT)
    with World(bench, "twice") as world:
        producers = Producers()
        world.slow_down(400)
        for _ in range(bench.times(STOPS)):
            twice(world, producers)
        check.settle(world, producers)


def one(world, producers):
    """Returns how long it took."""
    bench = world.bench
    worker = world.worker()
    posting = producers.post(world.socket)
    posting.wait(bench.chance.randrange(1, 60))
    began = time.time()
    if (status := worker.stop()) != 0:
        bench.broken(f"asked to stop it ended with {status}: {worker.text()[-400:]}")
    posting.join()
    bench.ran("stops in order")
    return worker.end - began


def twice(world, producers):
    bench = world.bench
    worker = world.worker()
    posting = producers.post(world.socket)
    posting.wait(bench.chance.randrange(1, 60))
    worker.signal(signal.SIGTERM)
    time.sleep(bench.chance.choice([0, bench.chance.uniform(0, 0.3)]))
    worker.signal(signal.SIGTERM)
    # Two that come together are one to the kernel; then it stops in order.
    if (status := worker.ended()) not in (AT_ONCE, 0):
        bench.broken(f"asked twice it ended with {status}: {worker.text()[-400:]}")
    posting.join()
    bench.ran("stops at once" if status == AT_ONCE else "second signals that came too late, or with the first")
