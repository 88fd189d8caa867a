"""Whether everything that was promised holds at the end of a world."""
import subprocess

import stored


def settle(world, producers, **how):
    """Posts what is open, lets everything end, and checks. Returns how many acknowledged events are lost."""
    worker = world.worker(**how)
    producers.post_the_rest(world.socket)
    if (status := worker.stop()) != 0:
        world.bench.broken(f"the last worker ended with {status}: {worker.text()[-600:]}")
    world.drain(**how)
    return held(world, producers)


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
    done = subprocess.run(
        [bench.tools, "check", world.directory], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=600)
    if done.returncode != 0:
        bench.broken(f"{world.directory}: {done.stdout.strip()[-800:]}")
    bench.ran("acknowledged events", len(producers.acknowledged))
    bench.ran("messages that providers took", len(world.taken()))
    bench.ran("deliveries in doubt, all listed", sum(count for (_, state), count in states.items() if state == "ambiguous"))
    return len(lost)
