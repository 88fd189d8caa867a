"""The machine's clock is set to another time, under load, while the worker is killed and while it does not run (F60 to F62).

Nothing is due because of it: a step of `then` comes after its time by the clock that only counts, once. Nothing expires, nothing is escalated, nothing
is told again, and the log and `clarion doctor` say that the clock was set. Only a debug build can be told another time (CLARION_CLOCK_FILE).
"""
import json
import os
import subprocess
import threading
import time

import check
import stored
from faultworld import Line, Producers, World

LINE = "the clock set back, ahead, to 1970, to 2038, and running wrong"
#: Seconds until mail follows SMS; and how much of it our own time may be ahead, which is led by a hundredth at most.
AFTER, LED = 5, 0.98
HOUR, DAY = 3600, 86_400
#: At 03:14:07 a second count of 32 bits is full.
FULL_AT = 2**31 - 1
#: Where the wall clock is set to, in seconds from what is right.
STEPS = {
    "back by an hour": lambda now: -HOUR, "ahead by a day": lambda now: DAY, "ahead by ten years": lambda now: 3652 * DAY,
    "to 1970": lambda now: -now, "to 2038-01-19": lambda now: FULL_AT - 2 - now}
#: What the worker does meanwhile.
MEANWHILE = ["runs", "is killed", "is stopped"]
#: Seconds until the first thing that somebody of the staff has to do.
FIRST_ESCALATION = 10 * 60
#: Until a step that has stood counts as right, with what a loaded machine may add.
FOLLOWED_WITHIN = 12 * 60


def run(bench):
    if bench.scale >= 2:
        with World(bench, "followed", program=bench.debug) as world:
            leave_out_push(world)
            followed(world)
    else:
        bench.ran("times not run (that a step which stands for ten minutes is followed takes eleven minutes: --scale 2)")
    for n in range(bench.times(1)):
        with World(bench, f"world-{n}", program=bench.debug) as world:
            clock = Wall(world)
            for name, meanwhile in bench.chance.sample(cases := [(name, what) for name in STEPS for what in MEANWHILE], len(cases)):
                clock.step(name, meanwhile)
            clock.run_wrong()
            clock.settle()


class Wall:
    """The wall clock of a world's workers."""

    def __init__(self, world):
        self.world, self.bench, self.producers = world, world.bench, Producers(hands=4)
        self.file, self.began = world.directory / "clock", time.monotonic()
        (world.directory / "policy.yaml").write_text(policy(world))
        self.set(0)
        self.worker = self.start()

    def set(self, seconds):
        new = self.file.with_suffix(".new")
        new.write_text(f"{round(seconds * 1000)}\n")
        os.replace(new, self.file)

    def start(self):
        return self.world.worker(env={"CLARION_CLOCK_FILE": str(self.file)})

    def post(self, count):
        return self.producers.post(self.world.socket, at_most=count)

    def step(self, name, meanwhile):
        bench, chance = self.bench, self.bench.chance
        seconds = STEPS[name](time.time())
        posting = self.post(30)
        posting.wait(chance.randrange(1, 20))
        if meanwhile == "is killed":
            self.worker.kill()
        elif meanwhile == "is stopped" and (status := self.worker.stop()) != 0:
            bench.broken(f"asked to stop it ended with {status}: {self.worker.text()[-400:]}")
        self.set(seconds)
        if meanwhile != "runs":
            self.worker = self.start()
        self.see(name, seconds)
        posting.join()
        self.post(10).join()
        self.doctor(name)
        if chance.random() < 0.5:
            # A start that finds the clock as wrong as it was left.
            self.worker.kill()
            self.worker = self.start()
        self.set(0)
        self.see(f"{name}, and right again", 0)
        bench.ran(f"steps while it {meanwhile}")

    def run_wrong(self):
        """A tenth too fast, then a tenth too slow, with a kill in between."""
        for rate in (0.1, -0.1):
            ended, began = threading.Event(), time.monotonic()
            drift = threading.Thread(target=self.drift, args=(rate, began, ended))
            drift.start()
            for _ in range(4):
                self.post(10).join()
                time.sleep(6)
            self.see("drift", rate * (time.monotonic() - began), within=rate * 20)
            self.worker.kill()
            self.worker = self.start()
            self.post(10).join()
            ended.set()
            drift.join()
            self.set(0)
            self.see("right after a drift", 0)
            self.bench.ran("clocks that ran wrong by a tenth")

    def drift(self, rate, began, ended):
        while not ended.wait(0.2):
            self.set(rate * (time.monotonic() - began))

    def see(self, name, seconds, within=2.5, for_seconds=30):
        """Until the worker knows how far the wall clock is off: it compares them once a second."""
        end, ahead = time.monotonic() + for_seconds, None
        while time.monotonic() < end:
            if (ahead := self.ahead()) is not None and abs(ahead - seconds) <= abs(within):
                return True
            time.sleep(0.1)
        self.bench.broken(f"{name}: the wall clock is {seconds} s off, the worker says {ahead}")
        return False

    def ahead(self):
        """In seconds, as the worker says it."""
        line = Line(self.world.socket)
        line.request("GET", "/v1/system")
        clock = json.loads(line.getresponse().read())["clock"]
        line.close()
        return clock["ahead_ms"] / 1000

    def doctor(self, name):
        done = subprocess.run(
            [self.world.program, "doctor", "--json", "--config", self.world.settings], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        steps = [check for check in json.loads(done.stdout)["checks"] if check["part"] == "steps"]
        if [check["state"] for check in steps] != ["warning"]:
            self.bench.broken(f"{name}: doctor says {steps}")

    def settle(self):
        check.settle(self.world, self.producers, self.worker, env={"CLARION_CLOCK_FILE": str(self.file)})
        self.judge()

    def judge(self):
        """What the checker does not know: when the steps of `then` were to come, and that nothing ended for want of time."""
        bench, producers = self.bench, self.producers
        mails = {}
        for row in self.world.taken():
            if row["channel"] == "mail":
                mails.setdefault(number_of(row["recipient"]), []).append(row["at"] / 1000)
        early = {n: round(min(at) - producers.asked[n], 3) for n, at in mails.items() if min(at) - producers.asked[n] < AFTER * LED}
        if early:
            bench.broken(f"{len(early)} steps of `then` came early: {sorted(early.items())[:5]}")
        with stored.copy(self.world.data) as store:
            states, fired, rows = stored.deliveries(store), stored.fired(store), stored.clock_rows(store)
        doubtful = sum(count for (channel, state), count in states.items() if channel == "mail" and state in ("ambiguous", "unknown"))
        # An end takes back what has not left.
        open_orders = {n for n in producers.acknowledged if n % 4 != 0 and n + 3 not in producers.posted}
        if twice := sorted(n for n in open_orders if len(mails.get(n, [])) > 1):
            bench.broken(f"told twice by mail, where nothing recognises a repeat: {twice[:5]}")
        missing = sorted(open_orders - mails.keys())
        if len(missing) > doubtful:
            bench.broken(f"{len(missing)} steps of `then` never came, and {doubtful} are in doubt: {missing[:5]}")
        if ended := {key: count for key, count in states.items() if key[1] in ("expired", "dead", "undelivered")}:
            bench.broken(f"ended for want of time: {ended}")
        # Escalations, promises, reminders and calls are at least this far away.
        in_minutes = ("fallback", "doubt", "storm") if time.monotonic() - self.began < FIRST_ESCALATION else ("fallback", "doubt", "storm", "escalation")
        if early := {step: count for step, count in fired.items() if step not in in_minutes}:
            bench.broken(f"fired within minutes: {early}")
        bench.ran("steps of then, none early", len(mails))
        bench.ran("rows of the log about a clock that was set", len(rows))
        if len(rows) < 2 * bench.counts.get("steps while it runs", 0):
            bench.broken(f"the log has {len(rows)} rows about the clock")


def number_of(address):
    return int(address.split("@")[0].removeprefix("aurelia.fenn"))


def policy(world):
    """Mail follows at once what is not seen, which nobody does here."""
    text = (world.directory / "policy.yaml").read_text()
    text = text.replace("    now: [sms, push, mail, in_app]\n", f"    now: [sms, push, in_app]\n    then:\n      - {{ after: {AFTER}s, unless: seen, use: [mail] }}\n")
    return text.replace("burst_per_minute: 200", "burst_per_minute: 1000000")


def leave_out_push(world):
    """Its tokens are made by the wall clock, as the provider compares them with its own: while that is wrong for long, every push is refused."""
    text = world.settings.read_text()
    start, end = text.index("  - name: push-collapsing"), text.index("  - name: mail-blind")
    world.settings.write_text(text[:start] + text[end:])


def followed(world):
    """An hour ahead, and it stays so: after ten minutes the time follows, and what waits then is not due by it. Then behind by the same."""
    wall = Wall(world)
    wall.post(20).join()
    wall.set(HOUR)
    wall.see("an hour ahead", HOUR)
    end = time.monotonic() + FOLLOWED_WITHIN
    # So that steps of `then` wait at the moment in which it is followed.
    while wall.ahead() > 10 and time.monotonic() < end:
        wall.post(2).join()
        time.sleep(1)
    if wall.ahead() > 10:
        world.bench.broken("an hour ahead for twelve minutes is not followed")
    wall.post(10).join()
    wall.worker.kill()
    wall.worker = wall.start()
    wall.see("after it was followed", 0)
    # Now an hour behind what our own time has become, which never goes back.
    wall.set(0)
    wall.see("right, which is behind", -HOUR)
    wall.post(10).join()
    wall.settle()
    world.bench.ran("steps that were followed")
