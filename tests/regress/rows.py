#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The tables of tests/regress hold each row of the catalogue once, and no other.

    rows.py FOLDER CATALOGUE

The catalogue is tests/plants/rows.txt. A table is a file *.txt whose lines
begin with the id of a row.
"""
import pathlib
import sys

ROWS = 125

NO_TABLES = ("CMakeLists.txt", "valgrind-slow.txt")


def ids(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.split()[0] for line in lines if line and not line.startswith("#")]


def rows(folder):
    found = []
    for table in sorted(pathlib.Path(folder).glob("*.txt")):
        if table.name in NO_TABLES:
            continue
        found += [(row, table.name) for row in ids(table)]
    return found


def faults(found, wanted):
    tables = {}
    said = []
    for row, table in found:
        if row not in wanted:
            said.append(f"{table}: {row} is no row of the catalogue")
        if row in tables:
            said.append(f"{table}: {row} is in {tables[row]} as well")
        tables[row] = table
    said += [f"{row} is in no table" for row in wanted if row not in tables]
    return said


def slow_faults(folder, wanted):
    """Lines "SECONDS ROW" of valgrind-slow.txt that name no row."""
    text = (pathlib.Path(folder) / "valgrind-slow.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return [
        f"valgrind-slow.txt: {line}"
        for line in lines
        if len(line.split()) != 2 or line.split()[1] not in wanted
    ]


def can_fail(found, wanted):
    """A row that is missing, is there twice, or is none, is seen."""
    for i, (row, _) in enumerate(found):
        if not faults(found[:i] + found[i + 1 :], wanted):
            return False
        if not faults(found + [(row, "planted.txt")], wanted):
            return False
    return bool(faults(found + [("HCI-00", "planted.txt")], wanted))


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    wanted = ids(pathlib.Path(sys.argv[2]))
    found = rows(sys.argv[1])
    said = faults(found, wanted) + slow_faults(sys.argv[1], wanted)
    if len(wanted) != ROWS:
        said.append(f"the catalogue has {len(wanted)} rows, not {ROWS}")
    for line in said:
        print(line)
    if said:
        return 1
    if not can_fail(found, wanted):
        print("a fault that was planted was not found")
        return 1
    print(f"{len(found)} rows")
    return 0


if __name__ == "__main__":
    sys.exit(main())
