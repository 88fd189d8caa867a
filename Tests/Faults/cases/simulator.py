"""Worlds in which everything happens at once, on virtual time: the real planner, stages and sender, a store in memory, providers that fail. A break is seen
again with `FaultBench simulate --seed S --steps N --trace`."""
import json
import subprocess

LINE = "simulated worlds with seeded faults, each of its seed alone"
#: Of one world, without its way to the end.
STEPS = 10_000


def run(bench):
    tool = bench.release.parent / "FaultBench"
    if not tool.exists():
        tool = bench.tools
    root = tool.parents[2]
    seeds = bench.times(100)
    first = bench.chance.randrange(1, 1_000_000_000)
    command = [tool, "simulate", "--seeds", f"{first}..{first + seeds - 1}", "--steps", str(STEPS), "--repository", root]
    answer = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    if answer.returncode not in (0, 1):
        bench.broken(f"{' '.join(str(part) for part in command)}: exit status {answer.returncode}, {answer.stderr.strip()[-300:]}")
        return
    result = json.loads(answer.stdout.splitlines()[-1])
    bench.ran("steps", result["steps"])
    bench.ran("seeds", result["seeds"])
    for one in result["breaks"]:
        bench.broken(f"seed {one['seed']}, {STEPS} steps, at {one['step']}: {one['what']}")
    bench.say(f"{result['steps']:,} steps in {result['milliseconds'] / 1000:,.1f} s; {result['events']:,} events, {result['messages']:,} messages, {result['deaths']:,} deaths")
