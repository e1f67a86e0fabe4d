#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Words in their places: the licence on the first line of every file (behind
the interpreter of a script), a guard of its own in every header, a comment
directly above every prototype and inline function of a header, a README in
every folder of the line, and no mark of unfinished work."""
import os
import re

from source import (Check, FOLDERS, comments_end_at, files, outers, read)

LICENCE = "SPDX-License-Identifier: MIT"
# Data and prose carry no licence line.
DATA = ("tests/fuzz/corpus/", "tests/golden/")
WITHOUT = (".md", ".json", ".gitignore", "LICENSE", ".btsnoop", ".hex", ".txt", ".log",
           ".patch")
MARKS = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
NO_GUARD = "No include guard"


def check_licence(check, path, text):
    lines = text.split("\n", 2)
    first = lines[1] if lines[0].startswith("#!") and len(lines) > 1 \
        else lines[0]
    if LICENCE not in first:
        check.say(path, 1, f"the first line is not {LICENCE}")


def check_marks(check, path, text):
    for number, line in enumerate(text.split("\n"), 1):
        mark = MARKS.search(line)
        if mark:
            check.say(path, number, f"unfinished: {mark.group()}")


def check_guard(check, path, text, guards):
    match = re.search(r"^#ifndef (\w+)\n#define (\w+)$", text, re.M)
    if not match:
        if NO_GUARD not in text:
            check.say(path, 1, "no include guard")
        return
    if match.group(1) != match.group(2):
        check.say(path, 1, f"guard {match.group(1)} defines another name")
    other = guards.setdefault(match.group(1), path)
    if other != path:
        check.say(path, 1, f"guard {match.group(1)} is that of {other}")


def check_prototypes(check, path, text):
    comment_ends = comments_end_at(text)
    count = 0
    for outer in outers(text):
        if not outer.name:
            continue
        count += 1
        if outer.line - 1 not in comment_ends:
            check.say(path, outer.line,
                      f"{outer.name}() has no comment directly above it")
    return count


def main():
    check = Check(__doc__)
    root = check.args().root
    guards = {}
    for path in files(root):
        if path.endswith(WITHOUT) or path.startswith(DATA):
            continue
        try:
            text = read(root, path)
        except UnicodeDecodeError:
            continue  # a binary file
        check.looked_at += 1
        check_licence(check, path, text)
        check_marks(check, path, text)
        if path.endswith(".h"):
            check_guard(check, path, text, guards)
            check_prototypes(check, path, text)
    for folder in FOLDERS:
        if os.path.isdir(os.path.join(root, folder)) and \
                not os.path.exists(os.path.join(root, folder, "README.md")):
            check.say(folder, 0, "no README.md")
    check.end("files")


main()
