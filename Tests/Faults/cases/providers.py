"""A worker before scripted providers that fail in every way a seed draws: cut answers, resets, storms of 429, mail servers that hang up."""
from batches import Batch

LINE = "providers that fail in every way, HTTP and SMTP, through a proxy that spoils connections"


def run(bench):
    batches = []
    for _ in range(bench.times(3)):
        seed = bench.chance.randrange(1, 1 << 31)
        batch = Batch(bench, "providers", seed, "--events", 120, "--faults", 40, "--program", bench.shipped)
        bench.saw(bench.shipped == bench.release, batch.figures)
        bench.ran("seeds")
        bench.ran("deliveries", batch.value("deliveries"))
        batches.append(batch)
    for name, value in [("providers: events lost", "I1"), ("providers: doubled", "I2"), ("providers: ambiguous list differs from ground truth", "I3")]:
        total = sum(batch.offenders(value) for batch in batches)
        bench.figure(name, total, 0, total == 0)
