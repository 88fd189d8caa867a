"""What the runs of `make fault` said, added up: docs/fault-report.json, docs/fault-report.md and .build/fault.json."""
import datetime
import json
import os
import platform
import shutil
import subprocess

#: Of one case; older ones are only in the sums.
RUNS_KEPT = 40
#: How much has to have been run, in all, by runs in which nothing broke: figure, case, what was counted, how many.
SUMS = [
    ("kills without a break, in all", "kills", "kills", 1_000),
    ("rounds of each crash point without a break, in all", "crashpoints", "cycles per point", 20),
    ("power cuts without a break, in all", "powercuts", "power cuts", 100),
    ("simulated steps without a break, in all", "simulator", "steps", 100_000_000),
]

#: Names of figures of one case's workers; the release program alone, and not slowed by what it runs under.
TURN, RESIDENT = "longest turn of the send loop, %s, ms", "resident at most, %s, MiB"
#: The worst of a figure in all cases: name, pattern of what is compared, what else counts, target.
WORST = [
    ("longest turn of the send loop in any fault, ms", TURN, [], 50),
    ("resident memory in any fault, MiB", RESIDENT, ["resident with a million pending, MiB"], 128),
]


def _load(root):
    path = root / "docs/fault-report.json"
    return json.loads(path.read_text()) if path.exists() else {"cases": {}}


def _save(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.with_suffix(path.suffix + ".new").write_text(text)
    os.replace(path.with_suffix(path.suffix + ".new"), path)


def _git(root, *arguments):
    done = subprocess.run(["git", *arguments], cwd=root, stdout=subprocess.PIPE, text=True)
    return done.stdout.strip() if done.returncode == 0 else ""


def remove(directory):
    shutil.rmtree(directory, ignore_errors=True)


def add(root, bench, seconds):
    """Adds one run of one case. A figure is the newest one measured; counts add up."""
    whole = _load(root)
    case = whole["cases"].setdefault(bench.case, {"ran": {}, "broken": 0, "figures": {}, "runs": []})
    for what, count in bench.counts.items():
        case["ran"][what] = case["ran"].get(what, 0) + count
    if not bench.breaks:
        sound = case.setdefault("sound", {})
        for what, count in bench.counts.items():
            sound[what] = sound.get(what, 0) + count
    case["broken"] += len(bench.breaks)
    case["figures"].update(bench.figures)
    changed = "+" if _git(root, "status", "--porcelain", "--untracked-files=no", "--", "Sources", "Tests", "config", "templates") else ""
    case["runs"] = (case["runs"] + [{
        "at": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"), "commit": _git(root, "rev-parse", "--short", "HEAD") + changed,
        "machine": f"{platform.system()} {platform.release().split('-')[0]}, {os.cpu_count()} cores", "seed": bench.seed, "scale": bench.scale, "noise_ms": bench.noise,
        "seconds": seconds, "ran": bench.counts, "broken": bench.breaks, "figures": bench.figures}])[-RUNS_KEPT:]
    _save(root / "docs/fault-report.json", json.dumps(whole, indent=1, ensure_ascii=False, sort_keys=True) + "\n")


def write(root):
    """The figures for programs, and the page for people."""
    whole = _load(root)
    figures = _figures(whole)
    _save(root / ".build/fault.json", json.dumps(figures, indent=1, ensure_ascii=False, sort_keys=True) + "\n")
    _save(root / "docs/fault-report.md", page(whole))


def _figures(whole):
    figures = {name: figure for case in whole["cases"].values() for name, figure in case["figures"].items()}
    for name, case, what, target in SUMS:
        count = whole["cases"].get(case, {}).get("sound", {}).get(what, 0)
        figures[name] = {"value": count, "target": target, "ok": count >= target}
    return figures | {name: worst for name, *how in WORST if (worst := _worst(whole, *how))}


def _worst(whole, pattern, others, target):
    """The case of it is named; so is how long the machine let a process wait in that run, which is in a stall as well."""
    start, end = pattern.split("%s")
    found = [
        (figure["value"], case, whole["cases"][case]["runs"][-1].get("noise_ms"))
        for case, known in whole["cases"].items() for name, figure in known["figures"].items()
        if name.startswith(start) and name.endswith(end) or name in others]
    if not found:
        return None
    value, case, noise = max(found, key=lambda one: one[0])
    return {"value": value, "target": target, "ok": value <= target, "case": case, "noise_ms": noise}


def _of_workers(whole):
    """What the worst figures are of, and what they are not of."""
    counted = sorted(case for case, known in whole["cases"].items() if any(name.startswith(TURN.split("%s")[0]) for name in known["figures"]))
    noises = ", ".join(f"{case} {noise}" for case in counted if (noise := whole["cases"][case]["runs"][-1].get("noise_ms")) is not None)
    return [
        f"The longest turn and the memory \"in any fault\" are of the release program, in {', '.join(counted) or 'no case yet'}; not in cases that need a",
        "debug build (crash points, a clock that is set), nor under `strace`, which slows a process down. A turn counts what the machine made the loop wait",
        f"for as well. In the last runs it let a process that was due wait for up to, in ms: {noises or 'not measured'}."]


def page(whole):
    lines = ["# Fault report", "", "Written by `make fault`; [faults.md](faults.md) explains the cases. Counts are sums over all runs, those \"without a break\" over runs in which nothing broke;",
             "a figure is the newest one measured. `fault-report.json` has each run with its seed and commit; a `+` marks a changed tree.", "",
             "| case | ran, in all | broken | last run | commit |", "|---|---|---|---|---|"]
    for name, case in sorted(whole["cases"].items()):
        last = case["runs"][-1]
        ran = ", ".join(f"{count:,} {what}" for what, count in sorted(case["ran"].items()))
        lines.append(f"| {name} | {ran} | {case['broken']} | {last['at']} | {last['commit']} |")
    lines += ["", "| figure | measured | to reach | |", "|---|---|---|---|"]
    for figure, said in sorted(_figures(whole).items()):
        value, target = (f"{part:,}" if isinstance(part, (int, float)) else part for part in (said["value"], said["target"]))
        if "case" in said:
            value = f"{value} ({said['case']})"
        lines.append(f"| {figure} | {value} | {target} | {'reached' if said['ok'] else '**not reached**'} |")
    lines += ["", *_of_workers(whole)]
    broken = [(name, run, words) for name, case in sorted(whole["cases"].items()) for run in case["runs"] for words in run["broken"]]
    if broken:
        lines += ["", "## What broke", ""]
        lines += [f"- {run['at']} {name}, seed {run['seed']}, {run['commit']}: {' '.join(words.split())[:300]}" for name, run, words in broken]
    return "\n".join(lines) + "\n"
