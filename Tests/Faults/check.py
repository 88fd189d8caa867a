"""Whether everything that was promised holds at the end of a world."""
import json
import subprocess

import stored

#: What has to have been looked at in every world of ours: caps, leaks, what is held.
LOOKED_AT = ("I7", "I10", "I13")
#: Events, how long providers take in milliseconds, and whether a look after it counts: the first is to open what is kept open.
LOADS = [(160, 400, False), (40, 0, True), (40, 0, True)]


def settle(world, producers, worker=None, **how):
    """Posts what is open, lets everything end, and checks. `worker`: one that runs. Returns how many acknowledged events are lost."""
    worker = worker or world.worker(**how)
    producers.post_the_rest(world.socket)
    hold_nothing(world, producers, worker)
    if (status := worker.stop()) != 0:
        world.bench.broken(f"the last worker ended with {status}: {worker.text()[-600:]}")
    world.drain(**how)
    return held(world, producers)


def hold_nothing(world, producers, worker):
    """Connections and threads are kept for what comes next. So a lot comes at once, and then twice the same: the second time nothing may be added."""
    for count, stall, counts in LOADS:
        world.slow_down(stall)
        producers.post(world.socket, at_most=count).join()
        if not worker.watch.look_when_quiet(counts):
            world.bench.broken(f"{world.directory.name}: the last worker is never quiet")


def held(world, producers):
    """The checker's word: what was posted, what providers took and the store, against each other."""
    bench = world.bench
    producers.write(world.directory / "input.jsonl")
    if producers.open or producers.wrong:
        bench.broken(f"never answered: {producers.open[:5]}; refused: {producers.wrong[:5]}")
    with stored.copy(world.data) as store:
        there = stored.events(store)
        lost = sorted(n for n in producers.acknowledged if f"ev-{n}" not in there)
        if lost:
            bench.broken(f"{len(lost)} acknowledged events are lost, the first ev-{lost[0]}")
        if not stored.is_whole(store):
            bench.broken("integrity_check does not say ok")
        if fence := stored.fence(store):
            bench.broken(f"the store is fenced: {fence}")
        states = stored.deliveries(store)
    world.plant()
    judge(world)
    bench.ran("acknowledged events", len(producers.acknowledged))
    bench.ran("messages that providers took", len(world.taken()))
    bench.ran("deliveries in doubt, all listed", sum(count for (_, state), count in states.items() if state in ("ambiguous", "unknown")))
    return len(lost)


def judge(world):
    done = subprocess.run(
        [world.bench.tools, "check", world.directory, "--all"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=600)
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    for line in lines:
        if "breach" in line or line.get("invariant") in LOOKED_AT and "unchecked" in line:
            world.bench.broken(f"{world.directory.name}: {line}")
    if done.returncode not in (0, 1):
        world.bench.broken(f"{world.directory.name}: the checker ended with {done.returncode}: {done.stderr[-600:]}")
    figures = {line["figure"]: line["value"] for line in lines if "figure" in line}
    if not world.is_slowed:
        world.bench.saw(world.is_shipped, figures)
