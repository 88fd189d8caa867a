"""Starts that go wrong: two at once, killed while they begin, beside a recorder that is damaged or another's, on a store that is newer (F12, F15, F18)."""
import os
import sqlite3
import time
from contextlib import closing

import check
import disks
import stored
from faultworld import Producers, World

LINE = "two at once, killed while it begins, beside a damaged recorder"
RACES, KILLS, DAMAGES = 50, 60, 16
UNAVAILABLE = 69


def run(bench):
    with World(bench, "races") as world:
        races(world)
    with World(bench, "begun") as world:
        killed_beginning(world)
    with World(bench, "recorder") as world:
        recorders(world)
    newer(bench)


def races(world):
    """Exactly one runs; the other ends with its code and has touched nothing."""
    bench, chance, producers, slowest = world.bench, world.bench.chance, Producers(), 0
    for _ in range(bench.times(RACES)):
        began = time.time()
        pair = [world.worker(ready=None)]
        time.sleep(chance.choice([0, 0, chance.uniform(0, 0.8)]))
        second = time.time()
        pair.append(world.worker(ready=None))
        losers = [ended for ended in wait_for_one(pair) if ended is not None]
        winners = [worker for worker in pair if worker not in losers]
        if len(losers) != 1 or losers[0].process.returncode != UNAVAILABLE or "in use" not in losers[0].text():
            bench.broken(f"two at once ended with {[worker.process.poll() for worker in pair]}: {[worker.text()[-200:] for worker in pair]}")
        elif not winners[0].said("Ready."):
            bench.broken(f"the one that was left does not run: {winners[0].text()[-300:]}")
        else:
            slowest = max(slowest, losers[0].end - (began if losers[0] is pair[0] else second))
            producers.post(world.socket, at_most=3).join()
        for worker in winners:
            worker.kill() if chance.random() < 0.5 else worker.stop()
        bench.ran("races")
    check.settle(world, producers)
    if world.is_shipped:
        bench.figure("a second instance ends, slowest (ms)", round(slowest * 1000), 1000, slowest < 1)
    else:
        bench.say(f"a second instance ended within {slowest * 1000:,.0f} ms; the figure needs `make release`")


def wait_for_one(pair, within=30):
    """Those that have ended, once one has."""
    end = time.monotonic() + within
    while not any(worker.process.poll() is not None for worker in pair) and time.monotonic() < end:
        time.sleep(0.005)
    ended = [worker for worker in pair if worker.process.poll() is not None]
    for worker in ended:
        worker.ended()
    return ended


def killed_beginning(world):
    """On no store, on half of one, with attempts that the last one left open: it gets through in the end, and nothing is done twice."""
    bench, chance, producers = world.bench, world.bench.chance, Producers()
    world.slow_down(20)
    begin = how_long(world)
    for n in range(bench.times(KILLS // 2)):
        if n % 3 == 0:
            for name in os.listdir(world.data):
                os.unlink(world.data / name)
        kill_beginning(world, begin)
        bench.ran("kills while a store is made")
    for _ in range(bench.times(KILLS // 4)):
        # So that there is something to settle.
        worker = world.worker()
        posting = producers.post(world.socket)
        posting.wait(chance.randrange(5, 40))
        worker.kill()
        posting.join()
        for _ in range(chance.randrange(1, 4)):
            kill_beginning(world, begin)
            bench.ran("kills while it recovers")
    check.settle(world, producers)


def kill_beginning(world, begin):
    bench = world.bench
    worker = world.worker(ready=None)
    time.sleep(bench.chance.uniform(0.005, begin))
    if worker.process.poll() is not None:
        bench.broken(f"while it began it ended with {worker.process.poll()}: {worker.text()[-300:]}")
    worker.kill()
    if (world.data / "clarion.db").exists():
        with stored.copy(world.data) as store:
            version, tables = stored.version(store), stored.tables(store)
        if (version == 0) != (tables == 0):
            bench.broken(f"half a schema: version {version} with {tables} tables")


def how_long(world):
    began = time.monotonic()
    world.worker().kill()
    return time.monotonic() - began


def recorders(world):
    """Damaged, cut short, gone, of another boot: what was open is in doubt, or what can be proven of it."""
    bench, chance, producers = world.bench, world.bench.chance, Producers()
    world.slow_down(50)
    doubtful = {}
    for _ in range(bench.times(DAMAGES)):
        worker = world.worker()
        posting = producers.post(world.socket)
        posting.wait(chance.randrange(5, 40))
        worker.kill()
        posting.join()
        name = chance.choice(sorted(WAYS))
        if WAYS[name](world.data / "clarion.flight", chance):
            with stored.copy(world.data) as store:
                doubtful |= {attempt: name for attempt in stored.open_attempts(store)}
        world.worker(inside=disks.another_boot(world.directory) if name == ANOTHER_BOOT else ()).stop()
        bench.ran(f"recorders: {name}")
    check.settle(world, producers)
    with stored.copy(world.data) as store:
        states = stored.attempts(store)
    if wrong := {attempt: (name, states.get(attempt)) for attempt, name in doubtful.items() if states.get(attempt) not in ("ambiguous", "settled")}:
        bench.broken(f"{len(wrong)} attempts were settled by a recorder that says nothing: {sorted(wrong.items())[:3]}")
    bench.ran("attempts in doubt for want of a recorder", len(doubtful))


ANOTHER_BOOT = "of another boot"


def cut_short(path, chance):
    os.truncate(path, chance.randrange(0, path.stat().st_size))
    return True


def flip(path, chance, first, last, count):
    with open(path, "r+b") as file:
        for place in chance.sample(range(first, last), count):
            file.seek(place)
            byte = file.read(1)[0]
            file.seek(place)
            file.write(bytes([byte ^ 1 << chance.randrange(8)]))


def hurt_head(path, chance):
    flip(path, chance, 0, 96, 1)
    return True


def hurt_slots(path, chance):
    """Some of them: what the others say counts."""
    size = path.stat().st_size
    flip(path, chance, 4096, size, min(4096, size // 64))
    return False


def show_others(path, _):
    path.chmod(0o644)
    return True


def remove(path, _):
    path.unlink()
    return True


#: What is done to a recorder, and whether it says nothing at all then.
WAYS = {
    "whole": lambda path, chance: False, "cut short": cut_short, "gone": remove, "head damaged": hurt_head, "slots damaged": hurt_slots,
    "readable by others": show_others}
if disks.refusal() is None:
    WAYS[ANOTHER_BOOT] = lambda path, chance: True


def newer(bench):
    """A store of a program that is not written yet is refused, with words, and stays as it was."""
    with World(bench, "newer") as world:
        world.worker().stop()
        with closing(sqlite3.connect(world.data / "clarion.db")) as store:
            store.execute("PRAGMA user_version = 9")
            store.commit()
        before = (world.data / "clarion.db").read_bytes()
        worker = world.worker(ready=None)
        if (status := worker.ended()) != UNAVAILABLE or "newer" not in worker.text():
            bench.broken(f"on a newer store it ended with {status}: {worker.text()[-300:]}")
        if (world.data / "clarion.db").read_bytes() != before:
            bench.broken("a newer store was changed")
        bench.ran("newer stores refused")
