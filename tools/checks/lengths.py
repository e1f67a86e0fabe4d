#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Small pieces: files up to 600 lines, functions up to 70 lines with at most
6 parameters, statements nested at most 4 deep (an else if is no deeper than
its if, and a case is as deep as its switch's statements)."""
from source import Check, files, outers, read, skip_brackets

FILE_LINES = 600
FUNCTION_LINES = 70
PARAMETERS = 6
NESTING = 4


class Nesting:
    """Finds the deepest statement of a function's body."""

    def __init__(self, body):
        self.toks = body
        self.deepest = 0
        self.line = 0

    def text(self, i):
        return self.toks[i].text if i < len(self.toks) else ""

    def measure(self):
        i = 0
        while i < len(self.toks):
            i = self.statement(i, 0)
        return self.deepest

    def statement(self, i, depth):
        """Reads one statement; returns the index behind it."""
        if i >= len(self.toks):
            return i
        if depth > self.deepest:
            self.deepest = depth
            self.line = self.toks[i].line
        text = self.text(i)
        if text == "{":
            return self.block(i, depth)
        if text in ("case", "default"):
            return self.label(i, depth)
        if text == "do":
            return self.simple(self.statement(i + 1, depth + 1))
        if text == "else":  # after a macro that looks like an if
            return self.statement(i + 1, depth + 1)
        if text == "if":
            return self.branch(i, depth)
        if text in ("for", "while", "switch") or self.is_loop_macro(i):
            return self.statement(skip_brackets(self.toks, i + 1), depth + 1)
        if self.toks[i].kind == "word" and self.text(i + 1) == ":":
            return i + 2
        return self.simple(i)

    def block(self, i, depth):
        end = skip_brackets(self.toks, i) - 1
        i += 1
        while i < end:
            i = self.statement(i, depth)
        return end + 1

    def label(self, i, depth):
        while self.text(i) not in (":", ""):
            i += 1
        if self.text(i + 1) in ("case", "default", "}", ""):
            return i + 1
        return self.statement(i + 1, depth)

    def branch(self, i, depth):
        i = self.statement(skip_brackets(self.toks, i + 1), depth + 1)
        while self.text(i) == "else":
            if self.text(i + 1) != "if":
                return self.statement(i + 1, depth + 1)
            i = self.statement(skip_brackets(self.toks, i + 2), depth + 1)
        return i

    def is_loop_macro(self, i):
        """RT_LIST_EACH(...) and its like: a call with a statement behind."""
        if self.toks[i].kind != "word" or self.text(i + 1) != "(":
            return False
        behind = skip_brackets(self.toks, i + 1)
        if behind >= len(self.toks):
            return False
        return self.text(behind) == "{" or \
            self.toks[behind].kind == "word" and self.text(i).isupper()

    def simple(self, i):
        while i < len(self.toks) and self.text(i) != ";":
            if self.text(i) in "([{":
                i = skip_brackets(self.toks, i)
            else:
                i += 1
        return i + 1


def check_function(check, path, outer):
    lines = outer.end_line - outer.line + 1
    name = outer.name or "".join(t.text for t in outer.head)
    if lines > FUNCTION_LINES:
        check.say(path, outer.line, f"{name} has {lines} lines, "
                  f"at most {FUNCTION_LINES}")
    nesting = Nesting(outer.body)
    if nesting.measure() > NESTING:
        check.say(path, nesting.line, f"nested {nesting.deepest} deep in "
                  f"{name}, at most {NESTING}")


def main():
    check = Check(__doc__)
    root = check.args().root
    for path in files(root, ".c", ".h", ".def", ".py", ".sh"):
        text = read(root, path)
        check.looked_at += 1
        lines = text.count("\n")
        if lines > FILE_LINES:
            check.say(path, lines, f"{lines} lines, at most {FILE_LINES}")
        if not path.endswith((".c", ".h")):
            continue
        for outer in outers(text):
            if outer.name and len(outer.parameters) > PARAMETERS:
                check.say(path, outer.line, f"{outer.name}() has "
                          f"{len(outer.parameters)} parameters, at most "
                          f"{PARAMETERS}")
            if outer.body is not None:
                check_function(check, path, outer)
    check.end("files")


main()
