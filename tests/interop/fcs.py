#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""fcs.py FILE...: finds every RFCOMM frame in btsnoop captures and verifies
its length and its frame check sequence, which neither btmon nor tshark does;
and that of every frame of L2CAP's ERTM and Streaming mode, where both sides
have not agreed to have none.
Shares nothing with the stack: one more reading of the specifications.

Prints a line for each file and fails if a frame is wrong, a capture is cut
short, or the files hold no such frame at all.
"""
import struct
import sys

MAGIC = b"btsnoop\0"
H4, MONITOR = 1002, 2001
RFCOMM_PSM = 3
UIH = 0xEF
ERTM, STREAMING = 3, 4
# Options of L2CAP's configuration.
MODE, CHECKED = 4, 5


def crc_table():
    """TS 07.10, 5.2.1.6: x^8 + x^2 + x + 1, least significant bit first."""
    table = []
    for octet in range(256):
        for _ in range(8):
            octet = octet >> 1 ^ 0xE0 if octet & 1 else octet >> 1
        table.append(octet)
    return table


CRC = crc_table()


def crc16(octets):
    """Core, Vol 3 Part A 3.3.5: D^16 + D^15 + D^2 + 1, beginning with 0."""
    crc = 0
    for octet in octets:
        crc ^= octet
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    return crc


def options(octets):
    """(type, value) of each option of a configuration request."""
    at = 0
    while at + 2 <= len(octets):
        end = at + 2 + octets[at + 1]
        yield octets[at] & 0x7F, octets[at + 2:end]
        at = end


def fcs(octets):
    crc = 0xFF
    for octet in octets:
        crc = CRC[crc ^ octet]
    return 0xFF - crc


def records(data):
    """(controller, type, sent, octets): type 1 command, 2 ACL, 4 event."""
    if data[:8] != MAGIC:
        raise ValueError("no btsnoop file")
    version, datalink = struct.unpack(">II", data[8:16])
    if version != 1 or datalink not in (H4, MONITOR):
        raise ValueError(f"version {version}, datalink {datalink}")
    at = 16
    while at < len(data):
        if at + 24 > len(data):
            raise ValueError(f"cut short at {at}")
        whole, there, flags = struct.unpack(">III", data[at:at + 12])
        octets = data[at + 24:at + 24 + there]
        if len(octets) != there or there > whole:
            raise ValueError(f"cut short at {at}")
        at += 24 + there
        if datalink == H4:
            yield 0, octets[0], not flags & 1, octets[1:]
        else:
            kind = {2: (1, True), 3: (4, False), 4: (2, True), 5: (2, False)}
            known = kind.get(flags & 0xFFFF)
            if known:
                yield flags >> 16, known[0], known[1], octets


class Link:
    """One ACL link as one controller saw it."""

    def __init__(self):
        self.partial = {True: b"", False: b""}
        self.asked = {}  # (sent, scid of the asking side): PSM
        self.rfcomm = set()  # (sent, cid): a direction of a channel
        self.modes = {}  # the same: its mode, if frames are checked
        self.wanted = {}  # the same: what its receiver was asked for
        self.pair = {}  # the same: the other direction

    def acl(self, sent, boundary, octets):
        """Yields (cid, payload) of whole PDUs."""
        if boundary != 1:
            self.partial[sent] = b""
        elif not self.partial[sent]:
            return
        data = self.partial[sent] + octets
        if len(data) >= 4:
            length, cid = struct.unpack("<HH", data[:4])
            if len(data) > 4 + length:
                raise ValueError("more octets than the L2CAP length says")
            if len(data) == 4 + length:
                self.partial[sent] = b""
                yield cid, data[4:]
                return
        self.partial[sent] = data

    def signalling(self, sent, payload):
        while len(payload) >= 4:
            code, _, length = struct.unpack("<BBH", payload[:4])
            body, payload = payload[4:4 + length], payload[4 + length:]
            if code == 2 and length == 4:
                psm, scid = struct.unpack("<HH", body)
                self.asked[sent, scid] = psm
            elif code == 3 and length == 8:
                self.answer(sent, *struct.unpack("<HHHH", body))
            elif code == 4 and length >= 4:
                # the channel id is the receiver's
                self.configure((sent, struct.unpack("<H", body[:2])[0]),
                               body[4:])
            elif code == 7 and length == 4:
                dcid, scid = struct.unpack("<HH", body)
                # the side that answers owns dcid
                self.forget((not sent, dcid))
                self.forget((sent, scid))

    def answer(self, sent, dcid, scid, result, _status):
        asker = not sent
        if result != 0:
            return
        self.forget((asker, dcid))
        self.forget((sent, scid))
        self.pair[asker, dcid] = sent, scid
        self.pair[sent, scid] = asker, dcid
        if self.asked.get((asker, scid)) == RFCOMM_PSM:
            self.rfcomm.add((asker, dcid))
            self.rfcomm.add((sent, scid))

    def forget(self, direction):
        self.rfcomm.discard(direction)
        for kept in (self.modes, self.wanted, self.pair):
            kept.pop(direction, None)

    def configure(self, direction, octets):
        """What the sender on this direction says of the other one."""
        wanted = self.wanted.setdefault(direction, {})
        for kind, value in options(octets):
            wanted[kind] = value[0] if value else 0
        other = self.pair.get(direction)
        mine, theirs = wanted, self.wanted.get(other, {})
        checked = mine.get(CHECKED, 1) or theirs.get(CHECKED, 1)
        for way in (direction, other):
            self.modes[way] = mine.get(MODE, 0) if checked else 0


class Capture:
    def __init__(self):
        self.links = {}
        self.right = 0
        self.faults = []

    def read(self, data):
        for number, record in enumerate(records(data), 1):
            controller, kind, sent, octets = record
            try:
                self.record(controller, kind, sent, octets)
            except ValueError as fault:
                self.faults.append(f"packet {number}: {fault}")

    def record(self, controller, kind, sent, octets):
        if kind == 4 and octets[:1] == b"\x05" and octets[2] == 0:
            handle = struct.unpack("<H", octets[3:5])[0] & 0xFFF
            self.links.pop((controller, handle), None)
        if kind != 2:
            return
        head, length = struct.unpack("<HH", octets[:4])
        if length != len(octets) - 4:
            raise ValueError("ACL length")
        link = self.links.setdefault((controller, head & 0xFFF), Link())
        for cid, payload in link.acl(sent, head >> 12 & 3, octets[4:]):
            if cid == 1:
                link.signalling(sent, payload)
            elif (sent, cid) in link.rfcomm:
                self.frame(payload)
            elif link.modes.get((sent, cid)) in (ERTM, STREAMING):
                self.mode_frame(struct.pack("<HH", len(payload), cid) +
                                payload)

    def frame(self, frame):
        if len(frame) < 4:
            raise ValueError("RFCOMM frame under 4 octets")
        address, control, length = frame[0], frame[1], frame[2] >> 1
        head = 3
        if not frame[2] & 1:
            length |= frame[3] << 7
            head = 4
        # poll/final in a UIH frame of a data channel: an octet of credits
        credit = control == UIH | 0x10 and address >> 2 != 0
        if len(frame) != head + credit + length + 1:
            raise ValueError(f"RFCOMM length {length} in {len(frame)} octets")
        covered = frame[:2] if control & ~0x10 == UIH else frame[:head]
        if frame[-1] != fcs(covered):
            raise ValueError(f"FCS {frame[-1]:02x}, not {fcs(covered):02x}")
        self.right += 1

    def mode_frame(self, pdu):
        there = int.from_bytes(pdu[-2:], "little")
        if len(pdu) < 8:
            raise ValueError("a frame without room for its FCS")
        if there != crc16(pdu[:-2]):
            raise ValueError(f"FCS {there:04x}, not {crc16(pdu[:-2]):04x}")
        self.right += 1


def check(path):
    """(frames that are right, faults) of a capture."""
    capture = Capture()
    with open(path, "rb") as file:
        data = file.read()
    try:
        capture.read(data)
    except ValueError as fault:
        capture.faults.append(str(fault))
    return capture.right, capture.faults


def main():
    right = bad = 0
    for path in sys.argv[1:]:
        there, faults = check(path)
        for fault in faults:
            print(f"{path}: {fault}")
        print(f"{path}: {there} frames right, {len(faults)} faults")
        right += there
        bad += len(faults)
    sys.exit(bad > 0 or right == 0)


if __name__ == "__main__":
    main()
