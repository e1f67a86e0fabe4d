#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the engines import: nothing but memory and string functions, snprintf
and vsnprintf, and the compiler's own guards; each folder's code only what it
or a folder left of it defines; and no object that can be written at file
scope. So no clock, socket, file, thread or hidden state can slip in."""
import os
import re
import subprocess
import sys

from source import Check, ENGINES

ALLOWED = set("""
    memchr memcmp memcpy memmove memset explicit_bzero
    strchr strcmp strcspn strlen strncmp strnlen strpbrk strrchr strspn strstr
    snprintf vsnprintf
    __memcpy_chk __memmove_chk __memset_chk __explicit_bzero_chk
    __snprintf_chk __vsnprintf_chk
    __stack_chk_fail _GLOBAL_OFFSET_TABLE_
""".split())
ASSERT = "__assert_fail"
WRITABLE = re.compile(r"\.t?(data|bss)(?!\.rel\.ro)(\.|$)|\*COM\*$")
# objdump -t: value, seven flags, section, size, name; the visibility stands
# before the name where it is not the default.
SYMBOL = re.compile(
    r"^[0-9a-f]+ (?P<flags>.{7}) (?P<section>\S+)\s[0-9a-f]+ "
    r"(?:\.\w+ )?(?P<name>\S+)$")
MEMBER = re.compile(r"^(\S+):\s+file format")


def symbols(archive):
    """(member, flags, section, name) of every symbol in the archive."""
    out = subprocess.run(["objdump", "-t", archive], capture_output=True,
                         text=True, check=True).stdout
    member = "?"
    for line in out.split("\n"):
        match = MEMBER.match(line)
        if match:
            member = match.group(1)
            continue
        match = SYMBOL.match(line)
        if match:
            yield (member, match["flags"], match["section"], match["name"])


def find_archive(build, folder):
    for place in (folder, "", "lib"):
        path = os.path.join(build, place, f"librawtooth_{folder}.a")
        if os.path.exists(path):
            return path
    return None


def check_archive(check, archive, allowed, defined):
    rows = list(symbols(archive))
    name = os.path.basename(archive)
    if not rows:
        check.say(name, 0, "holds no symbol")
    defined.update(row[3] for row in rows if row[2] != "*UND*")
    for member, flags, section, symbol in rows:
        if section == "*UND*" and symbol not in allowed | defined:
            check.say(f"{name}({member})", 0, f"imports {symbol}")
        # d: a section's or a compiler's own symbol; O: an object
        if WRITABLE.match(section) and "O" in flags:
            check.say(f"{name}({member})", 0,
                      f"{symbol} can be written ({section})")


def main():
    check = Check(__doc__)
    check.parser.add_argument("--build", required=True,
                              help="a build without sanitizers")
    check.parser.add_argument("--asserts", action="store_true",
                              help="the build has assertions")
    args = check.args()
    allowed = ALLOWED | ({ASSERT} if args.asserts else set())
    defined = set()
    for folder in ENGINES:
        if not os.path.exists(os.path.join(args.root, folder,
                                           "CMakeLists.txt")):
            continue
        archive = find_archive(args.build, folder)
        if not archive:
            sys.exit(f"no librawtooth_{folder}.a in {args.build}")
        check.looked_at += 1
        check_archive(check, archive, allowed, defined)
    check.end("archives")


main()
