#!/bin/bash
# SPDX-License-Identifier: MIT
#
# planted_valgrind.sh PROGRAM: valgrind.sh passes a row with no fault in it, and
# fails each of the others, saying what it is.
set -euo pipefail

program=$1
valgrind=$(cd "$(dirname "$0")/../regress" && pwd)/valgrind.sh

fail() {
	echo "$*"
	exit 1
}

# finds ROW WORDS: fails the row in these words, where without memcheck it passes
finds() {
	local said
	CK_FORK=no "$program" "$1" A > /dev/null || fail "$1 does not pass"
	if said=$("$valgrind" --row "$1" "$program" 2>&1); then
		fail "$1 is not found"
	fi
	grep -q "$2" <<< "$said" || fail "$1 is something else: $said"
}

"$valgrind" --row CLEAN "$program" || fail "CLEAN does not pass"
finds UNWRITTEN 'depends on uninitialised value'
finds LOST 'are definitely lost'
if "$valgrind" --row NONE "$program"; then
	fail "a row that is not there passes"
fi
