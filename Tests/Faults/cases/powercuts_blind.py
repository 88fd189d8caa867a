"""The power cuts again, with every flush left out: acknowledged events have to be lost, or the loop of `powercuts` proves nothing.

`strace` answers fdatasync and fsync in the kernel's place and says that all went well.
"""
import disks
from cases.powercuts import Power
from faultworld import World, left_out, missing

LINE = "the same without flushes: the loop has to see the loss"
CUTS = 3
LYING = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "signal=none", "-e", "trace=fdatasync,fsync", "-e", "inject=fdatasync,fsync:retval=0"]


def run(bench):
    if why := disks.refusal() or (wanting := missing(("strace", "strace"))) and f"needs the Debian package {wanting[0]}":
        return left_out(bench, why)
    seen = 0
    for n in range(bench.times(CUTS)):
        with World(bench, f"world-{n}", data=False) as world, disks.LoopDisk(world.data, bench.work / f"{n}.img") as disk:
            world.worker().stop()
            power = Power(world, disk)
            while not power.producers.acknowledged:
                seen += loses(power)
            bench.ran("acknowledged events that had to be lost", len(power.lost))
    if not seen:
        bench.broken("no flush, and nothing was lost: these power cuts cut nothing")


def loses(power):
    """Whether it was seen. A store that does not even open is a loss as well."""
    try:
        power.cut(*LYING)
    except Exception as problem:  # noqa: BLE001 whatever is wrong with what is left
        power.bench.say(f"the store is beyond reading: {problem}")
        return 1
    return 1 if power.lost else 0
