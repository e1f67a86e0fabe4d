#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""clang-tidy, by the tree's .clang-tidy, on every C file of a build. Tests
are left out: libcheck's macros are not ours to mend."""
import json
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

from source import Check


def sources(root, build, once):
    """The files, and in `once` how each is compiled. One that is compiled twice
    is looked at once: the second time clang-tidy sees faults that aren't."""
    with open(os.path.join(build, "compile_commands.json"),
              encoding="utf-8") as file:
        rows = {row["file"]: row for row in reversed(json.load(file))}
    with open(os.path.join(once, "compile_commands.json"), "w",
              encoding="utf-8") as file:
        json.dump(list(rows.values()), file)
    paths = {os.path.relpath(path, root) for path in rows}
    return sorted(p for p in paths if not p.startswith(("tests/", "../")))


def tidy(args, once, path):
    result = subprocess.run(
        ["clang-tidy", "--quiet", "-p", once,
         os.path.join(args.root, path)], capture_output=True, text=True,
        check=False)
    # A finding within a header comes once for each file that includes it.
    return result.returncode, [
        line for line in result.stdout.split("\n")
        if re.search(r":\d+:\d+: (warning|error): ", line)], result.stderr


def main():
    check = Check(__doc__)
    check.parser.add_argument("--build", required=True)
    check.parser.add_argument("--jobs", type=int, default=2)
    args = check.args()
    seen = set()
    with tempfile.TemporaryDirectory() as once, \
            ThreadPoolExecutor(max_workers=args.jobs) as pool:
        paths = sources(args.root, args.build, once)
        for path, (status, lines, stderr) in zip(
                paths, pool.map(lambda p: tidy(args, once, p), paths)):
            check.looked_at += 1
            if status != 0 and not lines:
                sys.exit(f"clang-tidy fails on {path}:\n{stderr}")
            for line in lines:
                if line not in seen:
                    seen.add(line)
                    place, number, text = line.split(":", 2)
                    check.say(os.path.relpath(place, args.root), number, text)
    check.end("files")


main()
