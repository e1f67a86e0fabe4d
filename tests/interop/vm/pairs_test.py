#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The rows of guest.sh about modes have all pairs of values, and those that
are always run have all values."""
import itertools
import os
import subprocess
import unittest

GUEST = os.path.join(os.path.dirname(os.path.abspath(__file__)), "guest.sh")
ROLES = ("client", "server")
CHECKS = ("fcs", "nofcs")
MTUS = ("mtu48", "mtu672", "mtu4096")
VALUES = {
    "ertm": (ROLES, ("sends", "receives", "both"), ("w1", "w8", "w63"), MTUS,
             CHECKS),
    "streaming": (ROLES, ("sends", "receives"), ("w0",), MTUS, CHECKS),
}


def rows(mode, *options):
    text = subprocess.run([GUEST, *options, "--list"], check=True, text=True,
                          stdout=subprocess.PIPE).stdout
    return [tuple(row.split("_")[1:]) for row in text.split()
            if row.startswith(mode + "_")]


class Pairs(unittest.TestCase):
    def test_every_row_has_values_that_are_known(self):
        for mode, values in VALUES.items():
            for row in rows(mode, "--deep"):
                self.assertEqual(len(row), len(values))
                for value, known in zip(row, values):
                    self.assertIn(value, known)

    def test_the_deep_rows_have_all_pairs(self):
        for mode, values in VALUES.items():
            there = rows(mode, "--deep")
            for i, j in itertools.combinations(range(len(values)), 2):
                self.assertEqual({(row[i], row[j]) for row in there},
                                 set(itertools.product(values[i], values[j])))

    def test_the_rows_that_are_always_run_have_all_values(self):
        both = rows("ertm") + rows("streaming")
        self.assertEqual(len(both), 6)
        for i, known in enumerate(VALUES["ertm"]):
            self.assertLessEqual(set(known), {row[i] for row in both})
        for mode in VALUES:
            self.assertEqual({row[0] for row in rows(mode)}, set(ROLES))
            self.assertEqual({row[-1] for row in rows(mode)}, set(CHECKS))


if __name__ == "__main__":
    unittest.main()
