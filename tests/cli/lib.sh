# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
#
# Ground of the tests of the command line. A test file defines functions whose
# names are behaviours, and ends with: run_all. Each function runs with `set
# -e` in a shell, an empty directory and, by air, a set of virtual controllers
# of its own; what it started is ended behind it.

export LC_ALL=C.UTF-8
: "${RAWTOOTH:?the path of the binary}"

# Nothing here takes longer, unless something hangs.
PATIENCE=30

fail() {
	echo "    $*" >&2
	exit 1
}

# start NAME COMMAND...: runs it in the background with the output in NAME.out
# and NAME.err and the input from NAME.in, or /dev/null; sets $PID.
start() {
	local name=$1 input=/dev/null

	shift
	[[ -e $name.in ]] && input=$name.in
	[[ -p $name.out ]] || : >"$name.out"
	: >"$name.err"
	# A shell has its background jobs ignore SIGINT.
	env --default-signal=INT "$@" <"$input" >>"$name.out" \
		2>>"$name.err" &
	PID=$!
	STARTED+=("$PID")
}

# Starts the virtual controllers that $RAWTOOTH_DEVICE stands for.
air() {
	start air "$RAWTOOTH" air "$PWD/air.sock" "$@"
	export RAWTOOTH_DEVICE=unix:$PWD/air.sock
	wait_for air.out '^Serving'
}

# follow FILE COMMAND...: the command reads the file as it grows, until it has
# enough, $PID ends or the patience does.
follow() {
	local file=$1 tail status=0

	shift
	coproc FOLLOW {
		exec tail -s 0.1 --pid="$PID" -c +1 -F "$file" 2>/dev/null
	}
	tail=$FOLLOW_PID
	timeout "$PATIENCE" "$@" <&"${FOLLOW[0]}" || status=$?
	kill "$tail" 2>/dev/null || true
	wait "$tail" 2>/dev/null || true
	return "$status"
}

# wait_for FILE PATTERN: until a line matches that is written there.
wait_for() {
	follow "$1" grep -q -m 1 -e "$2" ||
		fail "no line with \"$2\" in $1, which says: $(head -c 800 "$1")"
}

# wait_size FILE OCTETS: until the file has so many.
wait_size() {
	follow "$1" head -c "$2" >/dev/null
	[[ $(head -c "$2" "$1" | wc -c) -eq $2 ]] ||
		fail "$1 does not reach $2 octets"
}

# wait_end PID: sets $STATUS; 137 if it had to be killed.
wait_end() {
	timeout "$PATIENCE" tail -s 0.05 --pid="$1" -f /dev/null ||
		kill -KILL "$1"
	STATUS=0
	wait "$1" 2>/dev/null || STATUS=$?
}

# kills PID: at once, and the shell says nothing about it.
kills() {
	kill -KILL "$1"
	wait "$1" 2>/dev/null || true
}

# ends PID STATUS NAME: waits for the end of what was started by that name.
ends() {
	wait_end "$1"
	[[ $STATUS -eq $2 ]] ||
		fail "$3 ended with $STATUS, not $2: $(head -c 800 "$3.err")"
}

# rawtooth STATUS ARGUMENTS...: runs it to its end, with the output in out and
# err, and checks the exit status.
rawtooth() {
	local expected=$1 status=0

	shift
	timeout -k 5 "$PATIENCE" "$RAWTOOTH" "$@" >out 2>err </dev/null ||
		status=$?
	[[ $status -eq $expected ]] ||
		fail "rawtooth $*: status $status, not $expected: $(head -c 800 err)"
}

# says FILE PATTERN: the whole of it is one line, which matches.
says() {
	[[ $(wc -l <"$1") -eq 1 ]] ||
		fail "$1 is not one line: $(head -c 800 "$1")"
	grep -q -e "$2" "$1" || fail "$1 lacks \"$2\": $(head -c 800 "$1")"
}

# lacks FILE PATTERN: no line of it matches. ("! grep" would not end a test:
# set -e takes no notice of what is negated.)
lacks() {
	if grep -E -e "$2" "$1"; then
		fail "$1 has \"$2\""
	fi
}

# listener NAME ARGUMENTS...: starts `rawtooth listen`; sets $PID and $ADDR.
listener() {
	local name=$1

	shift
	start "$name" "$RAWTOOTH" listen "$@"
	wait_for "$name.err" '^Listening'
	ADDR=$(sed -n 's/^Listening on .* of //p' "$name.err")
}

# random FILE OCTETS
random() {
	head -c "$2" /dev/urandom >"$1"
}

# both_ways OPTIONS...: a file from connect to listen, and one back.
both_ways() {
	random file 300001
	listener to "$@" -o got
	to=$PID
	rawtooth 0 connect "$@" -i file "$ADDR"
	ends "$to" 0 to
	cmp file got || fail "the file that was received differs"
	listener from "$@" -i file
	from=$PID
	rawtooth 0 connect "$@" -o back "$ADDR"
	ends "$from" 0 from
	cmp file back || fail "the file that came back differs"
}

# without_times FILE: what ping printed, with no time in it.
without_times() {
	sed 's/time [0-9]*\.[0-9][0-9]ms$/time Xms/' "$1"
}

end_started() {
	local pid

	for pid in "${STARTED[@]}"; do
		kill -KILL "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
}

run() (
	local directory

	STARTED=()
	directory=$(mktemp -d)
	trap 'end_started; rm -rf "$directory"' EXIT
	cd "$directory" || exit 1
	unset RAWTOOTH_DEVICE RAWTOOTH_SNOOP RAWTOOTH_LOG RAWTOOTH_PIN
	export XDG_STATE_HOME=$directory/state
	set -e
	"$1"
)

# Runs the functions of the test file, in the order of their definition.
run_all() {
	local name status failed=0

	while read -r name; do
		run "$name" </dev/null
		status=$?
		if [[ $status -eq 0 ]]; then
			echo "ok   $name"
		else
			echo "FAIL $name"
			failed=1
		fi
	done < <(sed -n 's/^\([a-z0-9_]*\)() {$/\1/p' "$0")
	exit "$failed"
}
