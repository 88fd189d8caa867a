"""A million deliveries of the lowest lane are due, and every one that is tried hangs: how fast is what is high, how fast a restart, how much memory."""
import json
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import report

sys.path.append(str(Path(__file__).resolve().parents[2] / "Limits"))
import machine  # noqa: E402
import world  # noqa: E402

LINE = "high behind a million hanging bulk deliveries; restarts; memory"
DUE = 1_000_000
BULK, HIGH = "+49000", "+8610"
SECONDS, RATE, RESTARTS = 60, 20, 5

ACCOUNT = f"""
  - name: sms
    provider: http
    url: http://127.0.0.1:{world.HTTP}/sms
    fields: {{ to: "{{to}}", text: "{{text}}", from: "{{sender}}" }}
    sender: Example
    auth_file: secret
    id_path: id
    idempotency_header: Idempotency-Key
    allow_plain: true
"""


def settings():
    """The world of the benchmark with one gateway, and no cap that a flood of one kind would run into."""
    world.ACCOUNTS["gateway"], world.CHANNELS["gateway"] = ACCOUNT, "sms"
    world.KINDS, kinds = ["account_info_error", "duplicate_request"], world.KINDS
    directory = world.world("million", ["gateway"])
    world.KINDS = kinds
    policy = directory / "policy.yaml"
    policy.write_text(policy.read_text().replace("burst_per_minute: 200", "burst_per_minute: 1000000"))
    return directory


def bulk(path, count, first):
    """Repeated requests: priority low, told at once, each of a customer of its own."""
    at, occurred = world.banks(), world.stamp(time.time() - 60)
    with open(path, "w", encoding="utf-8") as file:
        for n in range(first, first + count):
            bank, rail = at[n % len(at)]
            file.write(json.dumps(event(n, "duplicate_request", "DUPLICATE_CLIENT_REQUEST", bank, rail, BULK + "%07d" % n, occurred)) + "\n")


def event(n, kind, code, bank, rail, phone, occurred):
    order = "WDM%09d" % n
    data = {
        "schema": 1, "payout_id": order, "seq": 1, "anomaly_id": "an-%012x" % n, "kind": kind, "stage": "detected",
        "reason": {"source": "internal" if kind == "duplicate_request" else "iso20022_status_reason", "code": code},
        "funds_state": "not_debited" if kind == "duplicate_request" else "returning", "occurred_at": occurred, "expected_at": None,
        "details": {"field": "account_number"} if kind == "account_info_error" else {"first_payout_id": "WDF%09d" % n},
        "channel": "bench", "rail": rail, "bank": {"code": bank, "name": bank},
        "account": {"type": "card", "bin": "999379", "last4": "%04d" % (n % 10000)},
        "amount": {"minor": 1000 + n % 10000000, "currency": "CNY"}, "submitted_at": occurred,
        "customer": {"id": "CU%09d" % n, "locale": "en", "time_zone": "Europe/Berlin", "phone": phone, "private_preview": False}}
    return {
        "specversion": "1.0", "id": "ev-%016x" % n, "source": "/channels/bench", "type": "com.example.payout.anomaly.detected",
        "subject": order, "time": occurred, "datacontenttype": "application/json", "data": data}


class Worker:
    """The release program on the first core. `ready` is how long it took from exec to its word."""

    def __init__(self, directory):
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            ["taskset", "-c", machine.SENDER, str(world.BINARY), "run", "-v", "--config", str(directory / "clarion.yaml")],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.pid, self.lines = self.process.pid, []
        for line in self.process.stdout:
            self.lines.append(line)
            if line.startswith("Ready"):
                break
        else:
            raise RuntimeError("the worker did not start: " + "".join(self.lines[-20:]))
        self.ready = time.monotonic() - self.began
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            self.lines.append(line)

    def end(self, how):
        self.process.send_signal(how)
        return self.process.wait(60)

    def longest_turn(self):
        """Milliseconds between two looks of the send loop at its sockets, as the worker says them; it always has one to say."""
        return max(map(int, re.findall(r"look at its sockets for (\d+) ms", "".join(self.lines))), default=float("inf"))


def command(directory, *arguments):
    done = subprocess.run([str(world.BINARY), *arguments, "--config", str(directory / "clarion.yaml")], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"clarion {' '.join(arguments)}: {done.returncode} {done.stdout}")
    return done.stdout


def fill(bench, directory, count):
    """Decides about `count` events while nothing may leave: a fenced store takes and decides, and sends nothing."""
    Worker(directory).end(signal.SIGTERM)
    (directory / "data/clarion.fence").unlink()
    worker, events = Worker(directory), directory / "events.jsonl"
    step = min(count, 50_000)
    for first in range(0, count, step):
        bulk(events, min(step, count - first), first)
        machine.feed("batch", events, 500, 2)
    events.unlink()
    while (waiting := json.loads(command(directory, "audit", "stats", "--json"))["events"].get("pending", 0)) > 0:
        bench.say(f"{waiting:,} to be decided")
        time.sleep(30)
    most = machine.memory(worker.pid)[1]
    worker.end(signal.SIGKILL)
    return most


def high(directory, gateway, seconds, rate, chance):
    """Milliseconds from the request that brings an event to the gateway, sorted, and how many never arrived."""
    import http.client
    banks, sent = world.banks(), {}
    line = http.client.HTTPConnection("127.0.0.1", world.LISTEN, timeout=30)
    start = time.monotonic()
    for n in range(seconds * rate):
        while (left := start + n / rate - time.monotonic()) > 0:
            time.sleep(left)
        phone = HIGH + "%07d" % n
        bank, rail = banks[chance.randrange(len(banks))]
        body = json.dumps(event(900_000_000 + n, "account_info_error", "BE14", bank, rail, phone, world.stamp(time.time() - 60)))
        sent[phone] = time.monotonic_ns()
        line.request("POST", "/v1/events", body, {"Content-Type": "application/cloudevents+json"})
        answer = line.getresponse()
        if answer.read() and answer.status not in (200, 201, 202):
            raise RuntimeError(f"an event was refused: {answer.status}")
    arrived, deadline = {}, time.monotonic() + 30
    while len(arrived) < len(sent) and time.monotonic() < deadline:
        time.sleep(0.2)
        for at, phone, *_ in map(str.split, gateway.read_text().splitlines()):
            if phone in sent:
                arrived.setdefault(phone, int(at))
    return sorted((arrived[p] - sent[p]) / 1e6 for p in arrived), len(sent) - len(arrived)


def run(bench):
    world.WORK.mkdir(parents=True, exist_ok=True)
    directory, gateway = settings(), bench.work / "gateway.txt"
    count = bench.times(DUE)
    filled = fill(bench, directory, count)
    bench.ran("bulk deliveries due", count)

    gateway.touch()
    hanging = subprocess.Popen(
        ["taskset", "-c", machine.OTHERS, sys.executable, str(Path(__file__).resolve().parents[1] / "gateway.py"), str(world.HTTP), str(gateway), BULK],
        stdout=subprocess.PIPE, text=True)
    worker = None
    try:
        hanging.stdout.readline()
        command(directory, "fence", "release", "--send", "--reason", "the bench", "--yes", str(count))
        starts = []
        for _ in range(RESTARTS):
            worker = Worker(directory)
            starts.append(worker.ready)
            time.sleep(2)
            worker.end(signal.SIGKILL)
        bench.ran("restarts after a kill", RESTARTS)
        worker = Worker(directory)
        # The first ones hang, run out of time, and are tried again: the account has been sick for a while when it counts.
        time.sleep(25)
        found, lost = high(directory, gateway, SECONDS, RATE, bench.chance)
        bench.ran("high events", SECONDS * RATE)
        if lost:
            bench.broken(f"{lost} of {SECONDS * RATE} high events did not reach the gateway in time")
        hung = sum(1 for line in gateway.read_text().splitlines() if " hangs " in line)
        bench.say(f"{hung:,} bulk requests hung; starts {', '.join(f'{s:.2f}' for s in starts)} s; p50 {found[len(found) // 2]:.1f} ms")
        most = max(filled, machine.memory(worker.pid)[1]) / 2**20
        p99, longest = found[len(found) * 99 // 100], found[-1]
        bench.figure("high behind a million hanging bulk: p99, ms", round(p99, 1), 250, p99 <= 250)
        bench.figure("high behind a million hanging bulk: max, ms", round(longest, 1), 2000, longest <= 2000)
        bench.figure("restart to ready with a million pending, s", round(max(starts), 2), 1, max(starts) <= 1)
        if worker.end(signal.SIGTERM) != 0:
            bench.broken("the worker did not end well: " + "".join(worker.lines[-5:]))
        turn = worker.longest_turn()
        bench.figure(report.TURN % "bulk hangs", turn, 50, turn <= 50)
        bench.figure("resident with a million pending, MiB", round(most, 1), 128, most <= 128)
    finally:
        hanging.kill()
        if worker and worker.process.poll() is None:
            worker.end(signal.SIGKILL)
        shutil.rmtree(directory / "data", ignore_errors=True)
