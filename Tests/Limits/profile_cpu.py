"""Where the processor time goes while Clarion sends, by `perf`: whose code it is, and which stage.

    python3 Tests/Limits/profile_cpu.py [CASE]      prints the table of docs/performance.md; CASE: deliveries, plain, mails or http2
"""
import collections
import re
import shutil
import signal
import subprocess
import sys
import time

import machine
import world

# The first that is found anywhere on the stack is the stage.
STAGES = [
    ("accept: rows", r"closure #\d in Intake\.accept|Intake\.file"), ("accept: read and check", r"Intake\.accept|EventReader\.read"),
    ("accept: HTTP", r"EventRoutes|FrontDoor|HTTPChannelHandler|SelectableEventLoop|NIOAsync"),
    ("plan: read the event", r"PlanStage\.event|EventReader\.event"), ("plan: what is known", r"SnapshotReader"), ("plan: decide", r"Planner\.plan"),
    ("send: render", r"NoticeRenderer\.render"), ("plan: words in the app", r"NoticeRenderer\.inApp"),
    ("send: the call", r"Provider\.call|HTTPGateway\.call|FCM\.call|APNs\.call|SMTP\.call|storedBytes"),
    ("send: intent (T3)", r"Dispatch\.intent|Dispatch\.intend|SQLiteWrites\.start|AtOnce"), ("send: what is due", r"dueHeads|nextDelivery|Dispatch\."),
    ("plan: rows", r"PlanWriter"), ("plan: rest", r"PlanStage|TimerStage|Through"), ("send: outcome (T4)", r"Sender\.record|Outcomes"),
    ("send: rest", r"Sender|Accounts"), ("wire", r"Loop\.run"), ("commit", r"Writer\.commit|checkpoint"), ("store threads", r"Writer\.run|Readers"),
]
OWNERS = [
    ("kernel", r"kernel"), ("sqlite", r"libsqlite3"), ("libcurl", r"libcurl|libssl|libcrypto\.so|libnghttp2"), ("libc", r"libc\.so|ld-linux|vdso|libm\."),
]


def owner(library):
    return next((name for name, pattern in OWNERS if re.search(pattern, library)), "ours")


class Recording:
    """`perf record` of a process for as long as the block lasts."""

    def __init__(self, pid):
        self.command = [
            "taskset", "-c", machine.OTHERS, "perf", "record", "-q", "-F", "1499", "--call-graph", "dwarf,16384", "-o",
            str(world.WORK / "perf.data"), "-p", str(pid)]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(0.5)

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGINT)
        self.process.wait()


def stacks():
    """Every sample as a list of (function, library), the innermost first."""
    script = subprocess.run(
        ["perf", "script", "-i", str(world.WORK / "perf.data"), "-F", "ip,sym,dso", "--no-inline"], stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True, errors="replace").stdout
    for sample in script.split("\n\n"):
        frames = re.findall(r"^\s+[0-9a-f]+ (.*) \((.*)\)$", sample, re.M)
        if frames:
            yield [(name, path.split("/")[-1]) for name, path in frames]


def readable(names):
    """Swift's names as they are written in the source."""
    names = sorted(names)
    tool = shutil.which("swift-demangle")
    if not tool:
        return dict(zip(names, names))
    lines = subprocess.run([tool, "-simplified"], input="\n".join(names), stdout=subprocess.PIPE, text=True).stdout.split("\n")
    return dict(zip(names, lines))


def whose(stack):
    """The C library works for whoever called it."""
    for _, library in stack:
        found = owner(library)
        if found != "libc":
            return found
    return "libc"


def own_share(case):
    """The part of the processor time that is neither the kernel's, libcurl's nor SQLite's. None without perf."""
    if not shutil.which("perf"):
        return None
    case.clarion(count=max(500, case.events // 4), during=Recording)
    owners = collections.Counter(whose(stack) for stack in stacks())
    return (owners["ours"] + owners["libc"]) / max(1, sum(owners.values()))


def table(each):
    found = list(stacks())
    names = readable({name for stack in found for name, _ in stack})
    stages, owners = collections.defaultdict(collections.Counter), collections.Counter()
    for stack in found:
        text = "\n".join(names[name] for name, _ in stack)
        stage = next((stage for stage, pattern in STAGES if re.search(pattern, text)), "tasks and wake-ups")
        stages[stage][whose(stack)] += 1
        owners[whose(stack)] += 1
    unit = each / max(1, len(found))
    columns = ["ours", "sqlite", "libcurl", "kernel", "libc"]
    print(f"{len(found)} samples, {each:.1f} us a delivery\n\n| stage | us | {' | '.join(columns)} |\n|---|{'---|' * (len(columns) + 1)}")
    rows = sorted(stages.items(), key=lambda item: -sum(item[1].values())) + [("all", owners)]
    for stage, counts in rows:
        cells = " | ".join(f"{counts[c] * unit:.1f}" for c in columns)
        print(f"| {stage} | {sum(counts.values()) * unit:.1f} | {cells} |")


if __name__ == "__main__":
    import delivering

    if not shutil.which("perf"):
        sys.exit("perf is not installed: apt-get install linux-perf")
    case = delivering.Sending(sys.argv[1] if len(sys.argv) > 1 else "deliveries")
    case.prepare(3)
    each = case.clarion()["cpu"]
    case.clarion(during=Recording)
    table(each)
