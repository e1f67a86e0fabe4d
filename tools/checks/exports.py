#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The shared library exports what the public headers declare with RT_API,
neither more nor less."""
import subprocess

from source import Check, files, outers, read


def declared(root):
    """The names declared for export, each with its place."""
    result = {}
    for path in files(root, ".h"):
        if not path.startswith("api/include/"):
            continue
        for outer in outers(read(root, path)):
            words = [t.text for t in outer.head]
            if outer.name and ("RT_API" in words or "RT_API_CHECK" in words):
                result[outer.name] = (path, outer.line)
    return result


def exported(library):
    out = subprocess.run(["nm", "-D", "--defined-only", "-P", library],
                         capture_output=True, text=True, check=True).stdout
    rows = [line.split() for line in out.split("\n") if line]
    # A: the name of a version. A name carries its version behind an @.
    return {row[0].split("@")[0] for row in rows if row[1] != "A"}


def main():
    check = Check(__doc__)
    check.parser.add_argument("--library", required=True)
    args = check.args()
    names = declared(args.root)
    check.looked_at = len(names)
    there = exported(args.library)
    for name in sorted(set(names) - there):
        check.say(*names[name], f"{name}() is declared, not exported")
    for name in sorted(there - set(names)):
        check.say(args.library, 0, f"{name} is exported, not declared")
    check.end("declarations")


main()
