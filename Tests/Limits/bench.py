#!/usr/bin/env python3
"""`make bench`: what Clarion costs, each case in turns with a limit program that does only what cannot be avoided.

    bench.py [--rounds N] [--seconds S] [--only CASE,...] [--long] [--out FILE]

Prints a table and writes it as JSON, {case: {"value", "limit", "ratio", "target", "ok", ...}}. A ratio is Clarion's figure by the limit's
of the same run: it holds on another machine, a value does not. `clarion bench compare` compares two such files. docs/performance.md explains
each case.
"""
import argparse
import json
import statistics
import sys

import delivering
import machine
import profile_cpu
import single
import world

MORE, LESS = "more", "less"


class Book:
    """What was measured. A target is about the ratio where there is one, else about the value; a case without one only informs."""

    def __init__(self, wanted):
        self.wanted, self.cases = wanted, {}

    def wants(self, *names):
        return not self.wanted or any(name in self.wanted for name in names)

    def add(self, name, unit, better, target, values, limits=None, others=0.0):
        value, limit = statistics.median(values), statistics.median(limits) if limits else None
        ratios = [v / l for v, l in zip(values, limits)] if limits else None
        figure = statistics.median(ratios) if ratios else value
        ok = None if target is None else figure >= target if better == MORE else figure <= target
        spread = ratios or values
        self.cases[name] = {
            "value": round(value, 3), "limit": limit and round(limit, 3), "ratio": ratios and round(figure, 4), "target": target, "ok": ok,
            "unit": unit, "better": better, "low": round(min(spread), 4), "high": round(max(spread), 4), "rounds": len(values),
            "others": round(others, 3)}
        self.line(name)

    def line(self, name):
        case = self.cases[name]
        number = lambda x: "-" if x is None else f"{x:,.0f}" if abs(x) >= 1000 else f"{x:.4g}"
        sign = "" if case["target"] is None else {MORE: ">= ", LESS: "<= "}[case["better"]] + f"{case['target']:g}"
        word = {None: "", True: "ok", False: "NOT REACHED"}[case["ok"]]
        noise = f"others had {case['others']:.0%} of the core" if case["others"] > 0.05 else ""
        print(f"{name:<22} {number(case['value']):>9} {number(case['limit']):>9} {case['unit']:<14} {number(case['ratio']):>7} "
              f"{number(case['low']):>8} .. {number(case['high']):<8} {sign:<9} {word:<12} {noise}".rstrip(), flush=True)


def sending(book, options, case, target, cpu_target=None):
    sending = delivering.Sending(case)
    sending.prepare(options.seconds)
    runs = [sending.clarion, sending.limit, sending.same_work]
    rounds = list(zip(*([run() for run in runs] for _ in range(options.rounds))))
    others = max(r["others"] for found in rounds for r in found)

    def add(name, found, against, target=None, cpu_target=None):
        book.add(name, "a second", MORE, target, [r["rate"] for r in found], [r["rate"] for r in against], others)
        book.add(f"{name}-cpu", "us each", LESS, cpu_target, [r["cpu"] for r in found], [r["cpu"] for r in against], others)

    ours, limits, work = rounds
    add(case, ours, limits, target, cpu_target)
    add(f"{case}-work", ours, work)
    add(f"{case}-in-c", work, limits)
    return sending, statistics.median(r["cpu"] for r in ours)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3, help="of one run of a case that sends")
    parser.add_argument("--only", default="", help="cases, separated by commas")
    parser.add_argument("--long", action="store_true", help="also a million pending and ten million rows of log")
    parser.add_argument("--rows", type=int, default=10_000_000, help="of log, for --long")
    parser.add_argument("--out", default=str(world.ROOT / ".build" / "bench.json"))
    options = parser.parse_args()
    world.WORK.mkdir(parents=True, exist_ok=True)
    book = Book([name for name in options.only.split(",") if name])
    print(f"{'case':<22} {'clarion':>9} {'limit':>9} {'':<14} {'ratio':>7} {'low':>8} .. {'high':<8} target")

    if book.wants("deliveries", "deliveries-own"):
        case, each = sending(book, options, "deliveries", 0.50, 2.8)
        share = profile_cpu.own_share(case)
        if share is not None:
            book.add("deliveries-own", "us each", LESS, 25, [each * share])
    for name, target in [("plain", None), ("mails", 0.70), ("http2", 0.70)]:
        if book.wants(name):
            sending(book, options, name, target)
    if book.wants("accept"):
        directory = world.world("accept", ["sms", "push"])
        rounds = [delivering.accepting(20_000, directory) for _ in range(options.rounds)]
        ours, limits = zip(*rounds)
        others = max(r["others"] for r in ours)
        book.add("accept", "events/s", MORE, 0.40, [r["rate"] for r in ours], [r["rate"] for r in limits], others)
        book.add("accept-cpu", "us each", LESS, None, [r["cpu"] for r in ours], [r["cpu"] for r in limits], others)
    if book.wants("waiting"):
        runs = [delivering.waiting(10) for _ in range(options.rounds)]
        book.add("waiting-p50", "ms", LESS, 2, [run[len(run) // 2] for run in runs])
        book.add("waiting-p99", "ms", LESS, 8, [run[len(run) * 99 // 100] for run in runs])
    if book.wants("render"):
        book.add("render", "us", LESS, 5, [single.rendering() for _ in range(options.rounds)])
    if book.wants("verify"):
        book.add("verify", "rows/s", MORE, 200_000, *single.verifying(options.rounds))
    if book.wants("check"):
        book.add("check", "s", LESS, 5, [single.command("check") for _ in range(options.rounds)])
    if book.wants("preview"):
        preview = ["preview", "account_info_error", "--channel", "sms"]
        book.add("preview", "s", LESS, 0.150, [single.command(*preview) for _ in range(options.rounds)])
    if book.wants("idle"):
        book.add("idle", "MiB", LESS, 40, [single.idle() for _ in range(min(3, options.rounds))])
    if book.wants("program"):
        book.add("program-size", "MiB", LESS, 60, [single.size()])
        book.add("program-start", "s", LESS, 0.050, [single.starting()])
    if options.long and book.wants("pending"):
        book.add("pending", "MiB", LESS, 128, [single.pending(1_000_000)])
    if options.long and book.wants("growing"):
        late, early, most = delivering.growing(options.rows)
        book.add("growing", "a second", MORE, 0.80, [late], [early])
        book.add("growing-memory", "MiB", LESS, 128, [most])

    with open(options.out, "w") as file:
        json.dump(book.cases, file, indent=1)
        file.write("\n")
    missed = [name for name, case in book.cases.items() if case["ok"] is False]
    print(f"\n{len(book.cases)} figures, {len(missed)} not reached{': ' + ', '.join(missed) if missed else ''}. Written to {options.out}")


if __name__ == "__main__":
    sys.exit(main())
