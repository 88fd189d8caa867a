"""The cases of single parts: rendering, commands, memory, size."""
import os
import shutil
import statistics
import subprocess
import time

import machine
import world


def rendering(rounds=200_000):
    """Microseconds for one SMS in zh-Hans with 8 values. The shipped text with the most values has six: two are put into a copy of it."""
    texts = world.WORK / "templates"
    shutil.rmtree(texts, ignore_errors=True)
    shutil.copytree(world.ROOT / "templates", texts)
    file = texts / "limit_exceeded" / "zh-Hans.yaml"
    old, new = "提现{order}超出", "提现{order}（尾号{tail4}，客服{support}）超出"
    text = file.read_text(encoding="utf-8")
    assert old in text, f"{file} has another text now"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    found = machine.run(machine.SENDER, world.PARTS, "render", texts, rounds)
    return found["nanoseconds"] / 1000


def command(*arguments):
    """Seconds from start to end."""
    start = time.monotonic()
    done = subprocess.run(
        ["taskset", "-c", machine.SENDER, str(world.BINARY), *arguments], cwd=world.ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if done.returncode != 0:
        raise SystemExit(f"clarion {' '.join(arguments)}: exit status {done.returncode}")
    return time.monotonic() - start


def verifying(rounds, rows=1_000_000):
    """Rows a second of `clarion audit verify` on one core, of an exported log."""
    directory = world.world("verify", ["sms", "push"])
    settings = directory / "clarion.yaml"
    machine.run(machine.SENDER, world.PARTS, "log", settings, rows, "a")
    clarion = ["taskset", "-c", machine.SENDER, str(world.BINARY)]
    key = subprocess.run([*clarion, "keys", "public", "--config", settings, "-o", "plain"], check=True, capture_output=True, text=True)
    file = directory / "log.ndjson"
    subprocess.run([*clarion, "audit", "export", "--config", settings, "--to", file, "--quiet"], check=True)
    public = key.stdout.splitlines()[1].split("\t")[0]
    seconds = [command("audit", "verify", str(file), "--key", public) for _ in range(rounds)]
    shutil.rmtree(directory)
    return [[rows / each for each in seconds]]


def idle():
    """Resident MiB of a worker with HTTP that has nothing to do."""
    directory = world.world("idle", ["sms", "push"])
    with machine.clarion(directory) as worker:
        time.sleep(3)
        return machine.memory(worker.pid)[0] / 2**20


def pending(count, seconds=15):
    """Most resident MiB while a worker sends with `count` events waiting."""
    directory = world.world("pending", ["sms", "push"])
    service = [world.PARTS, "accept", directory / "clarion.yaml"]
    with machine.Running(machine.SENDER, service, "Ready", directory / "log"):
        for first in range(0, count, 100_000):
            world.events(directory / "events.jsonl", min(100_000, count - first), first)
            machine.feed("batch", directory / "events.jsonl", 500, 2)
    with machine.Sink() as sink, machine.clarion(directory) as worker:
        time.sleep(seconds)
        arrived, most = sink.stats(), machine.memory(worker.pid)[1] / 2**20
    if arrived["sms"] == 0:
        raise SystemExit("nothing was sent meanwhile")
    shutil.rmtree(directory / "data")
    return most


def size():
    """MiB of the program as it is installed, without symbols."""
    copy = world.WORK / "clarion"
    shutil.copy(world.BINARY, copy)
    subprocess.run(["strip", str(copy)], check=True)
    return os.path.getsize(copy) / 2**20


def starting(rounds=10):
    """Seconds of `clarion version`, the median."""
    return statistics.median(command("version") for _ in range(rounds))
