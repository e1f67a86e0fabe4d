#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The rows of the catalogue under valgrind's memcheck. See --help.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)

usage() {
	cat <<'END'
usage: valgrind.sh [--shallow | --row ID] PROGRAM...

Runs programs of tests/regress, built without sanitizers, under memcheck, which
sees one thing more: octets that are used and were never written. Fails for a
row that fails, an error of memcheck, and memory that is lost.

  --shallow  without the rows that valgrind-slow.txt names
  --row ID   this row alone
END
}

rows_of=everything
row=
case ${1---help} in
--help | -h) usage; exit 0 ;;
--shallow) rows_of=quick; shift ;;
--row) rows_of=one; row=${2-}; shift 2 || { usage >&2; exit 2; } ;;
-*) usage >&2; exit 2 ;;
esac
[ $# -gt 0 ] || { usage >&2; exit 2; }

command -v valgrind >/dev/null || {
	echo "valgrind.sh: needs the Debian package valgrind" >&2
	exit 1
}

# Each takes lines "ID ROLES", and may leave none.
everything() { cat; }
one() { grep "^$row " || true; }
# A line of valgrind-slow.txt is "SECONDS ID".
quick() {
	awk 'NR == FNR { if (!/^#/) slow[$2]; next } !($1 in slow)' \
		"$here/valgrind-slow.txt" -
}

# One process for all rows: a child of libcheck's would not be looked at.
export CK_FORK=no
ran=0
failed=0
for program; do
	begun=$SECONDS
	status=0
	rows=$("$program" --list | sort -u | $rows_of)
	[ -n "$rows" ] || continue
	echo "== ${program##*/}: $(wc -l <<< "$rows") rows"
	# The lines are the arguments.
	# shellcheck disable=SC2086
	valgrind --quiet --error-exitcode=9 --leak-check=full \
		--errors-for-leak-kinds=definite,indirect,possible \
		"$program" $rows || status=$?
	echo "status $status after $((SECONDS - begun)) s"
	ran=$((ran + 1))
	[ "$status" -eq 0 ] || failed=1
done
[ $ran -gt 0 ] || { echo "valgrind.sh: no such row" >&2; exit 1; }
exit $failed
