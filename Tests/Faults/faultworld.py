"""What the cases of storage and processes work with: settings, a sandbox that keeps what providers took, workers, and producers.

    DIR/clarion.yaml    settings, with a keyed SMS, a collapsing push and a blind mail account
    DIR/data            the store; a case may mount a disk of its own there
    DIR/sandbox         the providers' side: ledger.jsonl, on another disk than the store's
    DIR/input.jsonl     {"id", "acknowledged"} of every event that was posted, as well on another disk
"""
import http.client
import json
import os
import signal
import socket
import subprocess
import threading
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

SETTINGS = """\
mode: capture
listen: 127.0.0.1:8080
store: {{ directory: data, min_free: {min_free} }}
templates: {{ directory: {root}/templates }}
policy: policy.yaml
catalogue:
  kinds: {root}/config/kinds.yaml
  codes: [{root}/config/reason-codes.csv, {root}/config/internal-codes.csv]
  baselines: {root}/config/bank-baselines.csv
  rails: {root}/config/rails.yaml
  holidays: {root}/config/holidays.yaml
sandbox: {{ directory: sandbox, https_port: 0, page_port: 0, smtp_port: 0 }}
brand:
  name: {{ zh-Hans: 示例支付, zh-Hant: 示例支付, en: Example Pay }}
  support: "+86 400 000 0000"
  link_base: https://pay.example/w/
accounts:
  - name: sms-keyed
    provider: http
    url: https://sms.pay.example/sms
    auth_file: secrets/sms
    fields: {{ to: "{{to}}", text: "{{text}}", ref: "{{reference}}" }}
    id_path: id
    idempotency_header: Idempotency-Key
  - name: push-collapsing
    provider: apns
    key_file: secrets/apns.p8
    key_id: ABCDE12345
    team_id: FGHIJ67890
    topic: example.pay.app
    environment: production
  - name: mail-blind
    provider: smtp
    url: smtp://mail.pay.example:587
    from: Example Pay <no-reply@pay.example>
"""


class Trouble(Exception):
    """The bench itself cannot go on."""


def missing(*packages):
    """Debian packages of what is not installed: [(program, package), …]."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    return sorted({package for program, package in packages if not any((Path(place) / program).exists() for place in path.split(":"))})


def left_out(bench, why):
    """The report says it too: what was not run has shown nothing."""
    bench.say(f"not run: {why}")
    bench.ran(f"times not run ({why})")


class Child:
    """A process of the bench's own, and what it says. The kernel ends it with the thread that started it."""

    def __init__(self, *words, env=None, inside=(), ready=None, within=60):
        command = ["setpriv", "--pdeathsig", "KILL", "--", *inside, *map(str, words)]
        environment = {"SWIFT_BACKTRACE": "enable=no", "PATH": "/usr/bin:/bin:/usr/sbin:/sbin", **(env or {})}
        self.process = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
        self.lines, self.heard, self.end = [], threading.Condition(), None
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        if ready and not self.said(ready, within):
            self.kill()
            raise Trouble(f"{words[1:3]} ended before it was ready: {self.text()}")

    def read(self):
        for line in self.process.stdout:
            with self.heard:
                self.lines.append(line.rstrip("\n"))
                self.heard.notify_all()
        self.end = time.time()
        with self.heard:
            self.lines.append(None)
            self.heard.notify_all()

    def said(self, words, within=60):
        """Waits for a line with these words; False when it can say no more, or time is over."""
        with self.heard:
            self.heard.wait_for(lambda: any(line is None or words in line for line in self.lines), within)
            return any(line and words in line for line in self.lines)

    def text(self):
        with self.heard:
            return "\n".join(line for line in self.lines if line)

    def signal(self, number):
        if self.process.poll() is None:
            os.kill(self.process.pid, number)

    def kill(self):
        self.signal(signal.SIGKILL)
        return self.ended()

    def stop(self, within=60):
        self.signal(signal.SIGTERM)
        return self.ended(within)

    def ended(self, within=60):
        """Its exit status, negative for a signal; None when it goes on."""
        try:
            status = self.process.wait(within)
        except subprocess.TimeoutExpired:
            return None
        self.reader.join(5)
        return status


class World:
    def __init__(self, bench, name="world", min_free="1KiB", data=True):
        self.bench, self.directory = bench, bench.work / name
        self.settings, self.data = self.directory / "clarion.yaml", self.directory / "data"
        self.socket = self.data / "clarion.sock"
        self.children = []
        self.directory.mkdir(parents=True)
        if data:
            self.data.mkdir(mode=0o700)
        self.settings.write_text(SETTINGS.format(root=ROOT, min_free=min_free))
        (self.directory / "policy.yaml").write_text(policy())
        self.sandbox = self.start("sandbox", ready="Ctrl-C")
        self.page = json.loads((self.directory / "sandbox/endpoints.json").read_text())["http"]

    def start(self, *words, program=None, **how):
        child = Child(program or self.bench.debug, *words, "--config", self.settings, **how)
        self.children = [one for one in self.children if one.process.poll() is None] + [child]
        return child

    def worker(self, **how):
        how.setdefault("ready", "Ready.")
        return self.start("worker", **how)

    def drain(self, **how):
        """Works until nothing waits."""
        child = self.start("worker", "--until-quiet", **how)
        if (status := child.ended(600)) != 0:
            self.bench.broken(f"the drain ended with {status}: {child.text()[-600:]}")
        return status == 0

    def slow_down(self, milliseconds):
        """Every provider waits before it answers, so that a fault finds requests on the wire."""
        form = f"provider=all&fail=none&stall={milliseconds}".encode()
        urllib.request.urlopen(self.page + "/_switch", form, timeout=10).close()

    def taken(self):
        """What providers took, as they wrote it down."""
        path = self.directory / "sandbox/ledger.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def close(self):
        for child in self.children:
            child.kill()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def policy():
    """The shipped one; what is high with mail at once and nothing later, at any hour."""
    shipped = (ROOT / "config/policy.yaml").read_text()
    start, end = shipped.index("    now: [sms, push, in_app]\n"), shipped.index("    locked: [in_app, sms]\n")
    at_once = shipped[:start] + "    now: [sms, push, mail, in_app]\n" + shipped[end:]
    return at_once.replace("kinds: {}", "kinds:\n  limit_exceeded: { quiet_hours: break_through, now: [push, in_app] }")


class Line(http.client.HTTPConnection):
    """To a worker's socket."""

    def __init__(self, path, timeout=20):
        super().__init__("localhost", timeout=timeout)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Posting:
    """What several hands do at once."""

    def __init__(self, producers, path, told, at_most, only_open):
        self.producers, self.path, self.told, self.at_most, self.only_open = producers, path, told, at_most, only_open
        self.answers, self.changed, self.is_over = 0, threading.Condition(), False
        self.threads = [threading.Thread(target=self.hand, daemon=True) for _ in range(producers.hands)]
        for thread in self.threads:
            thread.start()

    def hand(self):
        line = Line(self.path)
        while not self.is_over and (self.at_most is None or self.answers < self.at_most) and (n := self.producers.take(self.only_open)):
            answer = self.producers.once(n, line)
            if answer is None:
                break
            self.told(answer)
            with self.changed:
                self.answers += 1
                self.changed.notify_all()
            if answer.status == 503:
                time.sleep(0.05)
        line.close()

    def wait(self, answers, within=30):
        """Until so many came, or no more can come."""
        with self.changed:
            end = time.monotonic() + within
            while self.answers < answers and self.is_busy() and time.monotonic() < end:
                self.changed.wait(0.05)

    def is_busy(self):
        return any(thread.is_alive() for thread in self.threads)

    def end(self):
        """After what is being posted."""
        self.is_over = True
        self.join()

    def join(self):
        for thread in self.threads:
            thread.join()


class Answer:
    def __init__(self, n, status, retry_after, asked, body):
        self.n, self.status, self.retry_after, self.asked, self.body = n, status, retry_after, asked, body

    #: 202, or as a duplicate of what had been stored when the answer was lost.
    is_acknowledged = property(lambda self: self.status in (200, 202))


class Producers:
    """They post events until the worker is gone, and remember what it answered. What was not answered is posted again, as producers have to.

    Three holds in four, and one end of a hold that was told before. Every order has a customer of its own.
    """

    def __init__(self, hands=8):
        self.lock, self.hands = threading.Lock(), hands
        self.next, self.open = 1, []
        self.posted, self.acknowledged, self.wrong = set(), set(), []
        self.began = time.time() - 60

    def post(self, path, told=lambda answer: None, at_most=None, only_open=False):
        """Several at a time, until the worker is gone, `at_most` answers came, or nothing is open. `told` hears every answer."""
        return Posting(self, path, told, at_most, only_open)

    def post_the_rest(self, path):
        """What was posted and never answered."""
        self.post(path, only_open=True).join()

    def take(self, only_open=False):
        with self.lock:
            if self.open:
                return self.open.pop()
            if only_open:
                return None
            self.next += 1
            return self.next - 1

    def once(self, n, line, kind="risk_hold"):
        """Posts one event. None: the worker did not answer."""
        body, asked = json.dumps(self.event(n, kind)).encode(), time.time()
        with self.lock:
            self.posted.add(n)
        try:
            line.request("POST", "/v1/events", body, {"content-type": "application/cloudevents+json"})
            reply = line.getresponse()
            answer = Answer(n, reply.status, reply.getheader("Retry-After"), asked, reply.read())
        except (OSError, http.client.HTTPException):
            answer = None
        with self.lock:
            if answer and answer.is_acknowledged:
                self.acknowledged.add(n)
            elif answer and answer.status not in (500, 503):
                self.wrong.append(f"ev-{n}: {answer.status} {answer.body[:200]}")
            else:
                self.open.append(n)
        return answer

    def write(self, path):
        lines = [json.dumps({"id": f"ev-{n}", "acknowledged": n in self.acknowledged}) for n in sorted(self.posted)]
        path.write_text("\n".join(lines) + "\n")

    def event(self, n, kind="risk_hold"):
        is_end = n % 4 == 0 and kind == "risk_hold"
        order = n - 3 if is_end else n
        data = {
            "schema": 1, "payout_id": f"WD{order}", "seq": 2 if is_end else 1, "anomaly_id": f"an-{order}", "kind": kind,
            "stage": "resolved" if is_end else "detected", "funds_state": "in_balance" if is_end else "held",
            "occurred_at": self.time(n / 1000), "channel": "modulr", "rail": "uk_fps", "bank": {"code": "BARCGB22", "name": "Barclays"},
            "account": {"type": "account", "bin": "999945", "last4": "7132"}, "amount": {"minor": 1000 + order, "currency": "GBP"},
            "submitted_at": self.time(-60), "customer": customer(order)}
        if is_end:
            data["outcome"] = "refunded"
        elif kind == "risk_hold":
            data |= {
                "reason": {"source": "internal", "code": "RISK_MATERIALS_NEEDED"}, "expected_at": self.time(6 * 3600),
                "details": {"variant": "materials", "deadline": self.time(72 * 3600), "materials": ["transaction_proof"]}}
        else:
            data |= {
                "reason": {"source": "internal", "code": "DAILY_LIMIT_HIT"}, "expected_at": self.time(6 * 3600),
                "details": {"limit": {"minor": 100_000, "currency": "GBP", "period": "day", "owner": "platform"}}}
        return {
            "specversion": "1.0", "id": f"ev-{n}", "source": "/fault", "type": f"com.example.payout.anomaly.{data['stage']}",
            "subject": f"WD{order}", "time": data["occurred_at"], "data": data}

    def time(self, offset):
        moment = self.began + offset
        return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(moment)) + ".%03dZ" % (moment % 1 * 1000)


def customer(n):
    digits = f"{n % 1_000_000:06d}"
    return {
        "id": f"CU{n}", "locale": ["en", "zh-Hans", "zh-Hant"][n % 3], "time_zone": "Europe/London", "phone": "+447700" + digits,
        "mail": f"customer{n}@example.com", "push_token": "a" * 58 + digits, "private_preview": False}
