#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The line of folders and their faces, read from the #include lines.

    stack < hci < l2cap < rfcomm < api < tools < tests

A file includes what is in its own folder and what stands left of it, and of
another folder only the face. Tests and the simulator may open private
headers. The operating system's headers and those of a folder's os/ are for
os/ folders, the tools, the tests and the library that stands before the
kernel's sockets; BlueZ's are for the user channel and one test."""
import os
import re

from source import Check, FOLDERS, files, folder_of, read

FACES = {
    "hci": {"hci.h", "gap.h", "security.h", "transport.h"},
    "l2cap": {"l2cap.h", "sdp.h", "element.h"},
    "rfcomm": {"rfcomm.h"},
}
# What a compiler without a library has, and string functions; of <stdio.h>
# the engines may use snprintf and vsnprintf, which imports.py sees to.
FREE = {"assert.h", "errno.h", "inttypes.h", "limits.h", "stdalign.h",
        "stdarg.h", "stdbool.h", "stddef.h", "stdint.h", "stdio.h",
        "string.h"}
PUBLIC_FREE = {"stdarg.h", "stdbool.h", "stddef.h", "stdint.h"}
BLUEZ = ("hci/os/", "tests/oracle_libbluetooth.c")
# The virtual controllers decode by themselves: two mistakes in one table
# would cancel out.
TABLES = {"stack/codec.h", "stack/codec_types.h", "stack/codec_tables.h"}
# The model peer shares nothing at all with the stack: addresses, views of
# octets and the packets of its controller are all that they have in common.
MODEL = "tools/sim/model/"
MODEL_MAY = {"stack/addr.h", "stack/base.h", "tools/vctl/vctl.h"}
INCLUDE = re.compile(
    r'^[ \t]*#[ \t]*(?:include|define[ \t]+RT_CODEC_FILE)[ \t]+([<"])([^>"]+)')


def touches_system(path):
    return folder_of(path) in ("tools", "tests") or "/os/" in path or \
        path.startswith("api/preload/")


def system_fault(path, name):
    if name.startswith("bluetooth/"):
        if path.startswith(BLUEZ):
            return None
        return f"<{name}> is for the user channel (hci/os) alone"
    if path.startswith("api/include/") and name not in PUBLIC_FREE:
        return f"a public header includes <{name}>"
    if name not in FREE and not touches_system(path):
        return f"<{name}> belongs to the system: os/ folders, tools, tests"
    return None


def public_fault(path, name):
    if FOLDERS.index(folder_of(path)) < FOLDERS.index("api"):
        return f"<{name}> stands right of {folder_of(path)}"
    return None


def face_fault(path, name):
    """What is wrong with a header of another folder."""
    other, rest = name.split("/", 1)
    if folder_of(path) == "tests" or path.startswith("tools/sim/"):
        return None
    if "/os/" in name:
        if touches_system(path):
            return None
        return f'"{name}" touches the system: os/ folders, tools, tests'
    if other == "api":
        return f'public headers are included as <rawtooth/...>: "{name}"'
    if other in FACES and rest not in FACES[other]:
        return f'"{name}" is private to {other}'
    return None


def own_fault(root, path, name):
    other = folder_of(name)
    own = folder_of(path)
    if other not in FOLDERS or not os.path.exists(os.path.join(root, name)):
        return f'"{name}" is not a file from the top of the tree'
    if FOLDERS.index(other) > FOLDERS.index(own):
        return f'"{name}" stands right of {own}'
    if path.startswith("tools/vctl/") and name in TABLES:
        return f'the virtual controllers decode without "{name}"'
    if path.startswith(MODEL) and not name.startswith(MODEL) and \
            name not in MODEL_MAY:
        return f'the model peer does without "{name}"'
    if other != own:
        return face_fault(path, name)
    if "/os/" in name and not touches_system(path):
        return f'"{name}" touches the system: os/ folders, tools, tests'
    return None


def main():
    check = Check(__doc__)
    root = check.args().root
    for path in files(root, ".c", ".h", ".def"):
        check.looked_at += 1
        if folder_of(path) not in FOLDERS:
            check.say(path, 1, f"{folder_of(path)} is no folder of the line")
            continue
        for number, line in enumerate(read(root, path).split("\n"), 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            bracket, name = match.groups()
            if bracket == '"':
                fault = own_fault(root, path, name)
            elif name.startswith("rawtooth/"):
                fault = public_fault(path, name)
            else:
                fault = system_fault(path, name)
            if fault:
                check.say(path, number, fault)
    check.end("files")


main()
