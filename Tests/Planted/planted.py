"""Shows that the fast tests can fail: builds them with the faults of Sources/Core/PlantedBug.swift, and has each fault found.

    make planted-bugs                   all of them
    make planted-bugs BUGS=startsTwice  these alone, with commas between

First the same tests run without a fault and have to pass; then with one fault at a time, and at least one expectation has to fail, or the process
has to end by a trap. What was found is in .build/planted.json.
"""
import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCRATCH = ROOT / ".build-planted"
LIMIT = 300


def bugs():
    """Every fault with the pattern of the tests that have to find it; the table and the source must name the same."""
    lines = (ROOT / "Tests/Planted/bugs.tsv").read_text().splitlines()
    table = dict(line.split("\t") for line in lines if line and not line.startswith("#"))
    source = (ROOT / "Sources/Core/PlantedBug.swift").read_text()
    named = {name for line in re.findall(r"^    case ([\w, ]+)$", source, re.M) for name in line.split(", ")}
    if set(table) != named:
        raise SystemExit(f"bugs.tsv and PlantedBug.swift differ: {sorted(set(table) ^ named)}")
    used = subprocess.run(["grep", "-rhoE", r"PlantedBug\.\w+", "Sources"], cwd=ROOT, stdout=subprocess.PIPE, text=True).stdout
    idle = named - {word.split(".")[1] for word in used.split()}
    if idle:
        raise SystemExit(f"nothing asks for {sorted(idle)}")
    return table


def run(pattern, bug=None):
    """How it ended, and which tests failed. A process that hangs is found as well: no test of ours may."""
    environment = dict(os.environ, SWIFT_BACKTRACE="enable=no")
    if bug:
        environment["CLARION_PLANTED_BUG"] = bug
    command = [SCRATCH / "debug/clarionPackageTests.xctest", "--testing-library", "swift-testing", "--no-parallel", "--filter", pattern]
    try:
        done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LIMIT)
    except subprocess.TimeoutExpired:
        return "hung", []
    text = re.sub(r"\x1b\[\d+m", "", done.stdout.decode(errors="replace"))
    if not re.search(r"Test run with [1-9]\d* tests?", text) and done.returncode >= 0:
        raise SystemExit(f"no test ran for {pattern}:\n{text[-2000:]}")
    failed = re.findall(r"Test (.+?) (?:with \d+ test cases? )?failed after", text)
    return ("trapped" if done.returncode < 0 else "failed" if failed else "passed"), failed


def main():
    table = bugs()
    wanted = sys.argv[1].split(",") if len(sys.argv) > 1 and sys.argv[1] else list(table)
    build = ["swift", "build", "--build-tests", "--scratch-path", str(SCRATCH)]
    if subprocess.run(build, cwd=ROOT, env=dict(os.environ, CLARION_PLANTED="1"), stdout=subprocess.DEVNULL).returncode != 0:
        raise SystemExit("the build with the faults failed")
    found, sound = {}, {}
    for bug in wanted:
        pattern = table[bug]
        if pattern not in sound:
            sound[pattern] = run(pattern)
            if sound[pattern][0] != "passed":
                raise SystemExit(f"{pattern} does not pass without a fault: {sound[pattern]}")
        how, failed = run(pattern, bug)
        found[bug] = {"found": how != "passed", "how": how, "tests": failed}
        words = f"{len(failed)} failed: {failed[0]}" if failed else how
        print(f"{'✓' if how != 'passed' else '✗'} {bug}: {words}", flush=True)
    caught = sum(entry["found"] for entry in found.values())
    report = {"planted_bugs_found": {"value": caught, "target": len(wanted), "ok": caught == len(wanted)}, "bugs": found}
    (ROOT / ".build/planted.json").write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n")
    print(f"{caught} of {len(wanted)} found")
    sys.exit(0 if caught == len(wanted) else 3)


main()
