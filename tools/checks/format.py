#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every C file is laid out as clang-format 14 (Debian 12's) lays it out.
With --fix: writes the layout."""
import re
import subprocess
import sys

from source import Check, files

VERSION = "version 14."


def main():
    check = Check(__doc__)
    check.parser.add_argument("--clang-format", default="clang-format")
    check.parser.add_argument("--fix", action="store_true")
    args = check.args()
    version = subprocess.run([args.clang_format, "--version"], check=True,
                             capture_output=True, text=True).stdout
    if VERSION not in version:
        sys.exit(f"another clang-format lays out otherwise: {version.strip()}")
    paths = files(args.root, ".c", ".h")
    check.looked_at = len(paths)
    mode = ["-i"] if args.fix else ["--dry-run", "-Werror"]
    result = subprocess.run(
        [args.clang_format, "--style=file"] + mode + paths, cwd=args.root,
        capture_output=True, text=True, check=False)
    for match in re.finditer(r"^(\S+?):(\d+):\d+: error: (.*)$",
                             result.stderr, re.M):
        check.say(match[1], match[2], match[3])
    check.end("files")


main()
