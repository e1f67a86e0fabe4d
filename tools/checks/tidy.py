#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""clang-tidy, by the tree's .clang-tidy, on every C file of a build. Tests
are left out: libcheck's macros are not ours to mend."""
import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from source import Check


def sources(root, build):
    with open(os.path.join(build, "compile_commands.json"),
              encoding="utf-8") as file:
        paths = {os.path.relpath(row["file"], root) for row in json.load(file)}
    return sorted(p for p in paths if not p.startswith(("tests/", "../")))


def tidy(args, path):
    result = subprocess.run(
        ["clang-tidy", "--quiet", "-p", args.build,
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
    paths = sources(args.root, args.build)
    seen = set()
    with ThreadPoolExecutor(max_workers=args.jobs) as pool:
        for path, (status, lines, stderr) in zip(
                paths, pool.map(lambda p: tidy(args, p), paths)):
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
