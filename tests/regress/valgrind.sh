#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The rows of the catalogue under valgrind's memcheck. See --help.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)

usage() {
	cat <<'END'
usage: valgrind.sh [--shallow] PROGRAM...

Runs programs of tests/regress, built without sanitizers, under memcheck, which
sees one thing more: octets that are used and were never written. Fails for a
row that fails, an error of memcheck, and memory that is lost.

  --shallow  without the rows that valgrind-slow.txt names
END
}

shallow=
if [ "${1-}" = --shallow ]; then
	shallow=yes
	shift
fi
case ${1---help} in
--help | -h) usage; exit 0 ;;
-*) usage >&2; exit 2 ;;
esac

command -v valgrind >/dev/null || {
	echo "valgrind.sh: needs the Debian package valgrind" >&2
	exit 1
}

# Without those that are slow; none may be left.
quick() {
	grep -vwFf <(grep -v '^#' "$here/valgrind-slow.txt") || true
}

# One process for all of it: a child of libcheck's would not be looked at.
export CK_FORK=no
failed=0
for program; do
	begun=$SECONDS
	status=0
	# "ID ROLES", which are its arguments.
	rows=$("$program" --list | sort -u)
	[ -z "$shallow" ] || rows=$(quick <<< "$rows")
	[ -n "$rows" ] || continue
	echo "== ${program##*/}: $(wc -l <<< "$rows") rows"
	# shellcheck disable=SC2086
	valgrind --quiet --error-exitcode=9 --leak-check=full \
		--errors-for-leak-kinds=definite,indirect,possible \
		"$program" $rows || status=$?
	echo "status $status after $((SECONDS - begun)) s"
	[ "$status" -eq 0 ] || failed=1
done
exit $failed
