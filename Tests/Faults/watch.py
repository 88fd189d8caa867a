"""Workers seen from outside, for the checker: what they hold (samples.jsonl) and what they said (output/)."""
import json
import os
import threading
import time
from pathlib import Path

#: Seconds between two looks at a worker that runs.
EVERY = 0.25
#: So long a worker has had nothing to do before a look at it counts as quiet. Idle threads of Dispatch go after five seconds.
STILL = 7
#: In the kernel's units of 10 ms: what a worker that has nothing to do uses meanwhile. It looks at its clocks once a second.
IDLE_TICKS = 10

WORLD = json.loads(Path(__file__).with_name("world.json").read_text())
#: What only we know: none of it may stand in anything that a worker writes. A part is enough where it is in all of a kind.
PLANTED = [WORLD["secret"], WORLD["name"], WORLD["card"], *WORLD["parts"]]


def caps(is_shipped):
    """Of one process. Of a debug build, whose code alone takes more than what ships may have, a rough one."""
    return {**WORLD["caps"], "rss_bytes": WORLD["rss_bytes"]["release" if is_shipped else "debug"]}


class Watch:
    """Of one worker: looks at it until it is gone."""

    def __init__(self, child, samples):
        self.child, self.samples, self.lock = child, samples, threading.Lock()
        self.pid = None
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while self.child.process.poll() is None:
            self.look()
            time.sleep(EVERY)

    def look(self, quiet=False):
        """Not before it is the program, and not when it is gone."""
        with self.lock:
            self.pid = self.pid or program_of(self.child.process.pid)
            if self.pid and (seen := held(self.pid)):
                with open(self.samples, "a", encoding="utf-8") as file:
                    file.write(json.dumps({"pid": self.pid, **seen, "quiet": quiet}) + "\n")

    def look_when_quiet(self, counts=True, within=120):
        """Once it has had nothing to do for a while. False: it always had. `counts`: the look is one of the quiet ones that are compared."""
        end, since, used = time.monotonic() + within, time.monotonic(), ticks(self.pid)
        while time.monotonic() < end:
            time.sleep(EVERY)
            if (now := ticks(self.pid)) is None or used is None:
                return False
            if now - used > IDLE_TICKS:
                since, used = time.monotonic(), now
            elif time.monotonic() - since >= STILL:
                self.look(quiet=counts)
                return True
        return False


def program_of(pid):
    """The worker's: strace and others start it as their child."""
    try:
        if os.path.basename(os.readlink(f"/proc/{pid}/exe")).startswith("clarion"):
            return pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return None
    return next((found for child in children if (found := program_of(int(child)))), None)


def held(pid):
    """`rss` is the most it ever had: what it gave back between two looks counts as well."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        fields = {name: value.split() for name, value in (line.split(":", 1) for line in lines)}
        return {"rss": int(fields["VmHWM"][0]) << 10, "fds": len(os.listdir(f"/proc/{pid}/fd")), "threads": int(fields["Threads"][0])}
    except (OSError, KeyError):
        return None


def ticks(pid):
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        return int(fields[11]) + int(fields[12])
    except OSError:
        return None
