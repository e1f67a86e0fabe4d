#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source-path=SCRIPTDIR disable=SC2119,SC2317,SC2034,SC2016,SC2031
source "$(dirname "$0")/lib.sh"

# waiter NAME ARGUMENTS...: starts `rawtooth pair --wait`; sets $PID and $ADDR.
function waiter {
	local name=$1

	shift
	start "$name" "$RAWTOOTH" pair --wait "$@"
	wait_for "$name.err" '^Waiting for pairing with'
	ADDR=$(sed -n 's/^Waiting for pairing with //p' "$name.err")
}

# The keys of the two sides of a story are kept apart, as on two machines.
function there {
	export XDG_STATE_HOME=$PWD/there
}

function here {
	export XDG_STATE_HOME=$PWD/here
}

# bond OPTIONS...: two processes pair; the key stays in the files.
function bond {
	there
	waiter other "$@"
	other=$PID
	here
	rawtooth 0 pair "$@" "$ADDR"
	ends "$other" 0 other
}

# The air gives the lowest address that is free: takes that of the other side,
# so that we get the one that has the keys.
function occupy {
	there
	listener occupied -p 29 -k
	here
}

two_processes_pair_without_a_question() {
	air
	bond --io none --yes
	grep -q "^Paired with $ADDR: key P-256\$" out
	grep -q '^Paired with .*: key P-256$' other.out
}

numbers_are_compared_for_an_authenticated_key() {
	air
	bond --mitm --io yesno --yes
	grep -q "^Paired with $ADDR: key P-256, authenticated\$" out
	number=$(sed -n 's/^Does .* show \([0-9]*\)?.*/\1/p' err)
	[[ $number =~ ^[0-9]{6}$ ]]
	grep -q "show $number?" other.err
}

a_person_answers_at_standard_input() {
	air
	there
	waiter other --io yesno --yes
	other=$PID
	here
	echo yes >answer
	timeout "$PATIENCE" "$RAWTOOTH" pair --mitm "$ADDR" <answer >out 2>err
	grep -q authenticated out
	ends "$other" 0 other
}

whoever_says_no_gets_no_key() {
	air
	there
	waiter other --io yesno --yes
	here
	echo no >answer
	if timeout "$PATIENCE" "$RAWTOOTH" pair --mitm "$ADDR" <answer >out \
			2>err; then
		fail "paired all the same"
	fi
	grep -q "cannot pair with $ADDR: " err
	rawtooth 0 keys
	[[ ! -s out ]]
}

nobody_pairs_with_who_does_not_wait() {
	air
	listener other -k
	rawtooth 1 pair --io none "$ADDR"
	says err "cannot pair with $ADDR: "
}

proof_that_cannot_be_had_is_not_done_without() {
	air
	there
	waiter other --io none --yes
	here
	rawtooth 1 pair --mitm --io yesno --yes "$ADDR"
	grep -q "cannot pair with $ADDR: " err
}

keys_are_kept_in_a_file_of_the_user_alone() {
	air
	bond --io none --yes
	occupy
	[[ $(stat -c %a here/rawtooth) == 700 ]]
	[[ $(stat -c %a here/rawtooth/*) == 600 ]]
	chmod 644 here/rawtooth/*
	rawtooth 1 keys
	grep -q 'chmod' err
}

keys_are_listed_without_their_octets() {
	air
	bond --io none --yes
	occupy
	rawtooth 0 keys
	grep -q "^$ADDR  *7  P-256" out
	lacks out '[0-9A-F]{32}'
	rawtooth 0 keys --show
	grep -qE '[0-9A-F]{32}$' out
	rawtooth 0 keys --json
	"$JSON_CHECK" <out
	lacks out '[0-9A-F]{32}'
}

a_key_is_exported_and_imported_as_bluez_has_it() {
	air
	bond --io none --yes
	occupy
	rawtooth 0 keys export "$ADDR"
	mv out info
	head -n 1 info | grep -q '^\[LinkKey\]$'
	grep -qE '^Key=[0-9A-F]{32}$' info
	grep -q '^Type=7$' info
	rawtooth 0 unpair "$ADDR"
	rawtooth 1 unpair "$ADDR"
	says err 'no such key'
	rawtooth 0 keys
	[[ ! -s out ]]
	rawtooth 0 keys import "$ADDR" info
	rawtooth 0 keys export "$ADDR"
	cmp info out
	echo nonsense >bad
	rawtooth 1 keys import "$ADDR" bad
	says err 'there is no \[LinkKey\]'
}

# secure_pair OPTIONS...: a listener with the other side's keys; a connection.
the_stored_key_serves_the_next_connection() {
	air
	bond --mitm --io yesno --yes
	there
	listener to --security mitm -o got
	to=$PID
	here
	random file 3000
	rawtooth 0 connect -A -E -S --bonded-only -i file "$ADDR"
	ends "$to" 0 to
	cmp file got
}

a_service_that_wants_a_bond_refuses_others() {
	air
	there
	listener to -k --security encrypt --bonded-only
	here
	rawtooth 1 connect -z "$ADDR"
	grep -q "cannot connect to $ADDR channel 1: " err
}

a_key_that_the_other_side_has_lost_is_said() {
	air
	bond --io none --yes
	rm -r there
	there
	listener to -k --security encrypt
	here
	rawtooth 1 connect -z --security encrypt "$ADDR"
	grep -q 'the peer has no key' err || grep -qi 'pair' err
	rawtooth 0 keys
	grep -q "^$ADDR" out
}

a_serial_port_asks_for_security_too() {
	air
	there
	start port "$RAWTOOTH" tty listen -A --bonded-only --link "$PWD/port" 0 3
	wait_for port.out 'Waiting for connection on channel 3'
	here
	rawtooth 1 connect -z --security encrypt 00:AA:01:00:00:00 3
	grep -q 'cannot connect to ' err
}

captures_show_no_key() {
	air
	there
	waiter other --io none --yes
	other=$PID
	here
	rawtooth 0 --snoop capture pair --io none --yes "$ADDR"
	ends "$other" 0 other
	occupy
	rawtooth 0 keys --show
	key=$(sed -n 's/.*\([0-9A-F]\{32\}\)$/\1/p' out | tr A-F a-f)
	[[ ${#key} -eq 32 ]]
	od -An -v -tx1 capture | tr -d ' \n' >hex
	[[ -s hex ]]
	lacks hex "$key"
	lacks other.err "$key"
	lacks err "$key"
}

somebody_asks_whether_to_authorize() {
	air
	listener to --authorize --yes -k
	rawtooth 0 connect -z "$ADDR"
	grep -q 'May .* connect to port 1? yes' to.err
	listener no -p 2 --authorize -k
	rawtooth 1 connect -z "$ADDR" 2
	grep -q -- '--yes would' no.err
}

wrong_usage_is_said() {
	rawtooth 2 pair
	rawtooth 2 pair nonsense
	rawtooth 2 pair --io telepathy 00:AA:01:00:00:99
	rawtooth 2 pair --pin '' 00:AA:01:00:00:99
	rawtooth 2 pair --pin 12345678901234567 00:AA:01:00:00:99
	rawtooth 2 pair --passkey 1000000 00:AA:01:00:00:99
	rawtooth 2 keys nonsense
	rawtooth 2 keys export
	rawtooth 2 unpair
	rawtooth 2 connect --min-key 6 00:AA:01:00:00:99
	rawtooth 2 connect --security high 00:AA:01:00:00:99
}

run_all
