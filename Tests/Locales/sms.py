#!/usr/bin/env python3
"""Random texts with what an SMS of them costs, counted without any line of Clarion's, so that the tests can compare.

    sms.py [--cases N] [--seed S]      to stdout: coding, units, parts, the first character that forces UCS-2 or -, and the text, with tabs between

The tables are those of 3GPP TS 23.038 (6.2.1 and 6.2.1.1), the parts those of TS 23.040 (9.2.3.24.1: 140 octets, of which a header of 6 leaves 134). The text
itself is cut here, part by part; no cut lies inside an escape pair (same clause), a surrogate pair (RFC 2781) or what a reader sees as one character (UAX #29, as
the package regex has it: `pip install regex`), unless that alone is longer than a part. Where the package smsutil is installed (`pip install smsutil`), it
splits each text that has no such character as well, and a difference ends the run: two counters that others wrote the rules of. Tests/Fixtures/sms.tsv holds 2,000 cases;
`CLARION_SMS_CASES=FILE` has the suite `SMSCounterTests` read another file. Texts are written by their code points, a repeat as
`61*152` or `44+308*20`.
"""
import argparse
import itertools
import random
import sys

import regex

try:
    import smsutil
except ImportError:
    smsutil = None

BASIC = {}
for base, row in (
    (0x00, "40 A3 24 A5 E8 E9 F9 EC F2 C7 A D8 F8 D C5 E5"),
    (0x10, "394 5F 3A6 393 39B 3A9 3A0 3A8 3A3 398 39E - C6 E6 DF C9"),
    (0x20, "20 21 22 23 A4 25 26 27 28 29 2A 2B 2C 2D 2E 2F 30 31 32 33 34 35 36 37 38 39 3A 3B 3C 3D 3E 3F"),
    (0x40, "A1"), (0x5B, "C4 D6 D1 DC A7"), (0x60, "BF"), (0x7B, "E4 F6 F1 FC E0"),
):
    BASIC.update({int(point, 16): base + n for n, point in enumerate(row.split()) if point != "-"})
BASIC.update({letter: letter for letter in itertools.chain(range(0x41, 0x5B), range(0x61, 0x7B))})
EXTENDED = {0x0C: 0x0A, 0x5E: 0x14, 0x7B: 0x28, 0x7D: 0x29, 0x5C: 0x2F, 0x5B: 0x3C, 0x7E: 0x3D, 0x5D: 0x3E, 0x7C: 0x40, 0x20AC: 0x65}
ESCAPE = 0x1B
assert len(BASIC) == 127


def septets(point):
    return [BASIC[point]] if point in BASIC else [ESCAPE, EXTENDED[point]]


def cut(clusters, whole, room):
    """The parts of a message as lists of units. A cluster is a list of pieces, those of its code points; it stays whole where it can, each piece always."""
    flat = [unit for cluster in clusters for piece in cluster for unit in piece]
    if len(flat) <= whole:
        return [flat]
    parts = [[]]
    joined = [list(itertools.chain.from_iterable(cluster)) for cluster in clusters]
    for piece in itertools.chain.from_iterable([one] if len(one) <= room else cluster for one, cluster in zip(joined, clusters)):
        if len(parts[-1]) + len(piece) > room:
            parts.append([])
        parts[-1].extend(piece)
    assert list(itertools.chain.from_iterable(parts)) == flat and all(0 < len(part) <= room for part in parts)
    return parts


def clusters(text, units):
    return [[units(letter) for letter in cluster] for cluster in regex.findall(r"\X", text)]


def count(text):
    outside = next((letter for letter in text if ord(letter) not in BASIC and ord(letter) not in EXTENDED), None)
    if outside is None:
        parts = cut(clusters(text, lambda letter: septets(ord(letter))), 160, 153)
        assert len(parts) == 1 or all(part[-1] != ESCAPE for part in parts)
        return "GSM-7", parts, outside
    def pairs(letter):
        octets = letter.encode("utf-16-be")
        return [octets[n:n + 2] for n in range(0, len(octets), 2)]

    parts = cut(clusters(text, pairs), 70, 67)
    assert all(not 0xD8 <= part[-1][0] < 0xDC for part in parts)
    return "UCS-2", parts, outside


def check(text, coding, parts):
    if len(regex.findall(r"\X", text)) != len(text):  # smsutil cuts between code points
        return
    if smsutil is None or not text or "\x1b" in text:  # smsutil takes nothing for UCS-2, and the escape itself for a character
        return
    split = smsutil.split(text)
    theirs = ("GSM-7" if split.encoding == "gsm0338" else "UCS-2", len(split.parts))
    if theirs != (coding, len(parts)):
        sys.exit(f"smsutil: {theirs}, here {coding}, {len(parts)} of {text!r}")


# What texts are made of. Several code points of one entry are one character on a screen.
LATIN = list("aeinorst ,.ABCXYZ0123456789") + ["\n", "\r\n", "é", "è", "ñ", "ü", "ß", "Ç", "@", "_", "¿"]
GREEK = list("ΔΦΓΛΩΠΨΣΘΞ")
EXTENSION = list("^{}\\[~]|€\f")
NEARLY = list("çáâêőş`’“”–…•™ΑΒαЖ\t\x1b\x7f") + ["\u00a0", "\u202f", "\u03ff", "\u0400", "\u07ff", "\u0800", "\uffff", "\ue000"]
EAST = list("中文提现到账款项かなカナ한국어สวัสดี") + ["ก็", "が"]
RIGHT = list("مرحباشلوم،؟") + ["لَا", "بِسْ", "\u200f", "\u061c"]
# Whole syllables: what two versions of Unicode make of marks without a letter is nobody's text.
INDIA = list("मनसदह") + ["क्ष", "न्दी", "स्ते", "हि", "நி", "กำ", "น้ำ", "เงี้ย"]
MARKS = ["e\u0301", "n\u0303", "a\u0308\u0304", "q\u0323\u0307", "\u0301", "\ufe0f", "\u200d", "e\u0302\u0323", "a" + "\u0300\u0301\u0302" * 30, "각", "\u1112\u1161\u11ab"]
BEYOND = ["😀", "𝒳", "𠮷", "🏽", "\U00010000", "\U0010ffff", "👍🏽", "🇩🇪", "🇨🇳🇯🇵", "👩\u200d👩\u200d👧\u200d👦", "🏳\ufe0f\u200d🌈", "❤\ufe0f", "1\ufe0f\u20e3", "🧑🏿\u200d💻"]
MIXES = [
    [LATIN], [LATIN, EXTENSION], [LATIN, GREEK, EXTENSION], [EXTENSION], [LATIN, NEARLY], [EAST], [EAST, LATIN], [RIGHT, LATIN], [LATIN, MARKS],
    [LATIN, BEYOND], [EAST, BEYOND], [BEYOND], [INDIA], [LATIN, INDIA], [LATIN, GREEK, EXTENSION, NEARLY, EAST, RIGHT, MARKS, BEYOND],
]
EDGES = [70, 67, 134, 160, 201, 153, 268, 306, 335, 459, 612]


def cost(text, gsm):
    return sum(len(septets(ord(letter))) for letter in text) if gsm else len(text.encode("utf-16-be")) // 2


def make(chance):
    """Runs of a character: (character, how many)."""
    pools = chance.choice(MIXES)
    gsm = all(pool in (LATIN, GREEK, EXTENSION) for pool in pools)
    length = chance.choice(EDGES) + chance.randint(-3, 3) if chance.random() < 0.8 else chance.randint(0, 700)
    sparse = chance.random() < 0.95
    runs = []
    if not gsm and sparse:  # else its few characters might all be of the alphabet
        runs.append((chance.choice(pools[-1]), 1))
    used = sum(cost(letter, gsm) for letter, _ in runs)
    while used < length:
        letter, times = chance.choice(chance.choice(pools)), 1
        if sparse and chance.random() < 0.75:
            # Up to one of the edges: what comes next lies across it.
            edge = min((edge for edge in EDGES if edge > used), default=length) - chance.randint(0, 2)
            times = max(1, (min(edge, length) - used) // max(1, cost(letter, gsm)))
        runs.append((letter, times))
        used += cost(letter, gsm) * times
    return runs


def written(runs):
    return " ".join("+".join(f"{ord(point):X}" for point in letter) + (f"*{times}" if times > 1 else "") for letter, times in runs)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    for _ in range(options.cases):
        runs = make(chance)
        text = "".join(letter * times for letter, times in runs)
        coding, parts, outside = count(text)
        check(text, coding, parts)
        print(coding, sum(map(len, parts)), len(parts), f"{ord(outside):X}" if outside else "-", written(runs), sep="\t")
    print(f"sms.py: {options.cases} texts, seed {options.seed}, smsutil {'agrees' if smsutil else 'is not installed'}", file=sys.stderr)


main()
