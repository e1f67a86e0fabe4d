#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source-path=SCRIPTDIR disable=SC2119,SC2120,SC2317,SC2034,SC2016,SC2031
source "$(dirname "$0")/lib.sh"

# tty NAME ARGUMENTS...: starts `rawtooth tty`; sets $PID.
tty() { # no test
	local name=$1

	shift
	start "$name" "$RAWTOOTH" tty "$@"
}

wait_until_gone() { # FILE; no test
	timeout "$PATIENCE" sh -c "while [ -L $1 ]; do sleep 0.05; done"
}

# A listener's terminal "there" and one "here" that is connected to it.
pair_of_terminals() { # no test
	air
	tty far --link "$PWD/there" listen
	FAR=$PID
	wait_for far.out '^Waiting for connection on channel 1$'
	tty near connect --link "$PWD/here" "$@" 00:AA:01:00:00:00
	NEAR=$PID
	wait_for near.out '^Press CTRL-C for hangup$'
	wait_for far.out '^Press CTRL-C for hangup$'
}

the_lines_are_those_of_rfcomm() {
	pair_of_terminals
	[[ $(readlink here) == /dev/pts/* && $(readlink there) == /dev/pts/* ]]
	kill -INT "$NEAR"
	ends "$NEAR" 0 near
	ends "$FAR" 0 far
	printf '%s\n' "Connected $PWD/here to 00:AA:01:00:00:00 on channel 1" \
		'Press CTRL-C for hangup' Disconnected | diff - near.out
	printf '%s\n' 'Waiting for connection on channel 1' \
		"Connection from 00:AA:01:00:00:01 to $PWD/there" \
		'Press CTRL-C for hangup' Disconnected | diff - far.out
	[[ ! -s near.err && ! -s far.err ]]
	[[ ! -e here && ! -L here && ! -e there && ! -L there ]]
}

a_device_is_a_number_in_the_runtime_directory() {
	air
	export XDG_RUNTIME_DIR=$PWD
	tty far listen rfcomm7 3
	far=$PID
	wait_for far.out '^Waiting for connection on channel 3$'
	tty near connect 0 00:AA:01:00:00:00 3
	near=$PID
	wait_for near.out "^Connected $PWD/rawtooth/rfcomm0 to"
	[[ -L rawtooth/rfcomm0 && -L rawtooth/rfcomm7 ]]
	[[ $(stat -c %a rawtooth) == 700 ]]
	# It is taken; without a number, the next one is free.
	rawtooth 1 tty connect 0 00:AA:01:00:00:00
	says err "rawtooth/rfcomm0: in use by another rawtooth"
	start next "$RAWTOOTH" tty bind 00:AA:01:00:00:00
	wait_for next.out "^Bound $PWD/rawtooth/rfcomm1 to "
	kill -INT "$near"
	ends "$near" 0 near
	ends "$far" 0 far
	[[ ! -L rawtooth/rfcomm0 && ! -L rawtooth/rfcomm7 ]]
}

octets_of_every_value_go_both_ways() {
	pair_of_terminals
	random forth 204800
	random back 204800
	timeout "$PATIENCE" head -c 204800 <there >got-forth &
	timeout "$PATIENCE" head -c 204800 <here >got-back &
	timeout "$PATIENCE" cat forth >here &
	timeout "$PATIENCE" cat back >there &
	wait_size got-forth 204800
	wait_size got-back 204800
	cmp forth got-forth
	cmp back got-back
}

what_nobody_reads_waits() {
	pair_of_terminals
	random file 300000
	timeout "$PATIENCE" cat file >here &
	writer=$!
	STARTED+=("$writer")
	# More than all that stands between has room for.
	sleep 1
	kill -0 "$writer" || fail "everything was taken although nobody reads"
	timeout "$PATIENCE" head -c 300000 <there >got
	cmp file got
}

the_end_of_what_a_peer_sent_is_read_before_the_hangup() {
	air
	random file 300000
	listener from -i file
	from=$PID
	tty near connect --link "$PWD/here" "$ADDR"
	near=$PID
	wait_for near.out '^Connected'
	# A hangup is the end of the file, or an error, for who reads.
	timeout "$PATIENCE" cat here >got 2>/dev/null || true
	cmp file got
	ends "$from" 0 from
	ends "$near" 0 near
}

a_shell_runs_over_it() {
	air
	tty far --link "$PWD/there" listen 0 1 \
		sh -c 'exec sh <"$1" >"$1"' sh '{}'
	far=$PID
	wait_for far.out '^Waiting'
	tty near connect --link "$PWD/here" 00:AA:01:00:00:00
	near=$PID
	wait_for near.out '^Connected'
	exec 3<>here
	echo 'echo $((6 * 7)); exit' >&3
	IFS= read -r -t "$PATIENCE" answer <&3
	exec 3>&-
	[[ $answer == 42 ]] || fail "the answer is \"$answer\""
	# The command has ended, and with it the connection.
	ends "$far" 0 far
	ends "$near" 0 near
}

a_command_is_told_where_it_is() {
	air
	tty far --link "$PWD/there" listen 0 9 \
		sh -c 'echo "$0 $RAWTOOTH_TTY $RAWTOOTH_PORT $RAWTOOTH_PEER"' \
		'{}'
	far=$PID
	wait_for far.out '^Waiting'
	rawtooth 0 connect -q 00:AA:01:00:00:00 9
	ends "$far" 0 far
	grep -q "^$PWD/there $PWD/there 9 00:AA:01:00:00:01\$" far.out ||
		fail "$(cat far.out)"
}

a_bound_terminal_connects_when_it_is_opened() {
	air
	listener to -k --exec cat
	to=$PID
	tty near bind --link "$PWD/here" "$ADDR"
	near=$PID
	wait_for near.out "^Bound $PWD/here to $ADDR on channel 1\$"
	for i in 1 2 3; do
		exec 3<>here
		echo "round $i" >&3
		IFS= read -r -t "$PATIENCE" answer <&3
		[[ $answer == "round $i" ]]
		exec 3>&-
		wait_for to.err "^Connection"
		timeout "$PATIENCE" sh -c \
			"until [ \$(grep -c Disconnected near.out) -eq $i ]
			do sleep 0.05; done"
	done
	[[ $(grep -c '^Connected' near.out) -eq 3 ]]
	kill -TERM "$near"
	ends "$near" 0 near
	[[ ! -L here ]]
	kill -INT "$to"
	ends "$to" 0 to
}

what_is_written_to_a_bound_terminal_and_closed_arrives() {
	air
	listener to
	to=$PID
	tty near bind --link "$PWD/here" "$ADDR"
	wait_for near.out '^Bound'
	echo 'a line' >here
	ends "$to" 0 to
	[[ $(cat to.out) == 'a line' ]]
}

the_peers_hangup_hangs_up_and_the_name_stays() {
	air
	listener to -k --exec 'echo hello'
	tty near bind --link "$PWD/here" "$ADDR"
	near=$PID
	wait_for near.out '^Bound'
	for _ in 1 2; do
		timeout "$PATIENCE" cat here >got 2>/dev/null || true
		[[ $(cat got) == hello ]] || fail "$(od -c got)"
		[[ -L here ]]
	done
	kill -INT "$near"
	ends "$near" 0 near
}

a_connect_that_fails_hangs_up_and_can_be_tried_again() {
	air
	listener to -k -p 2
	tty near --quiet bind --link "$PWD/here" "$ADDR" 1
	near=$PID
	wait_for near.out '^Bound'
	timeout "$PATIENCE" cat here >got 2>/dev/null || true
	[[ ! -s got ]]
	wait_for near.err "cannot connect to $ADDR: refused"
	kill -0 "$near"
	listener late -k -p 1 --exec 'echo hello'
}

watch_serves_one_after_the_other() {
	air
	tty far --link "$PWD/there" watch 0
	far=$PID
	wait_for far.out '^Waiting'
	for _ in 1 2 3; do
		rawtooth 0 connect -z -q 00:AA:01:00:00:00
	done
	timeout "$PATIENCE" sh -c 'until [ $(grep -c Disconnected far.out) -eq 3 ]
		do sleep 0.05; done'
	# A link is a connection.
	wait_until_gone there
	kill -INT "$far"
	ends "$far" 0 far
	[[ ! -L there ]]
}

a_stale_link_is_taken_and_another_file_is_not() {
	air
	listener to -k
	ln -s /dev/pts/4000 here
	tty near bind --link "$PWD/here" "$ADDR"
	near=$PID
	wait_for near.out '^Bound'
	[[ $(readlink here) != /dev/pts/4000 && -e here ]]
	kills "$near"
	# It could not clean up behind itself.
	[[ -L here ]]
	tty again bind --link "$PWD/here" "$ADDR"
	wait_for again.out '^Bound'
	kill -INT "$PID"
	ends "$PID" 0 again
	[[ ! -L here ]]
	echo precious >file
	rawtooth 1 tty bind --link "$PWD/file" "$ADDR"
	says err 'file: exists, and is not a link to a pseudo terminal'
	[[ $(cat file) == precious ]]
	ln -s file link
	rawtooth 1 tty bind --link "$PWD/link" "$ADDR"
	[[ $(readlink link) == file ]]
}

a_place_that_cannot_be_written_is_told_before_anything_is_opened() {
	rawtooth 1 -d /nonexistent tty bind --link missing/here \
		00:AA:01:00:00:00
	says err 'missing/: No such file'
	rawtooth 1 -d /nonexistent tty bind --link /proc/here 00:AA:01:00:00:00
	says err 'proc/here'
	: >file
	rawtooth 1 -d /nonexistent tty listen --link file/here
	says err 'file/: Not a directory'
	export XDG_RUNTIME_DIR=$PWD/missing
	rawtooth 1 -d /nonexistent tty bind 00:AA:01:00:00:00
	says err 'missing/rawtooth: No such file'
}

a_link_that_somebody_has_changed_is_left_alone() {
	air
	listener to -k
	tty near bind --link "$PWD/here" "$ADDR"
	near=$PID
	wait_for near.out '^Bound'
	ln -sf /dev/null here
	kill -INT "$near"
	ends "$near" 0 near
	[[ $(readlink here) == /dev/null ]]
}

the_peers_signals_and_settings_are_seen() {
	air
	tty far --link "$PWD/there" listen
	far=$PID
	wait_for far.out '^Waiting'
	tty near connect --link "$PWD/here" --signals dtr,ri 00:AA:01:00:00:00
	near=$PID
	wait_for far.out '^Press'
	wait_for near.out '^Press'
	stty -F here 57600 cstopb
	# Somebody has to have it open for its settings to count.
	exec 3<>here
	wait_for far.out '^Line: 57600 baud$'
	stty -F there >settings
	grep -q 'speed 57600 baud' settings || fail "$(cat settings)"
	stty -a -F there | grep -q ' cstopb' || fail "$(stty -a -F there)"
	exec 3>&-
	kill -INT "$near"
	ends "$near" 0 near
	ends "$far" 0 far
}

a_speed_set_while_connecting_is_not_forgotten() {
	air
	tty far --link "$PWD/there" watch
	far=$PID
	wait_for far.out '^Waiting'
	tty near bind --link "$PWD/here" 00:AA:01:00:00:00
	near=$PID
	wait_for near.out '^Bound'
	exec 3<>here
	stty 19200 <&3
	wait_for far.out '^Line: 19200 baud$'
	exec 3>&-
	wait_for near.out '^Disconnected'
	# The next program gets it as it was at first, and changes nothing.
	exec 3<>here
	[[ $(stty -F here speed) == 9600 ]]
	sleep 1
	exec 3>&-
	[[ $(grep -c ^Line far.out) -eq 1 ]] || fail "$(cat far.out)"
	kill -INT "$near"
	ends "$near" 0 near
	kill -INT "$far"
	ends "$far" 0 far
}

a_peer_that_is_not_there_is_a_failure() {
	air
	rawtooth 1 --page-timeout 0.5 tty connect --link "$PWD/here" \
		00:11:22:33:44:55
	says err 'cannot connect to 00:11:22:33:44:55: page timeout'
	[[ ! -L here ]]
}

an_interrupt_before_a_connection_is_a_failure() {
	air
	tty far --link "$PWD/there" listen
	wait_for far.out '^Waiting'
	kill -INT "$PID"
	ends "$PID" 1 far
	says far.err 'interrupted before there was a connection'
	[[ ! -L there ]]
}

a_controller_that_vanishes_is_a_failure() {
	air
	AIR=$PID
	tty far --link "$PWD/there" watch
	far=$PID
	wait_for far.out '^Waiting'
	kills "$AIR"
	ends "$far" 1 far
	says far.err 'the controller is gone'
}

run_all
