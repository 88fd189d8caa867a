#!/usr/bin/env python3
"""Moments as Python's datetime sees them: make_times.py > times.tsv

Columns: milliseconds since 1970, offset in seconds, then the wall clock there as RFC 3339. Python is the oracle, the seed is fixed.
"""
import random
from datetime import datetime, timedelta, timezone

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
rng = random.Random(20251111)
edges = [
    datetime(1, 1, 2), datetime(1582, 10, 15), datetime(1600, 2, 29, 23, 59, 59), datetime(1700, 2, 28), datetime(1700, 3, 1),
    datetime(1899, 12, 31, 23, 59, 59), datetime(1900, 1, 1), datetime(1969, 12, 31, 23, 59, 59, 999000), datetime(1970, 1, 1),
    datetime(1972, 2, 29), datetime(2000, 2, 29), datetime(2000, 12, 31, 23, 59, 59), datetime(2038, 1, 19, 3, 14, 8), datetime(2100, 2, 28),
    datetime(2100, 3, 1), datetime(2400, 2, 29), datetime(9999, 12, 30, 23, 59, 59, 999000),
]
moments = [edge.replace(tzinfo=timezone.utc) for edge in edges]
low, high = datetime(1, 1, 2, tzinfo=timezone.utc), datetime(9999, 12, 30, tzinfo=timezone.utc)
span = (high - low) // timedelta(milliseconds=1)
moments += [low + timedelta(milliseconds=rng.randrange(span)) for _ in range(600)]
near = datetime(2025, 1, 1, tzinfo=timezone.utc)
moments += [near + timedelta(milliseconds=rng.randrange(366 * 86400 * 1000)) for _ in range(200)]
for moment in moments:
    minutes = rng.choice([0, 0, 60, 120, 330, 345, 480, 540, -300, -480, 840, -720, rng.randrange(-1439, 1440)])
    offset = timedelta(minutes=minutes)
    if not low < moment + offset < high:
        minutes, offset = 0, timedelta(0)
    local = moment.astimezone(timezone(offset))
    print((moment - EPOCH) // timedelta(milliseconds=1), minutes * 60, local.isoformat(timespec="milliseconds"), sep="\t")
