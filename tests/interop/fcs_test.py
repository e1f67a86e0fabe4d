#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""fcs.py finds what is planted in captures made here, octet by octet."""
import os
import struct
import subprocess
import sys
import tempfile
import unittest

FCS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "fcs.py")
# SABM and UA of the multiplexer: their check sequences stand in every trace of
# RFCOMM. The last octet of the modem status command is a guess.
SABM = bytes.fromhex("033f011c")
UA = bytes.fromhex("037301d7")
MSC = bytes.fromhex("03ef09e3050b8d" + "aa")


def acl(sent, cid, payload, boundary=2):
    data = struct.pack("<HH", len(payload), cid) + payload
    return sent, boundary, data


def signal(sent, code, *values):
    body = struct.pack("<%dH" % len(values), *values)
    return acl(sent, 1, struct.pack("<BBH", code, 1, len(body)) + body)


OPENING = [signal(True, 2, 3, 0x40), signal(False, 3, 0x51, 0x40, 0, 0)]


def capture(packets):
    """A btsnoop file of the monitor's format, all on handle 42."""
    octets = b"btsnoop\0" + struct.pack(">II", 1, 2001)
    for sent, boundary, data in packets:
        data = struct.pack("<HH", 42 | boundary << 12, len(data)) + data
        octets += struct.pack(">IIIIq", len(data), len(data),
                              4 if sent else 5, 0, 0) + data
    return octets


def run(octets):
    with tempfile.NamedTemporaryFile(suffix=".btsnoop") as file:
        file.write(octets)
        file.flush()
        result = subprocess.run([sys.executable, FCS, file.name],
                                stdout=subprocess.PIPE, text=True,
                                check=False)
    return result.returncode, result.stdout


class Fcs(unittest.TestCase):
    def test_right_frames_are_counted(self):
        status, text = run(capture(
            OPENING + [acl(True, 0x51, SABM), acl(False, 0x40, UA)]))
        self.assertIn("2 frames right, 0 faults", text)
        self.assertEqual(status, 0)

    def test_a_fragmented_frame_is_put_together(self):
        sent, _, data = acl(True, 0x51, SABM)
        status, text = run(capture(
            OPENING + [(sent, 0, data[:5]), (sent, 1, data[5:])]))
        self.assertIn("1 frames right, 0 faults", text)
        self.assertEqual(status, 0)

    def test_a_wrong_check_sequence_is_found(self):
        for at in range(len(SABM)):
            frame = bytearray(SABM)
            frame[at] ^= 0x40
            status, text = run(capture(OPENING + [acl(True, 0x51, frame)]))
            self.assertNotIn(" 0 faults", text)
            self.assertEqual(status, 1)

    def test_the_check_of_uih_does_not_cover_its_data(self):
        frame = bytearray(MSC)
        frame[5] ^= 1
        for octets in (MSC, frame):
            _, text = run(capture(
                OPENING + [acl(True, 0x51, bytes(octets))]))
            self.assertEqual("FCS" in text,
                             octets[-1] != self.uih_fcs(octets))

    @staticmethod
    def uih_fcs(octets):
        """CRC-8 once more, bit by bit, from the highest power down."""
        crc = 0xFF
        for octet in octets[:2]:
            for bit in range(8):
                top = crc >> 7 ^ octet >> bit & 1
                crc = (crc << 1 & 0xFF) ^ (0x07 if top else 0)
        return 0xFF - int(f"{crc:08b}"[::-1], 2)

    def test_a_wrong_length_is_found(self):
        status, text = run(capture(
            OPENING + [acl(True, 0x51, SABM + b"\0")]))
        self.assertIn("RFCOMM length", text)
        self.assertEqual(status, 1)

    def test_other_channels_are_not_rfcomm(self):
        status, text = run(capture(OPENING + [acl(True, 0x52, b"\0" * 9)]))
        self.assertIn("0 frames right, 0 faults", text)
        self.assertEqual(status, 1)

    def test_a_capture_cut_short_is_found(self):
        octets = capture(OPENING + [acl(True, 0x51, SABM)])
        status, text = run(octets[:-1])
        self.assertIn("cut short", text)
        self.assertEqual(status, 1)


# A channel between 0x40 and 0x51 in ERTM, each side with its FCS option.
def ertm(*checked):
    packets = [signal(True, 2, 0x1001, 0x40),
               signal(False, 3, 0x51, 0x40, 0, 0)]
    for sent, cid, value in ((True, 0x51, checked[0]),
                             (False, 0x40, checked[1])):
        body = struct.pack("<HH", cid, 0)
        body += bytes.fromhex("0409 03 3f 03 0000 0000 f003")
        if value is not None:
            body += bytes([5, 1, value])
        packets.append(acl(sent, 1, struct.pack(
            "<BBH", 4, 1, len(body)) + body))
    return packets


class Modes(unittest.TestCase):
    @staticmethod
    def frame(cid, control):
        """With a check sequence made in another way than fcs.py does it."""
        octets = struct.pack("<HHH", 4, cid, control)
        value = int("".join(f"{octet:08b}"[::-1] for octet in octets), 2) << 16
        for bit in range(value.bit_length() - 1, 15, -1):
            if value >> bit & 1:
                value ^= 0x18005 << bit - 16
        return octets[4:] + struct.pack("<H", int(f"{value:016b}"[::-1], 2))

    def test_right_frames_of_ertm_are_counted(self):
        for checked in ((None, None), (1, 0), (0, None)):
            _, text = run(capture(
                ertm(*checked) + [acl(True, 0x51, self.frame(0x51, 1)),
                                  acl(False, 0x40, self.frame(0x40, 1))]))
            self.assertIn("2 frames right, 0 faults", text)

    def test_a_wrong_check_sequence_of_ertm_is_found(self):
        frame = bytearray(self.frame(0x51, 1))
        frame[1] ^= 1
        status, text = run(capture(
            ertm(None, None) + [acl(True, 0x51, bytes(frame))]))
        self.assertIn("1 faults", text)
        self.assertEqual(status, 1)

    def test_frames_without_one_are_not_looked_at(self):
        _, text = run(capture(ertm(0, 0) + [acl(True, 0x51, b"\1\0\0\0")]))
        self.assertIn("0 frames right, 0 faults", text)


if __name__ == "__main__":
    unittest.main()
