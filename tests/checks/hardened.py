#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""hardened.py: builds a small program and library with all that
tools/checks/hardened.py wants, on which it passes, and each time without one
thing, which it must name."""
import json
import os
import platform
import subprocess
import sys
import tempfile

CHECK = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                     "../../tools/checks/hardened.py")
SOURCE = """
#include <stdio.h>
#include <string.h>

extern int rt_small(const char *it, size_t len);

int rt_small(const char *it, size_t len)
{
	char copy[64];

	memcpy(copy, it, len);
	return printf("%s", copy);
}

int main(int argc, char **argv)
{
	return rt_small(argv[0], (size_t)argc);
}
"""
COMPILE = {
    "pic": "-fPIE",
    "protector": "-fstack-protector-strong",
    "clash": "-fstack-clash-protection",
    "fortify": "-D_FORTIFY_SOURCE=3",
}
LINK = {
    "pie": "-pie",
    "relro": "-Wl,-z,relro",
    "now": "-Wl,-z,now",
    "stack": "-Wl,-z,noexecstack",
}
X86 = platform.machine() == "x86_64"
if X86:
    COMPILE["guards"] = "-fcf-protection"

# What is built otherwise: instead of which option which; what must be said.
CASES = {
    "a program at a fixed address": (
        {"pic": "-fno-pie", "pie": "-no-pie"}, "not position independent"),
    "relocations that stay writable": (
        {"relro": "-Wl,-z,norelro"}, "stay writable"),
    "functions that are bound late": ({"now": "-Wl,-z,lazy"}, "bound late"),
    "a stack that can be executed": (
        {"stack": "-Wl,-z,execstack"}, "the stack can be executed"),
    "a stack without guards": (
        {"protector": "-fno-stack-protector"}, "the stack is not guarded"),
    "functions that are not fortified": (
        {"fortify": "-D_FORTIFY_SOURCE=0"}, "is fortified"),
    "a path of its own for libraries": (
        {"now": "-Wl,-z,now,-rpath,/tmp"}, "a path of its own"),
    "a file compiled without an option": (
        {"clash": "-fno-stack-clash-protection"},
        "compiled without -fstack-clash-protection"),
}
if X86:
    CASES["functions where the processor may not land"] = (
        {"guards": "-fcf-protection=none"}, "no place to land")


def build(folder, changes, shared):
    compile_options = [changes.get(key, o) for key, o in COMPILE.items()]
    link = [changes.get(key, o) for key, o in LINK.items()]
    if shared:
        compile_options[0] = "-fPIC"
        link[0] = "-shared"
    source = os.path.join(folder, "small.c")
    product = os.path.join(folder, "small.so" if shared else "small")
    with open(source, "w", encoding="utf-8") as file:
        file.write(SOURCE)
    command = ["cc", "-O2", "-w", "-U_FORTIFY_SOURCE", *compile_options, *link,
               "-o", product, source]
    subprocess.run(command, check=True)
    commands = os.path.join(folder, "compile_commands.json")
    with open(commands, "w", encoding="utf-8") as file:
        json.dump([{"file": source, "command": " ".join(command)}], file)
    return product, commands


def judge(folder, changes, shared=False):
    product, commands = build(folder, changes, shared)
    return subprocess.run(
        [sys.executable, CHECK, "--library" if shared else "--program",
         product, "--commands", commands],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        check=False)


def main():
    with tempfile.TemporaryDirectory() as folder:
        for shared in (False, True):
            result = judge(folder, {}, shared)
            if result.returncode != 0:
                sys.exit("what is sound does not pass:\n" + result.stdout)
        for name, (changes, expected) in CASES.items():
            result = judge(folder, changes)
            if result.returncode == 0 or expected not in result.stdout:
                sys.exit(f"not named: {name}\n{result.stdout}")
    print(f"{len(CASES)} faults named")


main()
