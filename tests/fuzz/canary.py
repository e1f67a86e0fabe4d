#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A fault planted in a fuzz target has to be found in time.

    canary.py PROGRAM [SECONDS]

Runs the fuzzer from nothing, without a corpus, for 60 s or as long as said.
Passes if a sanitizer has stopped it by then with a read behind the end.
"""
import subprocess
import sys
import tempfile

FOUND = "heap-buffer-overflow"


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    seconds = int(sys.argv[2]) if len(sys.argv) == 3 else 60
    with tempfile.TemporaryDirectory() as folder:
        result = subprocess.run(
            [sys.argv[1], f"-max_total_time={seconds}", "-seed=1",
             f"-artifact_prefix={folder}/", folder],
            capture_output=True, text=True, errors="replace", check=False)
    output = result.stdout + result.stderr
    if result.returncode != 0 and FOUND in output:
        print("found: " + next(l for l in output.split("\n") if FOUND in l))
        return 0
    print("\n".join(output.split("\n")[-10:]))
    print(f"{sys.argv[1]}: the planted fault was not found in {seconds} s")
    return 1


if __name__ == "__main__":
    sys.exit(main())
