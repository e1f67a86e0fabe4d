#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The planted mistakes of tests/plants: each is a patch that applies to the
tree as it is, touches the stack alone, and says in front which row of the
catalogue it is, of which class, and what the mistake is. The catalogue there
has the rows that tests/regress has, and no other."""
import os
import re
import subprocess

from source import Check, ENGINES, files, read

FOLDER = "tests/plants"
CATALOGUE = FOLDER + "/rows.txt"
REGRESS = "tests/regress"
NAME = re.compile(r"(\d{2,3})-[a-z0-9-]+$")
# What git diff writes in front of a file.
OF_GIT = re.compile(r"(diff|index|new file|old mode|new mode) ")
CLASSES = [f"C{n}" for n in range(1, 10)]


class Plant:
    """What stands in a patch: in front of it, and in its names of files."""

    def __init__(self, path, text):
        self.path = path
        self.name = os.path.basename(path)[:-len(".patch")]
        named = NAME.match(self.name)
        self.number = int(named.group(1)) if named else None
        head = text.split("\n--- ", 1)[0].split("\n")
        fields = dict(re.findall(r"^(Row|Class): (\S+)$", "\n".join(head),
                                 re.M))
        self.row = fields.get("Row")
        self.kind = fields.get("Class")
        self.says = [line for line in head if line
                     and not re.match(r"(Row|Class): ", line)
                     and not OF_GIT.match(line)]
        self.files = re.findall(r"^\+\+\+ b/(\S+)$", text, re.M)


def plants(root):
    """By their numbers; those without one are last."""
    found = [Plant(path, read(root, path))
             for path in files(root, ".patch") if path.startswith(FOLDER + "/")]
    return sorted(found, key=lambda plant: (plant.number is None,
                                            plant.number or 0, plant.name))


def ids(text):
    return set(re.findall(r"^([A-Z0-9]+-\d\d) ", text, re.M))


def catalogue(root):
    """The ids of the rows."""
    return ids(read(root, CATALOGUE))


def tested(root):
    """Those that stand in a table of tests."""
    return set().union(*(ids(read(root, path)) for path in files(root, ".txt")
                         if os.path.dirname(path) == REGRESS))


def applying(root, plant, *options):
    """Runs patch. What stands round the mistake must be what it was."""
    return subprocess.run(
        ["patch", "-p1", "--force", "--fuzz=0", "--no-backup-if-mismatch",
         "--reject-file=-", *options, "-d", root,
         "-i", os.path.abspath(os.path.join(root, plant.path))],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        check=False)


def check_plant(check, root, plant, rows):
    if plant.number is None:
        check.say(plant.path, 0, "the name is not NN-words.patch")
    if plant.row not in rows:
        check.say(plant.path, 1, f"{plant.row} is no row of the catalogue")
    if plant.kind not in CLASSES:
        check.say(plant.path, 1, f"{plant.kind} is no class of mistakes")
    if not plant.says:
        check.say(plant.path, 1, "it does not say what the mistake is")
    if not plant.files:
        check.say(plant.path, 1, "it changes nothing")
    for path in plant.files:
        if path.split("/")[0] not in ENGINES:
            check.say(plant.path, 1, f"{path} is not of the stack")
    result = applying(root, plant, "--dry-run")
    if result.returncode != 0:
        check.say(plant.path, 1, "it does not apply: "
                  + " ".join(result.stdout.split()))


def main():
    check = Check(__doc__)
    root = check.args().root
    rows = catalogue(root)
    found = plants(root)
    for row in sorted(rows - tested(root)):
        check.say(CATALOGUE, 0, f"{row} is no row of {REGRESS}")
    for row in sorted(tested(root) - rows):
        check.say(CATALOGUE, 0, f"{row} of {REGRESS} is missing")
    for plant in found:
        check.looked_at += 1
        check_plant(check, root, plant, rows)
    numbers = [plant.number for plant in found if plant.number is not None]
    for number in sorted(set(numbers)):
        if numbers.count(number) > 1:
            check.say(FOLDER, 0, f"there are {numbers.count(number)} with "
                      f"the number {number}")
    check.end("planted mistakes")


if __name__ == "__main__":
    main()
