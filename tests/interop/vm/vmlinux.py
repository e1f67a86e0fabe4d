#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""vmlinux.py BZIMAGE OUT: takes the ELF kernel out of a compressed one.

QEMU starts an ELF kernel with a PVH note directly, so that an emulated
processor need not unpack the kernel: this halves the time of a boot.
The fields are those of Documentation/arch/x86/boot.rst.
"""
import gzip
import lzma
import struct
import subprocess
import sys


def payload(image):
    setup_sectors = image[0x1F1] or 4
    if image[0x202:0x204] < b"\x08\x02":
        sys.exit("vmlinux.py: boot protocol before 2.08")
    offset, length = struct.unpack_from("<II", image, 0x248)
    start = (setup_sectors + 1) * 512 + offset
    return image[start:start + length]


def unpack(data):
    if data.startswith(b"\xfd7zXZ"):
        return lzma.LZMADecompressor(format=lzma.FORMAT_XZ).decompress(data)
    if data.startswith(b"\x1f\x8b"):
        return gzip.decompress(data)
    # zstd; the last four octets are the length of what was packed
    return subprocess.run(["zstd", "-qdc"], input=data[:-4],
                          stdout=subprocess.PIPE, check=True).stdout


def main():
    with open(sys.argv[1], "rb") as source:
        elf = unpack(payload(source.read()))
    if not elf.startswith(b"\x7fELF"):
        sys.exit("vmlinux.py: no ELF file in " + sys.argv[1])
    with open(sys.argv[2], "wb") as target:
        target.write(elf)


main()
