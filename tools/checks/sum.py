#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""sum.py DIR: adds up what ctest left in DIR/*.xml and the lines of DIR/steps,
names what failed, and ends with the one line that counts."""
import glob
import os
import sys
import xml.etree.ElementTree as xml


def ctest_results(path):
    """(name, verdict) of each test of one run."""
    run = os.path.basename(path)[:-len(".xml")]
    for case in xml.parse(path).getroot().iter("testcase"):
        name = f"{run}: {case.get('name')}"
        status = case.get("status")
        if status == "run" and case.find("failure") is None:
            yield name, "passed"
        elif status in ("notrun", "disabled"):
            # A test whose fixture failed did not run: ctest says so.
            yield name, "skipped"
        else:
            yield name, "failed"


def step_results(path):
    if not os.path.exists(path):
        return
    with open(path, encoding="utf-8") as file:
        for line in file:
            verdict, name = line.rstrip("\n").split(" ", 1)
            yield name, verdict


def main():
    directory = sys.argv[1]
    count = {"passed": 0, "failed": 0, "skipped": 0}
    results = []
    for path in sorted(glob.glob(os.path.join(directory, "*.xml"))):
        results.extend(ctest_results(path))
    results.extend(step_results(os.path.join(directory, "steps")))
    for name, verdict in results:
        count[verdict] += 1
        if verdict != "passed":
            print(f"{verdict}: {name}")
    print(f"{count['passed']} passed, {count['failed']} failed, "
          f"{count['skipped']} skipped")
    sys.exit(count["failed"] > 0 or count["skipped"] > 0
             or count["passed"] == 0)


main()
