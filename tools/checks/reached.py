# SPDX-License-Identifier: MIT
"""Lines and branches that a build for gcov has reached, as gcovr counts them:
for tools/coverage and tools/fuzz."""
import json
import os
import subprocess
import sys


def forget(build):
    """What was reached so far."""
    for folder, _, names in os.walk(build):
        for name in names:
            if name.endswith(".gcda"):
                os.unlink(os.path.join(folder, name))


def count(root, build, folders):
    """gcovr's account of the files of these folders.

    Without the branches inside of an assert(), whose other side is a program
    that ends, and without those that lead nowhere.
    """
    path = os.path.join(build, "coverage.json")
    filters = []
    for folder in folders:
        filters += ["--filter", folder + "/"]
    result = subprocess.run(
        ["gcovr", "--root", root, *filters, "--json", path,
         "--exclude-branches-by-pattern", r"\s*assert\(.*",
         "--exclude-unreachable-branches", build],
        cwd=root, check=False, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT)
    if result.returncode != 0:
        sys.exit(f"{result.stdout}\ngcovr failed")
    with open(path, encoding="utf-8") as file:
        return json.load(file)["files"]


def code(file):
    return [line for line in file["lines"] if not line["gcovr/noncode"]]


class Sum:
    def __init__(self):
        self.lines = self.lines_hit = self.branches = self.branches_hit = 0

    def add(self, line):
        self.lines += 1
        self.lines_hit += line["count"] > 0
        self.branches += len(line["branches"])
        self.branches_hit += sum(b["count"] > 0 for b in line["branches"])

    def percents(self):
        return (100 * self.lines_hit / max(self.lines, 1),
                100 * self.branches_hit / max(self.branches, 1))
