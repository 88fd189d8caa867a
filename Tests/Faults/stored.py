"""What a store says that no process has open: read from a copy, since looking must not change what the next worker finds."""
import json
import shutil
import sqlite3
import tempfile
from contextlib import closing, contextmanager
from pathlib import Path


@contextmanager
def copy(data):
    with tempfile.TemporaryDirectory(prefix="clarion-fault-copy-") as place:
        for name in ("clarion.db", "clarion.db-wal"):
            if (data / name).exists():
                shutil.copy(data / name, place)
        with closing(sqlite3.connect(Path(place) / "clarion.db")) as store:
            yield store


def events(store):
    """None in a store that was never made."""
    if tables(store) == 0:
        return set()
    return {row[0] for row in store.execute("SELECT event_id FROM event")}


def open_attempts(store):
    """id → account."""
    if tables(store) == 0:
        return {}
    return dict(store.execute("SELECT id, account FROM attempt WHERE state = 'intent'"))


def attempts(store):
    """id → state."""
    return dict(store.execute("SELECT id, state FROM attempt"))


def deliveries(store):
    """Counts by channel and state."""
    return {(channel, state): count for channel, state, count in store.execute("SELECT channel, state, count(*) FROM delivery GROUP BY 1, 2")}


def fired(store):
    """Counts of timers that fired, by what they were for."""
    return dict(store.execute("SELECT step, count(*) FROM timer WHERE state = 'fired' GROUP BY 1"))


def clock_rows(store):
    """Bodies of the rows about a clock that was set, or a step that was followed."""
    return [json.loads(body) for (body,) in store.execute("SELECT body FROM log WHERE act = 'clock' ORDER BY seq")]


def fence(store):
    """Why nothing is sent; None: it is not fenced."""
    row = store.execute("SELECT value FROM meta WHERE key = 'fenced'").fetchone()
    return row and row[0]


def version(store):
    return store.execute("PRAGMA user_version").fetchone()[0]


def tables(store):
    return store.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]


def is_whole(store):
    return [row[0] for row in store.execute("PRAGMA integrity_check")] == ["ok"]
