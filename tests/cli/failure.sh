#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source-path=SCRIPTDIR disable=SC2119,SC2317,SC2034
source "$(dirname "$0")/lib.sh"

a_psm_that_nobody_listens_on_is_refused() {
	air
	listener to --l2cap
	rawtooth 1 connect --l2cap "$ADDR" 0x1013
	says err "cannot connect to $ADDR PSM 0x1013: .*PSM not supported"
}

a_channel_that_nobody_listens_on_is_refused() {
	air
	listener to -p 1
	rawtooth 1 connect "$ADDR" 2
	says err "cannot connect to $ADDR channel 2: refused"
}

a_peer_that_is_not_there_is_a_page_timeout() {
	local begin=$EPOCHREALTIME took

	air
	rawtooth 1 --page-timeout 1 connect 00:11:22:33:44:55
	took=$((${EPOCHREALTIME/./} - ${begin/./}))
	says err 'page timeout after [01]\.[0-9]* s: '
	((took > 900000 && took < 5000000)) || fail "it took $took us"
}

# The first controller of an air has this address.
our_own_address_is_called_that() {
	local command

	air
	for command in connect send 'tty connect'; do
		# shellcheck disable=SC2086
		rawtooth 1 $command 00:AA:01:00:00:00 \
			$([[ $command == send ]] && echo 08c00000)
		says err 'cannot connect to 00:AA:01:00:00:00: it is the address of this controller'
	done
}

a_listener_that_dies_in_a_transfer_is_a_failure() {
	air
	listener to -o got
	to=$PID
	start from "$RAWTOOTH" --supervision 1 connect -i /dev/zero "$ADDR"
	from=$PID
	wait_size got 10000
	kills "$to"
	ends "$from" 1 from
	grep -q "the connection with $ADDR was lost: " from.err ||
		fail "$(cat from.err)"
}

a_listener_that_closes_in_a_transfer_is_a_failure() {
	air
	listener to -o got
	to=$PID
	start from "$RAWTOOTH" connect -i /dev/zero "$ADDR"
	from=$PID
	wait_size got 10000
	kill -INT "$to"
	ends "$to" 1 to
	grep -q 'interrupted' to.err
	ends "$from" 1 from
	grep -q "$ADDR closed the connection before everything was sent" \
		from.err || fail "$(cat from.err)"
}

an_interrupted_sender_closes_in_order() {
	air
	listener to -o got
	to=$PID
	start from "$RAWTOOTH" connect -i /dev/zero "$ADDR"
	from=$PID
	wait_size got 10000
	kill -INT "$from"
	ends "$from" 1 from
	grep -q 'interrupted' from.err
	ends "$to" 0 to
}

an_interrupted_connect_gives_up() {
	air
	start from "$RAWTOOTH" -vvv --page-timeout 30 connect 00:11:22:33:44:55
	from=$PID
	wait_for from.err PAGING
	kill -INT "$from"
	ends "$from" 1 from
	grep -q 'interrupted' from.err
}

a_second_signal_ends_at_once() {
	local begin

	air
	AIR=$PID
	listener to -o got
	start from "$RAWTOOTH" connect -i /dev/zero "$ADDR"
	from=$PID
	wait_size got 10000
	# From here on nothing moves: an orderly end would take its time.
	kill -STOP "$AIR"
	begin=$SECONDS
	kill -INT "$from"
	kill -TERM "$from"
	ends "$from" 1 from
	((SECONDS - begin < 10))
}

an_interrupted_listener_ends() {
	air
	listener to
	kill -INT "$PID"
	ends "$PID" 1 to
	grep -q 'interrupted before anybody connected' to.err
	listener keeps -k
	kill -TERM "$PID"
	ends "$PID" 0 keeps
	[[ $(wc -l <keeps.err) -eq 1 ]]
}

a_controller_that_vanishes_ends_everything() {
	air
	AIR=$PID
	listener to -k
	to=$PID
	kills "$AIR"
	ends "$to" 1 to
	grep -q 'the controller is gone' to.err
}

a_controller_that_vanishes_in_a_transfer_is_a_failure() {
	air
	AIR=$PID
	listener to -o got
	to=$PID
	start from "$RAWTOOTH" connect -i /dev/zero "$ADDR"
	from=$PID
	wait_size got 10000
	kills "$AIR"
	ends "$from" 1 from
	[[ $(grep -c '^rawtooth: ' from.err) -eq 1 ]] || fail "$(cat from.err)"
	ends "$to" 1 to
}

the_air_ends_cleanly() {
	air
	[[ -S air.sock ]]
	kill -INT "$PID"
	ends "$PID" 0 air
	[[ ! -e air.sock ]]
}

an_air_that_is_taken_is_refused() {
	air
	rawtooth 1 air air.sock
	says err 'air.sock'
	[[ -S air.sock ]]
	rawtooth 0 info
}

an_output_that_is_full_is_a_failure() {
	air
	listener to -o /dev/full
	to=$PID
	start from "$RAWTOOTH" connect -i /dev/zero "$ADDR"
	from=$PID
	ends "$to" 1 to
	grep -q 'cannot write what was received: No space left' to.err
	ends "$from" 1 from
}

a_reader_that_goes_away_is_a_failure() {
	local status

	air
	listener from -i /dev/zero
	from=$PID
	timeout "$PATIENCE" "$RAWTOOTH" connect "$ADDR" </dev/null 2>err |
		head -c 1000 >/dev/null
	status=("${PIPESTATUS[@]}")
	[[ ${status[0]} -eq 1 ]]
	grep -q 'Broken pipe' err
	ends "$from" 1 from
}

run_all
