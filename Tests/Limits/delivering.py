"""The cases that send: Clarion's whole way from the event to the provider, against bare libcurl with the same requests."""
import contextlib
import shutil
import statistics
import sys
import time

import machine
import world

WARM = 200
IN_FLIGHT = 64
BATCH, CONNECTIONS = 100, 2


# Names, channels, and how many of the recorded requests the limit sends.
SENDING = {"deliveries": (["sms", "push"], 60_000), "plain": (["sms"], 60_000), "mails": (["mail"], 15_000), "http2": (["h2"], 30_000)}


class Sending:
    """Events in batches over HTTP, told on `channels` at once; the limit sends `requests` of what the sink recorded."""

    mails = f"smtp://127.0.0.1:{world.SMTP}/bench"

    def __init__(self, name):
        self.name = name
        self.channels, self.requests = SENDING[name]
        self.record = world.WORK / f"record-{name}"
        self.directory = world.world(name, self.channels)

    def prepare(self, seconds):
        """Records requests for the limit, and finds how many events take about `seconds`."""
        rate = self.clarion(500, record=300)["rate"]
        self.events = max(500, int(rate / len(self.channels) * seconds))

    def clarion(self, count=None, record=0, during=None):
        """One run on an empty store. Rate and processor time of `count` events after some that warm it up."""
        count = count or self.events
        shutil.rmtree(self.directory / "data", ignore_errors=True)
        warm, events = self.directory / "warm.jsonl", self.directory / "events.jsonl"
        world.events(warm, WARM)
        world.events(events, count, first=1000)
        each = len(self.channels)
        with machine.Sink(self.record if record else "/dev/null", record) as sink, machine.clarion(self.directory) as worker:
            machine.feed("batch", warm, BATCH, CONNECTIONS)
            sink.wait_for(WARM * each)
            time.sleep(0.2)
            sink.ask("/reset")
            used = machine.cpu(worker.pid)
            with machine.Core() as core, during(worker.pid) if during else contextlib.nullcontext():
                fed = machine.feed("batch", events, BATCH, CONNECTIONS)
                stats = sink.wait_for(count * each)
                # What came of the last ones is still being written.
                time.sleep(0.3)
            used = machine.cpu(worker.pid) - used
            rate = count * each / ((stats["last"] - fed["start"]) / 1e9)
            return {"rate": rate, "cpu": used / (count * each) * 1e6, "others": core.others(used)}

    def limit(self):
        with machine.Sink():
            if self.channels == ["mail"]:
                program = ["limit-smtp", self.record, self.mails, self.requests, IN_FLIGHT]
            else:
                program = ["limit-http", self.record, ",".join(self.channels), self.requests, IN_FLIGHT, world.keys() / "ca.pem"]
            with machine.Core() as core:
                found = machine.run(machine.SENDER, world.LIMITS / program[0], *program[1:])
        return self.figures(found, core)

    def same_work(self):
        """The rows of the last run and its requests once more, in C."""
        for old in self.directory.glob("work.db*"):
            old.unlink()
        store, new = self.directory / "data" / "clarion.db", self.directory / "work.db"
        where = self.mails if self.channels == ["mail"] else world.keys() / "ca.pem"
        with machine.Sink(), machine.Core() as core:
            found = machine.run(
                machine.SENDER, world.LIMITS / "limit-work", store, new, self.record, ",".join(self.channels), IN_FLIGHT, where)
        return self.figures(found, core)

    def figures(self, found, core):
        rate, each = found["requests"] / found["seconds"], found["cpu"] / found["requests"] * 1e6
        return {"rate": rate, "cpu": each, "others": core.others(found["cpu"])}


def growing(rows, chunk=20_000):
    """Deliveries a second with `rows` of log already there, by those of the first chunks, and the most resident MiB: one worker, one store."""
    directory = world.world("growing", ["sms", "push"])
    events, rates, first = directory / "events.jsonl", [], 1000
    # Accepted, decided, and for each of two deliveries intent and outcome.
    chunks = max(6, rows // 6 // chunk)
    with machine.Sink() as sink, machine.clarion(directory) as worker:
        for number in range(chunks):
            world.events(events, chunk, first)
            sink.ask("/reset")
            fed = machine.feed("batch", events, BATCH, CONNECTIONS)
            stats = sink.wait_for(chunk * 2)
            rates.append(chunk * 2 / ((stats["last"] - fed["start"]) / 1e9))
            first += chunk
            print(f"\r{number + 1} of {chunks}: {rates[-1]:,.0f} a second  ", end="", file=sys.stderr, flush=True)
        most = machine.memory(worker.pid)[1] / 2**20
    print(file=sys.stderr)
    shutil.rmtree(directory / "data")
    return statistics.median(rates[-3:]), statistics.median(rates[:3]), most


def accepting(count, directory):
    """Events a second that were accepted and committed, and what bare SQLite takes for the same rows."""
    shutil.rmtree(directory / "data", ignore_errors=True)
    warm, events = directory / "warm.jsonl", directory / "events.jsonl"
    world.events(warm, WARM)
    world.events(events, count, first=1000)
    service = [world.PARTS, "accept", directory / "clarion.yaml"]
    with machine.Running(machine.SENDER, service, "Ready", directory / "log") as parts:
        machine.feed("batch", warm, BATCH, CONNECTIONS)
        used = machine.cpu(parts.pid)
        with machine.Core() as core:
            fed = machine.feed("batch", events, BATCH, CONNECTIONS)
        used = machine.cpu(parts.pid) - used
    new = directory / "limit.db"
    for old in directory.glob("limit.db*"):
        old.unlink()
    bare = machine.run(machine.SENDER, world.LIMITS / "limit-sqlite", directory / "data" / "clarion.db", new, BATCH)
    ours, limit = count / ((fed["end"] - fed["start"]) / 1e9), bare["events"] / bare["seconds"]
    return {"rate": ours, "cpu": used / count * 1e6, "others": core.others(used)}, {"rate": limit, "cpu": bare["cpu"] / count * 1e6}


def waiting(seconds, rate=500):
    """Milliseconds from the moment an event is due to leave its producer to its arrival at the provider, sorted; one for each delivery."""
    directory = world.world("waiting", ["sms", "push"])
    warm, events = directory / "warm.jsonl", directory / "events.jsonl"
    world.events(warm, WARM)
    world.events(events, seconds * rate, first=1000)
    with machine.Sink() as sink, machine.clarion(directory):
        machine.feed("batch", warm, BATCH, CONNECTIONS)
        sink.wait_for(WARM * 2)
        sink.ask("/reset")
        fed = machine.feed("open", events, rate, 32)
        sink.wait_for(seconds * rate * 2)
        found = []
        for line in sink.ask("/stamps").decode().splitlines():
            order, *moments = map(int, line.split())
            due = fed["start"] + (order - 1000) * 1_000_000_000 // rate
            found += [(at - due) / 1e6 for at in moments if at]
    return sorted(found)
