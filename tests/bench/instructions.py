#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What carrying data costs, in instructions.

    instructions.py TOOL [WORK...]

Runs `rawtooth listen` and `rawtooth connect` of TOOL, which should be a release
build, under callgrind, on the virtual controllers of `rawtooth air`, with a
transfer of 1 MB and one of 5 MB, and prints the slope of the user-space
instructions of the sender and of the receiver for 1,024 octets: start and end
cancel out. Instructions hardly depend on what else the machine does; the
pattern of full buffers and of short reads does, by a few percent.

Fails if the receiver did not get every octet in order.
"""
import contextlib
import hashlib
import os
import random
import re
import subprocess
import sys
import tempfile
import time

SMALL, LARGE = 1_000_000, 5_000_000
PATIENCE_S = 300

# name: options of listen and connect alike
WORKS = {
    "rfcomm": [],
    "rfcomm-127": ["--frame", "127"],
    "ertm": ["--l2cap", "--mode", "ertm", "--required", "--mtu", "1000",
             "--fcs", "off"],
    "ertm-fcs": ["--l2cap", "--mode", "ertm", "--required", "--mtu", "1000"],
    "credit": ["--l2cap", "--mode", "credit", "--mtu", "1000"],
}


def callgrind(out, command):
    return ["valgrind", "-q", "--tool=callgrind", f"--callgrind-out-file={out}",
            *command]


def instructions(path):
    with open(path, encoding="utf-8") as file:
        match = re.search(r"^(?:summary|totals): (\d+)", file.read(), re.M)
    if not match:
        sys.exit(f"{path} has no total")
    return int(match.group(1))


def wait_for(path, pattern, process):
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end and process.poll() is None:
        with open(path, encoding="utf-8") as file:
            match = re.search(pattern, file.read())
        if match:
            return match
        time.sleep(0.05)
    with open(path, encoding="utf-8") as file:
        sys.exit(f"waited in vain for {pattern}: {file.read()}")


@contextlib.contextmanager
def started(command, log, **kwargs):
    with open(log, "w", encoding="utf-8") as err:
        process = subprocess.Popen(command, stderr=err, **kwargs)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(timeout=PATIENCE_S)


def transfer(tool, options, size, folder):
    """Instructions of the sender and of the receiver."""
    data = random.Random(size).randbytes(size)
    source = os.path.join(folder, "source")
    with open(source, "wb") as file:
        file.write(data)
    air = os.path.join(folder, "air")
    logs = [os.path.join(folder, name) for name in ("air.log", "rx.log", "tx.log")]
    outs = [os.path.join(folder, name) for name in ("rx.cg", "tx.cg")]
    target = os.path.join(folder, "target")

    with contextlib.ExitStack() as stack:
        stack.enter_context(started([tool, "air", air], logs[0],
                                    stdout=subprocess.DEVNULL))
        for _ in range(100):
            if os.path.exists(air):
                break
            time.sleep(0.05)
        sink = stack.enter_context(open(target, "wb"))
        receiver = stack.enter_context(started(
            callgrind(outs[0], [tool, "-d", air, "listen", *options]),
            logs[1], stdin=subprocess.DEVNULL, stdout=sink))
        match = wait_for(logs[1], r"Listening on (?:channel|PSM) (\w+) of (\S+)",
                         receiver)
        address, port = match.group(2), match.group(1)
        feed = stack.enter_context(open(source, "rb"))
        sender = stack.enter_context(started(
            callgrind(outs[1], [tool, "-d", air, "connect", *options, address,
                                port]),
            logs[2], stdin=feed, stdout=subprocess.DEVNULL))
        for process, log in ((sender, logs[2]), (receiver, logs[1])):
            if process.wait(timeout=PATIENCE_S) != 0:
                with open(log, encoding="utf-8") as file:
                    sys.exit(f"{process.args} failed: {file.read()}")
    with open(target, "rb") as file:
        if hashlib.sha256(file.read()).digest() != hashlib.sha256(data).digest():
            sys.exit("the receiver got something else")
    return instructions(outs[1]), instructions(outs[0])


def main():
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    tool = os.path.abspath(sys.argv[1])
    wanted = sys.argv[2:] or list(WORKS)
    unknown = [name for name in wanted if name not in WORKS]
    if unknown:
        sys.exit(f"no such work: {' '.join(unknown)}; there are {' '.join(WORKS)}")
    print(f"{'work':12} {'sender Ir/KB':>14} {'receiver Ir/KB':>16}")
    for name in wanted:
        costs = []
        for size in (SMALL, LARGE):
            with tempfile.TemporaryDirectory(prefix="rawtooth-bench-") as folder:
                costs.append(transfer(tool, WORKS[name], size, folder))
        slopes = [(large - small) / ((LARGE - SMALL) / 1024)
                  for small, large in zip(*costs)]
        print(f"{name:12} {slopes[0]:14,.0f} {slopes[1]:16,.0f}", flush=True)


if __name__ == "__main__":
    main()
