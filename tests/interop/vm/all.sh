#!/bin/bash
# SPDX-License-Identifier: MIT
#
# all.sh [--deep] VM OUT RAWTOOTH PEER SEVERAL TTY: makes the virtual machine in
# VM where it is not there, runs all rows of guest.sh in it, once, and leaves
# their results in OUT/rows and the captures in OUT/captures. Fails only if the
# machine does; row.sh says how a row went.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
deep=
if [ "$1" = --deep ]; then
	deep=$1
	export VM_TIMEOUT="${VM_TIMEOUT:-14400}"
	shift
fi
rm -rf "$2"
"$here/prepare.sh" "$1"
status=0
"$here/run.sh" "$1" "$2" "$here/guest.sh" $deep "${@:3}" || status=$?
cat "$2/log"
if grep -E 'BUG|Oops|WARNING' "$2/dmesg"; then
	echo "the guest's kernel is not well"
	exit 1
fi
exit $status
