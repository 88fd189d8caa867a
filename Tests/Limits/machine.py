"""Starts and watches the processes of a benchmark: Clarion and the limit programs on the first core, everything else on the second."""
import json
import os
import signal
import subprocess
import time
import urllib.request

import world

SENDER, OTHERS = "0", "1"
TICK = os.sysconf("SC_CLK_TCK")


def cpu(pid):
    """User and system seconds of all threads of a process."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def busy():
    """Seconds that the sender's core has worked, for whomever."""
    with open("/proc/stat") as file:
        for line in file:
            if line.startswith(f"cpu{SENDER} "):
                user, nice, system, _, _, irq, soft = map(int, line.split()[1:8])
                return (user + nice + system + irq + soft) / TICK


class Core:
    """How much of the sender's core went to others while the block lasted. `used` is what the measured process took."""

    def __enter__(self):
        self.start, self.at = busy(), time.monotonic()
        return self

    def __exit__(self, *_):
        self.taken, self.time = busy() - self.start, time.monotonic() - self.at

    def others(self, used):
        return max(0.0, self.taken - used) / self.time


def memory(pid):
    """Resident bytes: now, and at most so far."""
    found = {}
    with open(f"/proc/{pid}/status") as file:
        for line in file:
            if line.startswith(("VmRSS", "VmHWM")):
                found[line[:5]] = int(line.split()[1]) * 1024
    return found["VmRSS"], found["VmHWM"]


class Running:
    """A process that says a word when it is ready, and is ended with the block. What it prints is in `log`."""

    def __init__(self, core, command, ready, log):
        with open(log, "w") as out:
            self.process = subprocess.Popen(["taskset", "-c", core, *map(str, command)], stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        self.pid = self.process.pid
        while ready not in log.read_text():
            if self.process.poll() is not None:
                raise SystemExit(f"{command[0]} did not start: {log.read_text()[-2000:]}")
            time.sleep(0.01)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


class Sink(Running):
    """What takes the deliveries. `record` keeps the first `count` of each channel for the limit programs."""

    def __init__(self, record="/dev/null", count=0):
        keys = world.keys()
        ports = [world.HTTP, world.TLS, world.SMTP]
        super().__init__(
            OTHERS, [world.LIMITS / "sink", *ports, keys / "sink.pem", keys / "sink.key", record, count], "ready", world.WORK / "sink.log")

    def ask(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{world.HTTP}{path}") as answer:
            return answer.read()

    def stats(self):
        return json.loads(self.ask("/stats"))

    def wait_for(self, count, limit=600):
        """Until so many arrived; their moments are noted by the sink itself."""
        end = time.monotonic() + limit
        while True:
            stats = self.stats()
            if sum(stats[c] for c in ("sms", "push", "h2", "mail")) >= count:
                return stats
            if time.monotonic() > end:
                raise SystemExit(f"only {stats} of {count} arrived; see {world.WORK}")
            time.sleep(0.02)


def clarion(directory):
    command = [world.BINARY, "run", "--config", directory / "clarion.yaml"]
    return Running(SENDER, command, "Ready", directory / "log")


def run(core, *command):
    """Runs a program to its end and reads the JSON it prints."""
    done = subprocess.run(["taskset", "-c", core, *map(str, command)], stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{command[0]}: exit status {done.returncode} {done.stdout}")
    return json.loads(done.stdout)


def feed(how, events, size, connections):
    return run(OTHERS, world.LIMITS / "feed", how, world.LISTEN, events, size, connections)
