#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every limit has a test in which n works and n + 1 is refused.

tests/limits/limits.txt names, for each row of stack/limits.h and each line of
tests/limits/elsewhere.txt, how much it is and which test of which suite shows
it. The numbers are those of the sources, and the tests are there: their
START_TEST in the suite's file, once more where it is run, and the suite in the
CMakeLists.txt beside it."""
import os
import re

from source import Check, read

TABLE = "tests/limits/limits.txt"
ELSEWHERE = "tests/limits/elsewhere.txt"
HEADER = "stack/limits.h"


def lines(root, path):
    """Line numbers and fields of what is no comment."""
    for number, line in enumerate(read(root, path).split("\n"), 1):
        if line and not line.startswith("#"):
            yield number, line.split("\t")


def rows_of_header(root):
    row = re.compile(r"\bX\((\w+), (\d+),")
    return {name: int(n) for name, n in row.findall(read(root, HEADER))}


def squeeze(text):
    return re.sub(r"\s+", "", text)


def elsewhere(check, root):
    """The texts that have the limits; each must stand in its file."""
    result = {}
    for number, fields in lines(root, ELSEWHERE):
        if len(fields) != 3:
            check.say(ELSEWHERE, number, "not a limit, a file and a text")
            continue
        name, path, text = fields
        result[name] = text
        if not os.path.exists(os.path.join(root, path)) or \
                squeeze(text) not in squeeze(read(root, path)):
            check.say(ELSEWHERE, number, f"{path} does not say: {text}")
    return result


def suite_fault(root, suite, test):
    path = f"tests/{suite}.c"
    if not os.path.exists(os.path.join(root, path)):
        return f"there is no suite {suite}"
    text = read(root, path)
    if f"START_TEST({test})" not in text:
        return f"{suite} has no test {test}"
    if len(re.findall(rf"\b{test}\b", text)) < 2:
        return f"{suite} does not run {test}"
    build = f"{os.path.dirname(path)}/CMakeLists.txt"
    if not os.path.exists(os.path.join(root, build)) or not re.search(
            rf"\b{os.path.basename(suite)}\b", read(root, build)):
        return f"{suite} is not built"
    return None


def check_line(check, root, number, fields, limits):
    name, amount, suite, test = fields
    wanted = limits.get(name)
    if wanted is None:
        check.say(TABLE, number, f"there is no limit {name}")
    elif isinstance(wanted, int) and int(amount) != wanted:
        check.say(TABLE, number, f"{name} is {wanted}, not {amount}")
    elif isinstance(wanted, str) and amount != "1" and \
            amount not in re.findall(r"\d+", wanted):
        check.say(TABLE, number, f"{name} is not {amount}: {wanted}")
    fault = suite_fault(root, suite, test)
    if fault:
        check.say(TABLE, number, fault)


def main():
    check = Check(__doc__)
    root = check.args().root
    limits = dict(rows_of_header(root))
    limits.update(elsewhere(check, root))
    shown = set()
    for number, fields in lines(root, TABLE):
        check.looked_at += 1
        if len(fields) != 4 or not fields[1].isdigit():
            check.say(TABLE, number, "not a limit, a number, a suite, a test")
            continue
        shown.add(fields[0])
        check_line(check, root, number, fields, limits)
    for name in limits:
        if name not in shown:
            check.say(TABLE, 0, f"the limit {name} has no test")
    check.end("lines")


main()
