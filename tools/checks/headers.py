#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every header stands alone: it compiles as the only thing in a file, twice
over, as C11; a public one also as C++ and without _GNU_SOURCE."""
import os
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor

from source import Check, files, read

FLAGS = ["-fsyntax-only", "-Wall", "-Wextra", "-Wpedantic", "-Wundef",
         "-Wstrict-prototypes", "-Wmissing-prototypes", "-Werror"]
CXX_FLAGS = ["-fsyntax-only", "-Wall", "-Wextra", "-Wpedantic", "-Wundef",
             "-Werror"]
SHARED = ("stack/addr.h", "stack/uuid.h", "l2cap/element.h")
NO_GUARD = "No include guard"


def is_public(path):
    return path.startswith("api/include/") or path in SHARED


def include_name(path):
    if path.startswith("api/include/"):
        return "<" + path[len("api/include/"):] + ">"
    return f'"{path}"'


def compile_alone(root, installed, path, command):
    text = f"#include {include_name(path)}\n" * 2 + "extern int rt_none;\n"
    result = subprocess.run(
        command + ["-I", root, "-I", os.path.join(root, "api/include"),
                   "-I", installed, "-"],
        input=text, capture_output=True, text=True, check=False)
    if result.returncode == 0:
        return None
    lines = [l for l in result.stderr.split("\n") if "error" in l]
    return lines[0] if lines else result.stderr.strip()


def install_shared(root, installed):
    """The build copies these among the public headers."""
    os.mkdir(os.path.join(installed, "rawtooth"))
    for path in SHARED:
        source = os.path.join(root, path)
        if not os.path.exists(source):
            continue
        with open(source, encoding="utf-8") as f:
            text = f.read()
        for other in SHARED:
            text = text.replace(
                f'"{other}"', f"<rawtooth/{os.path.basename(other)}>")
        name = os.path.join(installed, "rawtooth", os.path.basename(path))
        with open(name, "w", encoding="utf-8") as f:
            f.write(text)


def main():
    check = Check(__doc__)
    check.parser.add_argument("--cc", default="cc")
    check.parser.add_argument("--cxx", default="c++")
    args = check.args()
    jobs = []
    for path in files(args.root, ".h"):
        if NO_GUARD in read(args.root, path):
            continue  # a template, which needs what its user defines
        check.looked_at += 1
        jobs.append((path, [args.cc, "-std=c11", "-D_GNU_SOURCE", "-xc"]
                     + FLAGS))
        if is_public(path):
            jobs.append((path, [args.cc, "-std=c11", "-xc"] + FLAGS))
            jobs.append((path, [args.cxx, "-std=c++11", "-xc++"]
                         + CXX_FLAGS))
    with tempfile.TemporaryDirectory() as installed:
        install_shared(args.root, installed)
        with ThreadPoolExecutor(max_workers=2) as pool:
            faults = pool.map(
                lambda job: compile_alone(args.root, installed, *job), jobs)
            for (path, command), fault in zip(jobs, faults):
                if fault:
                    check.say(path, 1, f"{command[0]} {command[1]}: {fault}")
    check.end("headers")


main()
