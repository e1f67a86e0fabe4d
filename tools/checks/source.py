# SPDX-License-Identifier: MIT
"""What the checks have in common: the tree's files and a small reading of C.

The reading knows comments, literals, preprocessor lines and brackets and
nothing of types. That is enough for code that clang-format has laid out.
"""
import argparse
import os
import re
import sys

FOLDERS = ["stack", "hci", "l2cap", "rfcomm", "api", "tools", "tests"]
ENGINES = ["stack", "hci", "l2cap", "rfcomm", "api"]


class Check:
    """The findings of one check, and its command line."""

    def __init__(self, doc):
        self.found = []
        self.looked_at = 0
        self.parser = argparse.ArgumentParser(
            description=doc,
            formatter_class=argparse.RawDescriptionHelpFormatter)
        self.parser.add_argument("--root", default=".",
                                 help="the top of the tree to look at")

    def args(self):
        args = self.parser.parse_args()
        args.root = os.path.abspath(args.root)
        return args

    def say(self, path, line, text):
        self.found.append(f"{path}:{line}: {text}")

    def end(self, what):
        """Prints what was found and ends the program."""
        for finding in self.found:
            print(finding)
        if not self.looked_at:
            print(f"nothing to look at: no {what}")
            sys.exit(1)
        print(f"{self.looked_at} {what}, {len(self.found)} findings")
        sys.exit(1 if self.found else 0)


def files(root, *endings):
    """Paths from the root of the files with these endings, in order."""
    result = []
    for folder, subfolders, names in os.walk(root):
        subfolders[:] = sorted(
            n for n in subfolders
            if not n.startswith(".") and n not in ("build", "__pycache__"))
        for name in sorted(names):
            # In a worktree of git it is a file.
            if name == ".git":
                continue
            if not endings or name.endswith(endings):
                result.append(
                    os.path.relpath(os.path.join(folder, name), root))
    return result


def read(root, path):
    with open(os.path.join(root, path), encoding="utf-8") as file:
        return file.read()


def folder_of(path):
    return path.split("/")[0]


TOKEN = re.compile(r"""
    (?P<comment>/\*.*?\*/|//[^\n]*)
  | (?P<preprocessor>^[ \t]*\#(?:\\\n|/\*.*?\*/|[^\n])*)
  | (?P<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')
  | (?P<word>[A-Za-z_]\w*)
  | (?P<number>\.?\d[\w.]*)
  | (?P<mark>->|\+\+|--|<<|>>|[^\s\w])
""", re.X | re.S | re.M)


class Token:
    __slots__ = ("kind", "text", "line", "end_line")

    def __init__(self, kind, text, line):
        self.kind = kind
        self.text = text
        self.line = line
        self.end_line = line + text.count("\n")

    def __repr__(self):
        return f"{self.text}@{self.line}"


def tokens(text):
    """The tokens of a C text, comments and preprocessor lines too."""
    result = []
    line = 1
    at = 0
    for match in TOKEN.finditer(text):
        line += text.count("\n", at, match.start())
        at = match.start()
        result.append(Token(match.lastgroup, match.group(), line))
    return result


def code(text):
    """The tokens without comments and preprocessor lines."""
    return [t for t in tokens(text)
            if t.kind not in ("comment", "preprocessor")]


def comments_end_at(text):
    """The lines on which a comment ends."""
    return {t.end_line for t in tokens(text) if t.kind == "comment"}


CLOSING = {"(": ")", "[": "]", "{": "}"}


def skip_brackets(toks, i):
    """The index behind the bracket that closes toks[i]."""
    depth = 0
    while i < len(toks):
        if toks[i].text in CLOSING:
            depth += 1
        elif toks[i].text in (")", "]", "}"):
            depth -= 1
            if depth == 0:
                return i + 1
        i += 1
    return i


class Outer:
    """Something at file scope: a declaration or a function with its body.

    head is every token before the body or the semicolon; body is the tokens
    within the braces of a function, or None.
    """

    def __init__(self, head, body, line, end_line):
        self.head = head
        self.body = body
        self.line = line
        self.end_line = end_line
        self._parse_name()

    def _parse_name(self):
        """A function's name stands before the first pair of brackets that
        is not an attribute's; the parameters stand within. A name with
        nothing before it is a macro's."""
        self.name = None
        self.parameters = []
        words = [t.text for t in self.head]
        if words[:1] == ["typedef"] or "=" in words:
            return
        i = 0
        while i < len(self.head):
            text = self.head[i].text
            if text == "{":
                return  # a structure
            if text == "__attribute__" and i + 1 < len(self.head):
                i = skip_brackets(self.head, i + 1)
                continue
            if text == "(" and i > 1 and self.head[i - 1].kind == "word":
                end = skip_brackets(self.head, i)
                if words[i - 1].isupper() and "(" in words[end:]:
                    i = end  # an attribute by a macro
                    continue
                self.name = self.head[i - 1].text
                self.parameters = split_commas(self.head[i + 1:end - 1])
                return
            i += 1


def split_commas(toks):
    parts = [[]]
    i = 0
    while i < len(toks):
        if toks[i].text in CLOSING:
            end = skip_brackets(toks, i)
            parts[-1].extend(toks[i:end])
            i = end
            continue
        if toks[i].text == ",":
            parts.append([])
        else:
            parts[-1].append(toks[i])
        i += 1
    if [t.text for t in parts[0]] in ([], ["void"]) and len(parts) == 1:
        return []
    return parts


def outers(text):
    """What stands at file scope, in order."""
    toks = code(text)
    result = []
    head = []
    i = 0
    while i < len(toks):
        tok = toks[i]
        if tok.text == "extern" and toks[i + 1].kind == "string" \
                and toks[i + 2].text == "{":
            i += 3
            continue
        if tok.text == "}" and not head:
            i += 1  # the end of extern "C"
            continue
        if tok.text == "{" and is_function(head):
            end = skip_brackets(toks, i)
            result.append(Outer(head, toks[i + 1:end - 1], head[0].line,
                                toks[end - 1].line))
            head = []
            i = end
            continue
        if tok.text in CLOSING:
            end = skip_brackets(toks, i)
            head.extend(toks[i:end])
            i = end
            continue
        if tok.text == ";":
            if head:
                result.append(Outer(head, None, head[0].line, tok.line))
            head = []
            i += 1
            continue
        head.append(tok)
        i += 1
    return result


def is_function(head):
    """True if a brace after this head opens a function's body."""
    return bool(head) and head[-1].text == ")" and \
        "=" not in [t.text for t in head]
