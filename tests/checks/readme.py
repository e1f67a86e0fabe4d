#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""readme.py README LIBRARY TOOL INCLUDE...: the program that the README shows
compiles without a warning, and does what is said there: it talks to a server
of the command line on virtual controllers."""
import os
import re
import subprocess
import sys
import tempfile
import time

PATIENCE_S = 20


def wait_for(path, pattern):
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        with open(path, encoding="utf-8") as file:
            match = re.search(pattern, file.read(), re.M)
        if match:
            return match
        time.sleep(0.05)
    with open(path, encoding="utf-8") as file:
        sys.exit(f"waited in vain for {pattern}: {file.read()}")


def start(log, command):
    with open(log, "w", encoding="utf-8") as file:
        return subprocess.Popen(command, stdout=file, stderr=file,
                                stdin=subprocess.DEVNULL)


def compile_example(readme, library, includes, program):
    with open(readme, encoding="utf-8") as file:
        blocks = re.findall(r"^```c\n(.*?)^```", file.read(), re.M | re.S)
    if len(blocks) != 1:
        sys.exit(f"{len(blocks)} programs in {readme}")
    folder = os.path.dirname(library)
    subprocess.run(
        ["cc", "-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror",
         "-o", program, "-xc", "-"] + ["-I" + i for i in includes]
        + ["-L" + folder, "-lrawtooth", "-Wl,-rpath," + folder],
        input=blocks[0], text=True, check=True)


def talk(tool, work, program):
    air = os.path.join(work, "air")
    logs = [os.path.join(work, name) for name in ("air.log", "server.log")]
    running = [start(logs[0], [tool, "air", air])]
    try:
        wait_for(logs[0], "^Serving")
        running.append(start(logs[1], [
            tool, "-d", air, "listen", "-p", "5", "-e",
            'read line; echo "$line to you"']))
        address = wait_for(logs[1], r"^Listening on .* of (\S+)").group(1)
        result = subprocess.run([program, "unix:" + air, address],
                                capture_output=True, text=True,
                                timeout=PATIENCE_S, check=False)
    finally:
        for process in reversed(running):
            process.terminate()
            process.wait(PATIENCE_S)
    print(result.stdout, result.stderr, end="")
    if (result.returncode, result.stdout) != (0, "hello to you\n"):
        sys.exit(f"the program ends with {result.returncode}")


def main():
    readme, library, tool = sys.argv[1:4]
    with tempfile.TemporaryDirectory() as work:
        program = os.path.join(work, "hello")
        compile_example(readme, library, sys.argv[4:], program)
        talk(tool, work, program)


main()
