"""How long this machine kept a process waiting that was due: without it, a stall of ours cannot be told from one of the machine.

With a worker's priority (`FIRST` of faultworld.py).

    noise.py    says the longest delay in milliseconds when its input ends
"""
import os
import select
import sys
import time

EVERY = 0.005


def watch():
    longest = 0.0
    while True:
        began = time.monotonic()
        ready, _, _ = select.select([sys.stdin], [], [], EVERY)
        if ready:
            return longest
        longest = max(longest, time.monotonic() - began - EVERY)


if __name__ == "__main__":
    if os.geteuid() == 0:
        os.nice(-15)
    print(round(watch() * 1000))
