#!/usr/bin/env python3
"""Writes the man pages from what the parser says of itself, so that they cannot tell another story than --help.

    clarion --experimental-dump-help | docs/make-man.py docs/man

One page a command: clarion.1, clarion-audit-order.1, ... Flags that every command has stand in clarion(1) alone.
"""
import json
import pathlib
import re
import sys

EXITS = [
    (0, "done; or the answer is found and nothing is wrong"), (1, "failed while running"), (2, "stopped by the person at a question"),
    (3, "ran fine, with findings"), (4, "not signed in or not allowed"), (5, "no such order, event, delivery or template"),
    (6, "integrity broken"), (7, "partly done"), (64, "wrong usage"), (69, "server, broker or store cannot be reached"),
    (78, "configuration invalid"), (130, "interrupted"),
]


def roff(text):
    """Text that troff takes literally."""
    out = text.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join("\\&" + line if line[:1] in ".'" else line for line in out.split("\n"))


def shown(command):
    return [c for c in command.get("subcommands", []) if c.get("shouldDisplay", True) and c["commandName"] != "help"]


def names(argument):
    return [("-" if n["kind"] == "short" else "--") + n["name"] for n in argument.get("names", [])]


def key(argument):
    return tuple(names(argument)) or (argument.get("valueName"),)


def walk(command, path=()):
    path = path + (command["commandName"],)
    yield path, command
    for child in shown(command):
        yield from walk(child, path)


def common(root):
    """The options of every command that does something: the parser repeats them in each."""
    leaves = [c for _, c in walk(root) if not shown(c) and len(c["arguments"]) > 5]
    sets = [{key(a) for a in c["arguments"] if a["kind"] != "positional"} for c in leaves]
    return set.intersection(*sets) if sets else set()


def option(argument):
    if argument["kind"] == "positional":
        head = "\\fI%s\\fR" % roff(argument["valueName"])
    else:
        head = ", ".join("\\fB%s\\fR" % roff(n) for n in names(argument))
        if argument["kind"] == "option":
            head += " \\fI%s\\fR" % roff(argument["valueName"])
    text = argument.get("abstract", "")
    values = argument.get("allValues")
    if values:
        text += " One of: %s." % ", ".join(values)
    if argument.get("defaultValue") and "Default" not in text:
        text += " Default: %s." % argument["defaultValue"]
    return ".TP\n%s\n%s" % (head, roff(text.strip()))


def synopsis(path, command, shared):
    words = ["\\fB%s\\fR" % roff(" ".join(path))]
    if shown(command):
        words.append("\\fIcommand\\fR")
    own = [a for a in command["arguments"] if a.get("shouldDisplay", True) and key(a) not in shared]
    if any(a["kind"] != "positional" for a in own):
        words.append("[\\fIoptions\\fR]")
    for a in own:
        if a["kind"] == "positional":
            word = "\\fI%s\\fR" % roff(a["valueName"]) + (" ..." if a["isRepeating"] else "")
            words.append("[%s]" % word if a["isOptional"] else word)
    return " ".join(words)


def discussion(text):
    """Examples as they stand, the rest as text."""
    out = []
    for block in re.split(r"\n\n", text.strip()):
        lines = block.split("\n")
        if lines[0].strip() == "EXAMPLES":
            out.append(".SH EXAMPLES\n.nf\n%s\n.fi" % roff("\n".join(line.strip() for line in lines[1:])))
        else:
            out.append(".SH NOTES\n%s" % roff(block))
    return "\n".join(out)


def page(path, command, root, shared):
    name = "-".join(path)
    parts = [
        '.\\" Made by docs/make-man.py from the parser; do not edit.', '.TH "%s" 1 "" "clarion" "Clarion"' % name.upper(), ".SH NAME",
        "%s \\- %s" % (roff(name), roff(command.get("abstract", "").rstrip("."))), ".SH SYNOPSIS", synopsis(path, command, shared),
    ]
    if shown(command):
        parts.append(".SH COMMANDS")
        for child in shown(command):
            parts.append(".TP\n\\fB%s\\fR(1)\n%s" % (roff("-".join(path + (child["commandName"],))), roff(child.get("abstract", ""))))
    own = [a for a in command["arguments"] if a.get("shouldDisplay", True) and key(a) not in shared and "--help" not in names(a)]
    if own:
        parts.append(".SH OPTIONS")
        parts += [option(a) for a in own]
    if path == (root["commandName"],):
        leaf = next(c for _, c in walk(root) if not shown(c) and len(c["arguments"]) > 5)
        parts.append(".SH OPTIONS OF EVERY COMMAND")
        parts += [option(a) for a in leaf["arguments"] if key(a) in shared]
    if command.get("discussion"):
        parts.append(discussion(command["discussion"]))
    parts.append(".SH EXIT STATUS")
    parts += [".TP\n\\fB%d\\fR\n%s" % (code, roff(text)) for code, text in EXITS]
    if len(path) > 1:
        parts += [".SH SEE ALSO", ", ".join("\\fB%s\\fR(1)" % roff("-".join(path[:n])) for n in range(1, len(path)))]
    return "\n".join(parts) + "\n"


def main():
    root = json.load(sys.stdin)["command"]
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "docs/man")
    folder.mkdir(parents=True, exist_ok=True)
    shared = common(root)
    kept = set()
    for path, command in walk(root):
        file = folder / ("-".join(path) + ".1")
        file.write_text(page(path, command, root, shared), encoding="utf-8")
        kept.add(file.name)
    for old in folder.glob("*.1"):
        if old.name not in kept:
            old.unlink()
    print("%d pages in %s" % (len(kept), folder))


if __name__ == "__main__":
    main()
