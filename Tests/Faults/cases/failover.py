"""The primary account of a channel dies under load: how long until the backup takes the first message, and whether anything is lost or told twice."""
import json
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import report
from cases import million

import world  # noqa: E402 found by million

LINE = "the primary dies under load, its backup takes over"
ROUNDS, RATE, BEFORE, AFTER = 5, 100, 3, 12
PRIMARY, BACKUP = world.HTTP, world.HTTP + 1


def account(name, port, weight):
    return million.ACCOUNT.replace("name: sms", f"name: {name}").replace(str(world.HTTP), str(port)).rstrip("\n") + f"\n    weight: {weight}\n"


def settings():
    """Two gateways for SMS: everything goes to the first one while it is well."""
    world.ACCOUNTS.update(primary=account("primary", PRIMARY, 1), backup=account("backup", BACKUP, 0))
    world.CHANNELS.update(primary="sms", backup="sms")
    directory = world.world("failover", ["primary", "backup"])
    policy = directory / "policy.yaml"
    policy.write_text(policy.read_text().replace("[sms, sms, in_app]", "[sms, in_app]"))
    return directory


class Gateway:
    def __init__(self, port, book):
        self.book = book
        book.touch()
        program = Path(__file__).resolve().parents[1] / "gateway.py"
        self.process = subprocess.Popen([sys.executable, str(program), str(port), str(book)], stdout=subprocess.PIPE, text=True)
        self.process.stdout.readline()

    def rows(self):
        return [line.split() for line in self.book.read_text().splitlines()]

    def kill(self):
        self.process.kill()
        self.process.wait()


def feed(count, first):
    """RATE events a second; returns how many were acknowledged."""
    import http.client
    banks, line, start = world.banks(), http.client.HTTPConnection("127.0.0.1", world.LISTEN, timeout=30), time.monotonic()
    for n in range(count):
        while (left := start + n / RATE - time.monotonic()) > 0:
            time.sleep(left)
        bank, rail = banks[n % len(banks)]
        phone = million.HIGH + "%07d" % (first + n)
        body = json.dumps(million.event(first + n, "account_info_error", "BE14", bank, rail, phone, world.stamp(time.time() - 60)))
        line.request("POST", "/v1/events", body, {"Content-Type": "application/cloudevents+json"})
        answer = line.getresponse()
        answer.read()
        if answer.status not in (200, 201, 202):
            raise RuntimeError(f"an event was refused: {answer.status}")


def once(bench, directory, number, turns, sizes):
    """Seconds from the end of the primary to what the backup took first."""
    shutil.rmtree(directory / "data", ignore_errors=True)
    count = RATE * (BEFORE + AFTER)
    primary, backup = Gateway(PRIMARY, bench.work / f"primary-{number}"), Gateway(BACKUP, bench.work / f"backup-{number}")
    worker = million.Worker(directory)
    try:
        feeding = threading.Thread(target=feed, args=(count, number * 10_000))
        feeding.start()
        while len(primary.rows()) < RATE * BEFORE:
            time.sleep(0.01)
        time.sleep(bench.chance.random())
        primary.kill()
        died = time.monotonic_ns()
        feeding.join()
        time.sleep(1)
        sizes.append(million.machine.memory(worker.pid)[1] / 2**20)
        if worker.end(signal.SIGTERM) != 0:
            bench.broken("the worker did not end well")
        turns.append(worker.longest_turn())
        first = [int(row[0]) for row in backup.rows() if int(row[0]) > died]
        numbers = [row[1] for row in primary.rows() + backup.rows()]
        states = json.loads(million.command(directory, "audit", "stats", "--json"))["deliveries"]["sms"]
        # What the primary had read when it died may have been taken: it stays there, and is listed.
        told, doubtful = states.pop("provider_accepted", 0), states.pop("queued", 0) + states.pop("no_report", 0)
        if states or told + doubtful != count:
            bench.broken(f"round {number}: of {count} messages {told} were sent, {doubtful} are in doubt, and {states}")
        if told > len(set(numbers)) or len(numbers) != len(set(numbers)):
            bench.broken(f"round {number}: {told} sent, {len(set(numbers))} taken, {len(numbers) - len(set(numbers))} of them twice")
        bench.ran("messages", count)
        return (first[0] - died) / 1e9 if first else float("inf")
    finally:
        worker.process.kill()
        primary.process.kill()
        backup.kill()


def run(bench):
    world.WORK.mkdir(parents=True, exist_ok=True)
    directory, turns, sizes = settings(), [], []
    try:
        found = [once(bench, directory, number, turns, sizes) for number in range(bench.times(ROUNDS))]
    finally:
        shutil.rmtree(directory / "data", ignore_errors=True)
    bench.ran("failovers", len(found))
    bench.say(f"{', '.join(f'{seconds * 1000:.0f}' for seconds in found)} ms")
    bench.figure("failover after the primary died: first accept, s", round(max(found), 3), 2, max(found) <= 2)
    bench.figure(report.TURN % "primary dies", max(turns), 50, max(turns) <= 50)
    bench.figure(report.RESIDENT % "primary dies", round(max(sizes), 1), 128, max(sizes) <= 128)
