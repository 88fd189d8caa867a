"""kill -9 at random instants: a keyed, a collapsing and a blind provider, and the checker after each batch."""
from batches import Batch

LINE = "kill -9 at random instants under load, in batches of 50"
BATCH = 50


def run(bench):
    left, batches = bench.times(50), []
    while left > 0:
        count, seed = min(BATCH, left), bench.chance.randrange(1, 1 << 31)
        batch = Batch(bench, "kills", seed, "--count", count, "--program", bench.shipped)
        bench.saw(bench.shipped == bench.release, batch.figures)
        bench.ran("kills", count)
        bench.ran("events", batch.value("events"))
        if batch.value("deliveries") <= batch.value("events"):
            bench.broken(f"there was nothing to lose; seed {seed}")
        batches.append(batch)
        left -= count
    for name, value in [("kill -9: events lost", "I1"), ("kill -9: ambiguous list differs from ground truth", "I3")]:
        total = sum(batch.offenders(value) for batch in batches)
        bench.figure(name, total, 0, total == 0)
    for name, value in [("kill -9: notices doubled, keyed", "doubled_keyed"), ("kill -9: doubled, collapsing", "doubled_collapsing"),
                        ("kill -9: doubled, blind", "doubled_blind")]:
        total = sum(batch.value(value) for batch in batches)
        bench.figure(name, total, 0, total == 0)
    bench.say(f"in doubt and listed: {sum(batch.value('ambiguous') for batch in batches):,}, "
              f"of which taken: {sum(batch.value('ambiguous_taken') for batch in batches):,}")
