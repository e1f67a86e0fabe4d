#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A test case that does not apply, because of a feature that is absent.

    absent.py README FEATURE

Passes if the README's table of what works says of FEATURE that it is absent:
a line of the table that names it and whose last column begins with "absent".
Case and hyphens don't matter.
"""
import sys


def rows(path):
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("|"):
                yield [cell.strip() for cell in line.strip().strip("|").split("|")]


def plain(text):
    return text.lower().replace("-", " ")


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    readme, feature = sys.argv[1:]
    for cells in rows(readme):
        if plain(feature) in map(plain, cells[:-1]) and cells[-1].startswith("absent"):
            print(f"not applicable: {feature} is absent: {cells[-1]}")
            return 0
    print(f"{readme} does not say that {feature} is absent")
    return 1


if __name__ == "__main__":
    sys.exit(main())
