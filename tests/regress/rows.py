#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The tables of tests/regress hold each row of the catalogue once, and no other.

    rows.py FOLDER

The catalogue has families of rows, numbered from 1. A table is a file *.txt
whose lines begin with the id of a row.
"""
import pathlib
import sys

FAMILIES = {
    "HCI": 22,  # transport and events
    "ACL": 6,  # fragments
    "L2C": 24,  # L2CAP signalling and configuration
    "ERT": 8,  # ERTM and Streaming
    "RFC": 19,  # RFCOMM
    "SDP": 19,  # SDP
    "SEC": 22,  # pairing, keys, encryption
    "API": 5,  # what all layers share
}

NO_TABLES = ("CMakeLists.txt", "valgrind-slow.txt")


def catalogue():
    return [
        f"{family}-{number:02}"
        for family, count in FAMILIES.items()
        for number in range(1, count + 1)
    ]


def rows(folder):
    found = []
    for table in sorted(pathlib.Path(folder).glob("*.txt")):
        if table.name in NO_TABLES:
            continue
        for line in table.read_text(encoding="utf-8").splitlines():
            if line and not line.startswith("#"):
                found.append((line.split()[0], table.name))
    return found


def faults(found):
    wanted = set(catalogue())
    tables = {}
    said = []
    for row, table in found:
        if row not in wanted:
            said.append(f"{table}: {row} is no row of the catalogue")
        if row in tables:
            said.append(f"{table}: {row} is in {tables[row]} as well")
        tables[row] = table
    said += [f"{row} is in no table" for row in catalogue() if row not in tables]
    return said


def slow_faults(folder):
    """Lines "SECONDS ROW" of valgrind-slow.txt that name no row."""
    text = (pathlib.Path(folder) / "valgrind-slow.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return [
        f"valgrind-slow.txt: {line}"
        for line in lines
        if len(line.split()) != 2 or line.split()[1] not in catalogue()
    ]


def can_fail(found):
    """A row that is missing, is there twice, or is none, is seen."""
    for i, (row, _) in enumerate(found):
        if not faults(found[:i] + found[i + 1 :]):
            return False
        if not faults(found + [(row, "planted.txt")]):
            return False
    return bool(faults(found + [("HCI-00", "planted.txt")]))


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    found = rows(sys.argv[1])
    said = faults(found) + slow_faults(sys.argv[1])
    for line in said:
        print(line)
    if said:
        return 1
    if not can_fail(found):
        print("a fault that was planted was not found")
        return 1
    print(f"{len(found)} rows")
    return 0


if __name__ == "__main__":
    sys.exit(main())
