#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a hostile packet costs, in instructions.

    floods.py PROGRAM [KIND...]

Runs PROGRAM, the limits_bench_floods of a release build, under callgrind for
each kind of flood (by number or name; else all) with 100 packets and with 500,
and prints the slope: the instructions of the host alone, in and below the
doors by which it is driven, for one packet and what follows from it. Beside it
stands how much of a core of 10^9 instructions a second that is if a peer sends
2 Mbit/s of them.

With more than 800 packets a second a peer does not get through on the air: the
last column is for that many, if 2 Mbit/s are more.
"""
import os
import re
import subprocess
import sys
import tempfile

SMALL, LARGE = 100, 500
DOORS = ("rt_host_rx", "rt_host_tx", "rt_host_advance", "rt_host_next_event",
         "rt_host_end_step")
OCTETS_A_SECOND = 2_000_000 / 8
PACKETS_A_SECOND = 800
CORE = 1_000_000_000


def run(program, number, count, folder):
    """Instructions in the doors, packets sent and octets of one."""
    out = os.path.join(folder, f"{number}.{count}")
    result = subprocess.run(
        ["valgrind", "-q", "--tool=callgrind", f"--callgrind-out-file={out}",
         *(f"--toggle-collect={door}" for door in DOORS), program,
         str(number), str(count)],
        stdout=subprocess.PIPE, text=True, check=True)
    match = re.search(r"packets (\d+) octets (\d+)", result.stdout)
    with open(out, encoding="utf-8") as file:
        total = re.search(r"^(?:summary|totals): (\d+)", file.read(), re.M)
    if not match or not total:
        sys.exit(f"kind {number} says nothing: {result.stdout}")
    return int(total.group(1)), int(match.group(1)), int(match.group(2))


def chosen(kinds, wanted):
    for word in wanted:
        if word in kinds:
            yield kinds.index(word)
        elif word.isdigit() and int(word) < len(kinds):
            yield int(word)
        else:
            sys.exit(f"no such kind: {word}")


def main():
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    program = os.path.abspath(sys.argv[1])
    kinds = subprocess.run([program, "--list"], stdout=subprocess.PIPE,
                           text=True, check=True).stdout.splitlines()
    numbers = list(chosen(kinds, sys.argv[2:])) or range(len(kinds))
    print(f"{'kind':42} {'octets':>6} {'Ir/packet':>10} {'2 Mbit/s':>9}"
          f" {'800/s':>7}")
    with tempfile.TemporaryDirectory(prefix="rawtooth-bench-") as folder:
        for number in numbers:
            small = run(program, number, SMALL, folder)
            large = run(program, number, LARGE, folder)
            packets = large[1] - small[1]
            if packets <= 0:
                print(f"{kinds[number]:42} {large[2]:6} ends with its link",
                      flush=True)
                continue
            cost = (large[0] - small[0]) / packets
            rate = OCTETS_A_SECOND / large[2]
            shares = [100 * cost * r / CORE
                      for r in (rate, min(rate, PACKETS_A_SECOND))]
            print(f"{kinds[number]:42} {large[2]:6} {cost:10,.0f}"
                  f" {shares[0]:8.1f}% {shares[1]:6.1f}%", flush=True)


if __name__ == "__main__":
    main()
