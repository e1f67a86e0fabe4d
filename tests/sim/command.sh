#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The command line of the simulator.
set -euo pipefail

fail() { printf 'FAIL %s\n' "$*" >&2; exit 1; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

# Runs it, and expects this exit status; output in out and err.
sim() {
	local expected=$1 status=0
	shift
	"$RAWTOOTH" sim "$@" >out 2>err || status=$?
	[ "$status" -eq "$expected" ] ||
		fail "sim $*: status $status, $expected expected: $(cat out err)"
}

# The same seed tells the same story, with the same packets.
sim 0 --seed 7 --capture one.btsnoop
cp out first
sim 0 --seed 7 --capture two.btsnoop
cmp out first || fail "another trace for the same seed"
cmp one.btsnoop two.btsnoop || fail "another capture for the same seed"
[ "$(head -c 7 one.btsnoop)" = btsnoop ] || fail "no capture"
sim 0 --seed 8
if cmp -s out first; then fail "two seeds, one story"; fi

# The log has the story, and what is left out is not in it.
sim 0 --seed 7 --log
grep -q 'nothing goes wrong any more' out || fail "no story in the log"
sim 0 --features
grep -q '^frame-lost  *the same: lost frames\|^frame-lost ' out ||
	fail "no list of features"
sim 0 --seed 7 --role own --without rfcomm,by-uuid --length 3 --log
if grep -q 'listens on 1:' out; then fail "--without is not heeded"; fi

# Many: the sum.
sim 0 --seeds 30 --jobs 2 --again 100
grep -q '^30 seeds, 0 failed; 30 told again, their traces equal$' out ||
	fail "no sum: $(cat out)"
sim 0 --seed 3 --shrink
grep -q 'nothing to shrink' out || fail "a story that passes was shrunk"

# What is wrong is said.
sim 2 --role nobody
grep -q 'not "nobody"' err || fail "a wrong role is not named"
sim 2 --without nothing
sim 2 --seed
sim 2 --seed x
sim 2 --log
sim 2 extra
