"""One run of a FaultBench command in a directory of its own, judged by the checker."""
import json
import subprocess

import report


class Batch:
    """Runs `FaultBench COMMAND --seed S --dir D …`. What breaks is told to the bench with its seed, and the directory stays."""

    def __init__(self, bench, command, seed, *arguments):
        directory = bench.work / f"{command}-{seed}"
        directory.mkdir()
        words = [command, "--seed", seed, "--dir", directory, *arguments]
        done = subprocess.run([str(bench.tools), *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        breaches = [line for line in self.lines if "breach" in line]
        for line in breaches:
            bench.broken(f"{command} seed {seed}: {line.get('invariant', '')} {line['breach']}")
        if done.returncode not in (0, 1) or (done.returncode == 1) != bool(breaches):
            bench.broken(f"{command} seed {seed}: ended with {done.returncode}: {done.stderr[-600:]}")
        elif not breaches:
            report.remove(directory)

    def value(self, figure):
        return self.figures.get(figure, 0)

    @property
    def figures(self):
        return {line["figure"]: line["value"] for line in self.lines if "figure" in line}

    def offenders(self, invariant):
        return next((line["offenders"] for line in self.lines if line.get("invariant") == invariant and "offenders" in line), 0)
