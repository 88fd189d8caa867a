#!/usr/bin/env python3
"""`make tamper`: random edits of a delivery log and of its export, and whether `clarion audit verify` names each of them and nothing else.

    tamper.py [--rows N] [--verifications N] [--edits N] [--seed N] [--keep]

Half of the verifications are of the store, half of exported files; each is of a copy with so many edits. An edit is named when a breach overlaps the rows
that it changed. A breach is false when no edit lies inside it or beside its ends: a row that was changed together with its hash shows itself at the next.
"""
import argparse
import hashlib
import json
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BINARY, PARTS = ROOT / ".build/release/clarion", ROOT / ".build/release/BenchParts"
SPAN = 1000
HASH = b',"hash":"'
UNLOCK = "".join(f"DROP TRIGGER {name};" for name in ("log_keeps_rows", "log_keeps_words", "checkpoint_keeps_rows", "checkpoint_keeps_words"))


class World:
    def __init__(self, rows, work):
        self.work, self.rows = Path(work), rows
        self.settings = self.work / "clarion.yaml"
        text = (ROOT / "Tests/Faults/world.yaml").read_text(encoding="utf-8")
        text = text[:text.index("\naccounts:")] + "\n"
        for name, value in (("mode", "capture"), ("store", "data, checkpoints: checkpoints"), ("min_free", "1MiB"), ("root", str(ROOT))):
            text = text.replace("{{%s}}" % name, value)
        self.settings.write_text(text, encoding="utf-8")
        shutil.copy(ROOT / "config/policy.yaml", self.work)
        # The old copy, then two ways on from it: the store's, and another.
        self.grow(rows * 9 // 10, "a")
        self.old, self.fork = self.copy("old"), self.copy("fork")
        self.export("old.ndjson")
        self.grow(rows - rows * 9 // 10, "a")
        self.export("log.ndjson")
        # Back to before the row of that export in the old copy: the fork grows from there with the same keys.
        settings = self.settings.read_text(encoding="utf-8")
        other = settings.replace("directory: data", "directory: fork").replace("checkpoints: checkpoints", "checkpoints: fork-checkpoints")
        (self.work / "fork.yaml").write_text(other, encoding="utf-8")
        self.run(PARTS, "log", self.work / "fork.yaml", rows - rows * 9 // 10, "b")
        self.run(BINARY, "audit", "export", "--config", self.work / "fork.yaml", "--to", self.work / "fork.ndjson", "--quiet")
        plain = self.run(BINARY, "keys", "public", "--config", self.settings, "-o", "plain").stdout
        self.key = plain.splitlines()[1].split("\t")[0]
        self.checkpoints = next(path for path in (self.work / "checkpoints").iterdir() if path.name.count(".") == 1)
        with sqlite3.connect(self.work / "data/clarion.db") as db:
            self.last = db.execute("SELECT max(seq) FROM log").fetchone()[0]
            self.ends = [row[0] for row in db.execute("SELECT seq FROM checkpoint ORDER BY number")]
        with sqlite3.connect(self.old / "clarion.db") as db:
            self.common = db.execute("SELECT max(seq) FROM log").fetchone()[0]
        lines = (self.work / "old.ndjson").read_bytes().split(b"\n")
        self.old_end = json.loads(lines[0])["to"]

    def run(self, *command, allowed=(0,)):
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=900)
        if done.returncode not in allowed:
            raise SystemExit(f"{' '.join(str(part) for part in command)}: exit status {done.returncode}\n{done.stderr}")
        return done

    def grow(self, rows, word):
        self.run(PARTS, "log", self.settings, rows, word)

    def copy(self, name):
        shutil.copytree(self.work / "data", self.work / name)
        return self.work / name

    def export(self, name):
        self.run(BINARY, "audit", "export", "--config", self.settings, "--to", self.work / name, "--quiet")

    def span_of(self, seq):
        """The rows of the checkpoint that signs a row."""
        end = next(end for end in self.ends if end >= seq)
        before = [e for e in self.ends if e < end]
        return (before[-1] if before else 0) + 1, end

    def verify_store(self, directory):
        text = self.settings.read_text(encoding="utf-8").replace("directory: data", f"directory: {directory.name}")
        (self.work / "copy.yaml").write_text(text, encoding="utf-8")
        return self.verdict("audit", "verify", "--config", self.work / "copy.yaml", "--json")

    def verify_file(self, path):
        return self.verdict("audit", "verify", path, "--key", self.key, "--checkpoints", self.checkpoints, "--json", "--quiet")

    def verdict(self, *arguments):
        start = time.monotonic()
        done = self.run(BINARY, *arguments, allowed=(0, 6))
        verdict = json.loads(done.stdout)
        verdict["seconds"] = time.monotonic() - start
        return verdict


def places(chance, count, first, last, gap=12):
    """Rows that lie apart, so that each edit can be told from its neighbours."""
    found = []
    while len(found) < count:
        seq = chance.randint(first, last)
        if all(abs(seq - other) > gap for other in found):
            found.append(seq)
    return found


def content(row):
    """What is hashed of a row of the database, without its body's bytes being looked at."""
    seq, at, act, order, event, notice, delivery, attempt, body = row
    text = b'{"act":"%s","at":%d' % (act.encode(), at)
    for name, value in (("attempt", attempt),):
        text += b"" if value is None else b',"%s":%d' % (name.encode(), value)
    text += b',"body":' + body
    for name, value in (("delivery", delivery), ("event", event), ("notice", notice)):
        text += b"" if value is None else b',"%s":%d' % (name.encode(), value)
    return text + (b"" if order is None else b',"order":"%s"' % order.encode()) + b',"seq":%d}' % seq


def flipped(chance, data, first=0, last=None):
    data = bytearray(data)
    data[chance.randrange(first, last or len(data))] ^= 1 << chance.randrange(8)
    return bytes(data)


COLUMNS = "seq, at, act, order_no, event, notice, delivery, attempt, body"
REST = "at, act, order_no, event, notice, delivery, attempt, body, hash"


def edit_row(db, chance, seq, sort):
    """One edit of the database; returns the rows that it changed, first and last."""
    row = db.execute(f"SELECT {COLUMNS}, hash FROM log WHERE seq = ?", (seq,)).fetchone()
    if sort == "bit":
        db.execute("UPDATE log SET body = ? WHERE seq = ?", (flipped(chance, row[8]), seq))
    elif sort == "field":
        column, value = chance.choice([("at", row[1] + 1), ("act", "seen"), ("order_no", "WD9"), ("event", None), ("delivery", 7), ("attempt", 5)])
        db.execute(f"UPDATE log SET {column} = ? WHERE seq = ?", (value, seq))
    elif sort == "hash":
        db.execute("UPDATE log SET hash = ? WHERE seq = ?", (flipped(chance, row[9]), seq))
    elif sort == "rehash":
        before = db.execute("SELECT hash FROM log WHERE seq = ?", (seq - 1,)).fetchone()[0]
        body = row[8].replace(b'"first"', b'"other"')
        digest = hashlib.sha256(before + content(row[:8] + (body,))).digest()
        db.execute("UPDATE log SET body = ?, hash = ? WHERE seq = ?", (body, digest, seq))
    elif sort == "delete":
        count = chance.randint(1, 4)
        db.execute("DELETE FROM log WHERE seq BETWEEN ? AND ?", (seq, seq + count - 1))
        return seq, seq + count - 1
    elif sort == "replace":
        db.execute(f"UPDATE log SET ({REST}) = (SELECT {REST} FROM log WHERE seq = ?) WHERE seq = ?", (seq // 2 + 1, seq))
    elif sort == "swap":
        db.execute("UPDATE log SET seq = -1 WHERE seq = ?", (seq,))
        db.execute("UPDATE log SET seq = ? WHERE seq = ?", (seq, seq + 3))
        db.execute("UPDATE log SET seq = ? WHERE seq = -1", (seq + 3,))
        return seq, seq + 3
    return seq, seq


DB_SORTS = ["bit", "field", "hash", "rehash", "delete", "replace", "swap"]


def edit_store(world, chance, count, whole):
    directory = world.work / "copy"
    shutil.rmtree(directory, ignore_errors=True)
    shutil.copytree({"replay": world.old, "fork": world.work / "fork"}.get(whole, world.work / "data"), directory)
    made = []
    db = sqlite3.connect(directory / "clarion.db")
    db.executescript(UNLOCK)
    end = {"replay": world.common, "fork": world.common}.get(whole, world.last)
    if whole == "truncate":
        end = chance.randint(world.last // 2, world.last - 50)
        db.execute("DELETE FROM log WHERE seq > ?", (end,))
        db.execute("DELETE FROM checkpoint WHERE seq > ?", (end,))
    if whole == "insert":
        db.execute(f"INSERT INTO log (seq, {REST}) SELECT ?, {REST} FROM log WHERE seq = 9", (world.last + 1,))
        made.append(("insert", world.last + 1, world.last + 1))
    if whole in ("truncate", "replay", "fork"):
        made.append((whole, end + 1, world.last))
    for n, seq in enumerate(places(chance, count - len(made), 20, end - 1200)):
        if n == 0:
            first, last = world.span_of(seq)
            line = db.execute("SELECT line FROM checkpoint WHERE seq = ?", (last,)).fetchone()[0]
            place = line.index('"root":"') + 8 + chance.randrange(64)
            db.execute("UPDATE checkpoint SET line = ? WHERE seq = ?", (line[:place] + ("0" if line[place] != "0" else "1") + line[place + 1:], last))
            made.append(("checkpoint", first, last))
            continue
        sort = chance.choice(DB_SORTS)
        made.append((sort, *edit_row(db, chance, seq, sort)))
    db.commit()
    db.close()
    return world.verify_store(directory), made


def edit_line(lines, place, chance, seq, sort):
    """One edit of an exported file; returns the rows that it changed. `None` for a line is: cut out."""
    at = place(seq)
    line = lines[at][0]
    if sort == "bit":
        lines[at] = [flipped(chance, line)]
    elif sort == "end":
        # The line feed behind it turned: two lines are one.
        lines[at] = [line + b"\x0b" + lines[at + 1][0]] if place(seq + 1) == at + 1 else [flipped(chance, line)]
        if place(seq + 1) == at + 1:
            lines[at + 1] = []
            return seq, seq + 1
    elif sort == "field":
        lines[at] = [line.replace(b'"channel":"sms"', b'"channel":"app"').replace(b'"what":"', b'"what":"-')]
    elif sort == "hash":
        where = line.index(HASH) + len(HASH) + chance.randrange(64)
        lines[at] = [line[:where] + (b"0" if line[where:where + 1] != b"0" else b"1") + line[where + 1:]]
    elif sort == "rehash":
        if place(seq - 1) != at - 1:
            return edit_line(lines, place, chance, seq, "field")
        before = lines[at - 1][0]
        content = line[:line.index(HASH)].replace(b'"first"', b'"other"') + b"}"
        digest = hashlib.sha256(bytes.fromhex(before[-66:-2].decode()) + content).hexdigest()
        lines[at] = [content[:-1] + HASH + digest.encode() + b'"}']
    elif sort == "delete":
        count = chance.randint(1, 4)
        for each in range(seq, seq + count):
            lines[place(each)] = []
        return seq, seq + count - 1
    elif sort == "insert":
        other = chance.choice([seq // 2 + 1, seq, seq + 3])
        lines[at] = [line, lines[place(other)][0] if lines[place(other)] else line]
        return (other, other) if lines[place(other)] else (seq, seq)
    elif sort == "swap":
        other = place(seq + 3)
        lines[at], lines[other] = lines[other], lines[at]
        return seq, seq + 3
    return seq, seq


FILE_SORTS = ["bit", "end", "field", "hash", "rehash", "delete", "insert", "swap"]


def edit_file(world, chance, count, whole):
    name = {"replay": "old.ndjson", "fork": "fork.ndjson"}.get(whole, "log.ndjson")
    lines = [[line] for line in (world.work / name).read_bytes().split(b"\n")]
    ends, kept = [], []
    for at, (line,) in enumerate(lines):
        if line.startswith(b'{"checkpoint"'):
            ends.append((json.loads(line)["seq"], at))
        if line.startswith(b'{"act"'):
            kept.append(at)
    place = lambda seq: kept[seq - 1]
    made = []
    end = {"replay": world.old_end, "fork": world.common}.get(whole, world.last)
    if whole == "truncate":
        end = chance.randint(world.last // 2, world.last - 50)
        # With the manifest, or without.
        lines = lines[:place(end) + 1] + (lines[-2:] if chance.random() < 0.5 else [[b""]])
    if whole in ("truncate", "replay", "fork"):
        made.append((whole, end + 1, world.last))
    for n, seq in enumerate(places(chance, count - len(made), 20, end - 1200)):
        if n < 2:
            last, at = next(each for each in ends if each[0] >= seq)
            before = [each[0] for each in ends if each[0] < last]
            span = (before[-1] if before else 0) + 1, last
            if any(other[1] <= span[1] and span[0] <= other[2] for other in made if other[0] in ("checkpoint", "blind")):
                continue
            # The checkpoint's line, or what blinds its rows.
            line, where = (at, "checkpoint") if n == 0 else (at - 1, "blind")
            lines[line] = [flipped(chance, lines[line][0])] if chance.random() < 0.5 else []
            made.append((where, *span))
            continue
        sort = chance.choice(FILE_SORTS)
        made.append((sort, *edit_line(lines, place, chance, seq, sort)))
    path = world.work / "copy.ndjson"
    path.write_bytes(b"\n".join(part for line in lines for part in line))
    return world.verify_file(path), made


def judge(verdict, made):
    """Edits that are not named, and breaches that name no edit."""
    breaches = verdict["breaches"]
    missed = [edit for edit in made if not any(b["first"] <= edit[2] and edit[1] <= b["last"] for b in breaches)]
    false = [b for b in breaches if not any(b["first"] <= edit[2] + 1 and edit[1] - 1 <= b["last"] for edit in made)]
    wide = [b for b in breaches if b["sort"] in ("edited", "deleted", "inserted", "moved") and b["last"] - b["first"] > 8]
    return missed, false + wide


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--verifications", type=int, default=40)
    parser.add_argument("--edits", type=int, default=25)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    work = tempfile.mkdtemp(prefix="clarion-tamper-")
    total, bad, seconds, rows = 0, 0, 0.0, 0
    try:
        world = World(options.rows, work)
        for what, verdict in (("store", world.verify_store(world.work / "data")), ("file", world.verify_file(world.work / "log.ndjson"))):
            print(f"untouched {what}: {len(verdict['breaches'])} breaches, {verdict['rows']} rows, {verdict['rows'] / verdict['seconds']:,.0f} rows/s")
            bad += len(verdict["breaches"])
        kinds = ["", "", "truncate", "replay", "fork", "insert"]
        for n in range(options.verifications):
            chance = random.Random(f"{options.seed} {n}")
            isStore = n % 2 == 0
            whole = kinds[n // 2 % len(kinds)]
            verdict, made = (edit_store if isStore else edit_file)(world, chance, options.edits, whole)
            missed, false = judge(verdict, made)
            total, bad, seconds, rows = total + len(made), bad + len(missed) + len(false), seconds + verdict["seconds"], rows + verdict["rows"]
            print(f"{n + 1:>3} {'store' if isStore else 'file':<6} {whole:<9} {len(made)} edits, {len(missed)} not named, {len(false)} false", flush=True)
            for edit in missed:
                print("      not named:", edit)
            for breach in false:
                print("      false:", breach)
    finally:
        if not options.keep:
            shutil.rmtree(work)
    print(f"{total} edits in {options.verifications} verifications, seed {options.seed}: {bad} not named or false; {rows / max(seconds, 0.001):,.0f} rows/s")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
