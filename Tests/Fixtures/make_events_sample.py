#!/usr/bin/env python3
"""Picks a compact sample of a long events file: make_events_sample.py events.jsonl > events-sample.jsonl

Keeps, in the order of the input, the first line of every shape (type, kind, step, outcome, code list, rail, locale, time zone, members of
`details`), one line for every phone number that passes the Luhn check, and then every n-th line until there are 400.
"""
import json
import sys

WANTED = 400


def luhn(text):
    total = 0
    for n, digit in enumerate(reversed(text)):
        value = int(digit) * (2 if n % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def shapes(event):
    data = event["data"]
    kind = event["type"].rsplit("payout.", 1)[1]
    yield kind, data.get("kind")
    yield "step", data.get("kind"), data.get("step")
    yield "outcome", data.get("kind"), data.get("outcome")
    yield "source", data.get("reason", {}).get("source")
    yield "rail", data["rail"]
    customer = data.get("customer", {})
    yield "locale", customer.get("locale")
    yield "zone", customer.get("time_zone")
    yield "missing", tuple(sorted(name for name, value in customer.items() if value is None))
    for name, value in (data.get("details") or {}).items():
        yield "details", name, tuple(sorted(value)) if isinstance(value, dict) else type(value).__name__
    phone = (customer.get("phone") or "").lstrip("+")
    if 13 <= len(phone) <= 19 and luhn(phone):
        yield "phone", phone


def main():
    lines = [line for line in open(sys.argv[1], encoding="utf-8") if line.strip()]
    seen, kept = set(), set()
    for n, line in enumerate(lines):
        new = set(shapes(json.loads(line))) - seen
        if new:
            kept.add(n)
            seen |= new
    rest = [n for n in range(len(lines)) if n not in kept]
    missing = max(0, WANTED - len(kept))
    if missing:
        kept |= set(rest[:: max(1, len(rest) // missing)][:missing])
    sys.stdout.writelines(lines[n] for n in sorted(kept))


main()
