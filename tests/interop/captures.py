#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""captures.py btmon|tshark|fcs DIR...: has the program read every capture
below the directories to the last packet. tshark must find no malformed frame,
but what it takes for one: of L2CAP's ERTM and Streaming mode it calls each
frame of an SDU in several so, and the lines that bluetoothd logs. fcs.py must find frames of RFCOMM and of these
modes, and the check sequence of each right."""
import os
import re
import subprocess
import sys

from fcs import MONITOR, check, records

# What btmon numbers: commands, events, ACL, SCO and ISO both ways. A packet
# of the H4 format is always one of them.
NUMBERED = {2, 3, 4, 5, 6, 7, 18, 19}
USER_LOGGING = "13"


def captures(directories):
    for directory in directories:
        for folder, _, names in sorted(os.walk(directory)):
            for name in sorted(names):
                if name.endswith(".btsnoop"):
                    yield os.path.join(folder, name)


def count(path):
    """How many records there are, and how many that btmon numbers."""
    with open(path, "rb") as file:
        data = file.read()
    list(records(data))  # whole, or an error
    monitor = int.from_bytes(data[12:16], "big") == MONITOR
    total = numbered = 0
    at = 16
    while at < len(data):
        opcode = int.from_bytes(data[at + 8:at + 12], "big") & 0xFFFF
        total += 1
        numbered += not monitor or opcode in NUMBERED
        at += 24 + int.from_bytes(data[at + 4:at + 8], "big")
    return total, numbered


def read_by_btmon(path):
    result = subprocess.run(["btmon", "-r", path], capture_output=True,
                            check=False)
    text = result.stdout.decode("utf-8", "replace")
    there = len(re.findall(r"^[<>] [HASI]", text, re.M))
    expected = count(path)[1]
    faults = []
    if result.returncode != 0:
        faults.append(f"btmon ends with {result.returncode}")
    if there != expected:
        faults.append(f"btmon reads {there} of {expected} packets")
    return there, faults


def read_by_tshark(path):
    result = subprocess.run(
        ["tshark", "-n", "-r", path, "-T", "fields", "-e", "frame.number",
         "-e", "_ws.malformed", "-e", "btl2cap.control_type",
         "-e", "hci_mon.opcode"],
        capture_output=True, text=True, check=False)
    rows = [line.split("\t") for line in result.stdout.splitlines()]
    expected = count(path)[0]
    faults = [f"frame {row[0]} is malformed" for row in rows
              if len(row) > 3 and row[1] and not row[2]
              and row[3] != USER_LOGGING]
    if result.returncode != 0:
        faults.append(f"tshark ends with {result.returncode}: "
                      f"{result.stderr.strip()}")
    if len(rows) != expected:
        faults.append(f"tshark reads {len(rows)} of {expected} packets")
    return len(rows), faults


READERS = {
    "btmon": (read_by_btmon, "packets"),
    "tshark": (read_by_tshark, "packets"),
    "fcs": (check, "frames right"),
}


def main():
    reader, what = READERS[sys.argv[1]]
    files = total = bad = 0
    for path in captures(sys.argv[2:]):
        number, faults = reader(path)
        files += 1
        total += number
        for fault in faults[:10]:
            print(f"{path}: {fault}")
        bad += len(faults)
    print(f"{files} captures, {total} {what}, {bad} faults")
    sys.exit(bad > 0 or total == 0)


main()
