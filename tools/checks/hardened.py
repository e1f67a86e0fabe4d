#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What is released is hardened: position independent, its relocations read
only and bound at the start, no memory that is both written and executed, its
stack and its buffers guarded, and its functions begin where the processor may
land (Intel's CET; the mark of a whole file needs a C library that has it).
Looks at the files as readelf and objdump show them; of compiling it asks
compile_commands.json, if it is given."""
import json
import re
import subprocess

from source import Check

# Of the compiler's options those that a file does not show.
OPTIONS = ("-fstack-protector-strong", "-fstack-clash-protection",
           "-D_FORTIFY_SOURCE=3")
X86_64 = "Advanced Micro Devices X86-64"


def show(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True,
                          env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"}).stdout


def readelf(path, *options):
    return show("readelf", "-W", *options, path)


def flags_of(segments, name):
    """The flags of each segment of that type: "R E", "RW", ..."""
    return re.findall(rf"^\s+{name}\s+(?:0x\w+\s+){{5}}([RWE ]{{3}})\s",
                      segments, re.M)


def check_layout(check, path, program):
    header = readelf(path, "-h")
    segments = readelf(path, "-l")
    dynamic = readelf(path, "-d")
    if not re.search(r"Type:\s+DYN", header):
        check.say(path, 0, "it is not position independent")
    if program and not flags_of(segments, "INTERP"):
        check.say(path, 0, "it is no program")
    if not flags_of(segments, "GNU_RELRO"):
        check.say(path, 0, "relocations stay writable (-z relro)")
    if not re.search(r"BIND_NOW|Flags:.*\bNOW\b", dynamic):
        check.say(path, 0, "functions are bound late (-z now)")
    stack = flags_of(segments, "GNU_STACK")
    if not stack or any("E" in flags for flags in stack):
        check.say(path, 0, "the stack can be executed")
    if any("W" in flags and "E" in flags
           for flags in flags_of(segments, "LOAD")):
        check.say(path, 0, "a segment can be written and executed")
    for mark, text in (("TEXTREL", "code is relocated"),
                       ("RPATH", "it has a path of its own for libraries"),
                       ("RUNPATH", "it has a path of its own for libraries")):
        if f"({mark})" in dynamic:
            check.say(path, 0, text)


def check_guards(check, path):
    names = set(re.findall(r"UND (\w+)", readelf(path, "--dyn-syms")))
    if "__stack_chk_fail" not in names:
        check.say(path, 0, "the stack is not guarded")
    if not any(name.endswith("_chk") for name in names):
        check.say(path, 0, "no function of the C library is fortified")


def check_landings(check, path):
    """Functions that others can call begin with endbr64."""
    if X86_64 not in readelf(path, "-h"):
        return
    code = show("objdump", "-d", "--no-show-raw-insn", path)
    firsts = re.findall(r"^\w+ <(main|rt_\w+)>:\n\s*\w+:\s+(\w+)", code, re.M)
    wrong = [name for name, first in firsts if first != "endbr64"]
    if not firsts:
        check.say(path, 0, "it has no functions of ours")
    elif wrong:
        check.say(path, 0, f"{len(wrong)} functions are no place to land, "
                  f"{wrong[0]}() for one (-fcf-protection)")


def check_options(check, path):
    with open(path, encoding="utf-8") as file:
        commands = json.load(file)
    for command in commands:
        missing = [o for o in OPTIONS if o not in command["command"].split()]
        if missing:
            check.say(command["file"], 0,
                      "compiled without " + " ".join(missing))
    check.looked_at += len(commands)


def main():
    check = Check(__doc__)
    check.parser.add_argument("--library", action="append", default=[])
    check.parser.add_argument("--program", action="append", default=[])
    check.parser.add_argument("--commands", action="append", default=[],
                              help="compile_commands.json")
    args = check.args()
    for path in args.library + args.program:
        check.looked_at += 1
        check_layout(check, path, path in args.program)
        check_guards(check, path)
        check_landings(check, path)
    for path in args.commands:
        check_options(check, path)
    check.end("files")


main()
