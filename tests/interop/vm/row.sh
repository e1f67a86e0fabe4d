#!/bin/sh
# SPDX-License-Identifier: MIT
#
# row.sh OUT ROW: how the row went in the virtual machine.
if [ -e "$1/rows/$2.ok" ]; then
	cat "$1/rows/$2.ok"
else
	cat "$1/rows/$2.log"
	exit 1
fi
