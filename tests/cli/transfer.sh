#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source-path=SCRIPTDIR disable=SC2119,SC2317,SC2034,SC2016,SC2031
source "$(dirname "$0")/lib.sh"

a_file_goes_both_ways_over_rfcomm() {
	air
	both_ways
}

a_file_goes_both_ways_over_l2cap() {
	air
	both_ways --l2cap
}

a_file_goes_both_ways_over_the_smallest_controller() {
	air --acl 27x1
	both_ways
	both_ways --l2cap
}

frames_and_datagrams_may_be_small() {
	air
	both_ways --frame 23 -b 7
	both_ways --l2cap --mtu 48
}

an_empty_file_is_a_connection_without_data() {
	air
	: >file
	listener to -k -o got
	to=$PID
	rawtooth 0 connect -i file "$ADDR"
	kill -INT "$to"
	ends "$to" 0 to
	[[ -e got && ! -s got ]]
}

standard_input_and_output_are_the_default() {
	air
	listener to
	to=$PID
	echo 'hello, world' | "$RAWTOOTH" connect "$ADDR" 2>err
	ends "$to" 0 to
	[[ $(cat to.out) == 'hello, world' ]]
	grep -q "^Connected to $ADDR channel 1\$" err
	grep -q '^Connection from .* to channel 1$' to.err
}

quiet_is_quiet() {
	air
	listener to -k
	rawtooth 0 connect -q -z "$ADDR"
	[[ ! -s out && ! -s err ]]
}

ports_are_decimal_or_hexadecimal() {
	air
	listener psm -k --l2cap -P 4113
	grep -q '^Listening on PSM 0x1011 of' psm.err
	rawtooth 0 connect -z --l2cap "$ADDR" 0x1011
	grep -q "^Connected to $ADDR PSM 0x1011\$" err
	listener channel -k -p 0x1e
	rawtooth 0 connect -z "$ADDR" 30
	grep -q "^Connected to $ADDR channel 30\$" err
}

with_wait_the_peer_closes() {
	air
	listener echo --exec 'head -n 1; echo done'
	echo=$PID
	echo 'one line' >line
	rawtooth 0 connect --wait -i line "$ADDR"
	printf 'one line\ndone\n' | cmp - out
	ends "$echo" 0 echo
}

a_program_gets_the_connection_and_its_names() {
	air
	listener echo --exec 'echo "$RAWTOOTH_PROTOCOL $RAWTOOTH_PORT $RAWTOOTH_PEER"'
	echo=$PID
	rawtooth 0 connect "$ADDR"
	grep -q '^rfcomm 1 00:AA:01:00:00:0[0-9]$' out
	ends "$echo" 0 echo
}

an_echo_server_serves_one_after_the_other() {
	air
	random file 100000
	listener echo -k --exec cat
	echo=$PID
	for _ in 1 2 3; do
		rm -f back
		start back "$RAWTOOTH" connect --wait -i file -o back "$ADDR"
		wait_size back 100000
		kill -TERM "$PID"
		ends "$PID" 1 back
		cmp file back
	done
	kill -INT "$echo"
	ends "$echo" 0 echo
}

an_echo_of_datagrams_keeps_them() {
	air
	listener echo --l2cap --exec cat
	echo=$PID
	random file 6720
	start back "$RAWTOOTH" connect --l2cap -b 100 --wait -i file -o back \
		"$ADDR"
	wait_size back 6720
	kill -INT "$PID"
	ends "$PID" 1 back
	cmp file back
	ends "$echo" 0 echo
}

a_program_that_fails_is_a_failure() {
	air
	listener fails --exec 'exit 3'
	fails=$PID
	rawtooth 0 connect "$ADDR"
	ends "$fails" 1 fails
	grep -q '"exit 3" ended with status 3' fails.err
}

keep_serves_a_file_to_one_after_the_other() {
	air
	random file 5000
	listener serve -k -i file
	serve=$PID
	for _ in 1 2 3; do
		rawtooth 0 connect -o got "$ADDR"
		cmp file got
	done
	kill -INT "$serve"
	ends "$serve" 0 serve
}

both_ends_may_talk_at_once() {
	air
	random file 200000
	random other 150000
	listener to -i other -o got --wait
	to=$PID
	start from "$RAWTOOTH" connect -i file -o back --wait "$ADDR"
	from=$PID
	wait_size got 200000
	wait_size back 150000
	kill -INT "$from"
	ends "$from" 1 from
	ends "$to" 0 to
	cmp file got
	cmp other back
}

a_slow_reader_of_a_stream_loses_nothing() {
	air
	random file 400000
	mkfifo to.out
	exec 3<>to.out
	listener to
	to=$PID
	start from "$RAWTOOTH" -v connect -i file "$ADDR"
	from=$PID
	wait_for to.err '^Connection'
	head -c 1000 <&3 >got
	kill -0 "$from" || fail "everything was taken although nobody reads"
	head -c 399000 <&3 >>got
	ends "$from" 0 from
	ends "$to" 0 to
	cmp file got
}

a_slow_reader_of_datagrams_is_told_of_its_loss() {
	air
	random file 3000000
	mkfifo to.out
	exec 3<>to.out
	listener to --l2cap
	to=$PID
	rawtooth 0 connect --l2cap -i file "$ADDR"
	start reader cat to.out
	ends "$to" 1 to
	grep -q ' datagrams were lost: the output was too slow' to.err
}

a_second_connection_is_refused_without_keep() {
	air
	listener to --wait
	to=$PID
	start first "$RAWTOOTH" connect --wait "$ADDR"
	first=$PID
	wait_for first.err '^Connected'
	rawtooth 1 connect "$ADDR"
	grep -q "cannot connect to $ADDR channel 1: " err
	kill -INT "$first"
	ends "$first" 1 first
	ends "$to" 0 to
}

a_datagram_that_does_not_fit_is_refused() {
	air
	listener to --l2cap --mtu 100
	random file 1000
	rawtooth 1 connect --l2cap -b 101 -i file "$ADDR"
	grep -q 'takes datagrams of 100 octets at most, not 101' err
}

verbose_ends_with_a_summary() {
	air
	random file 50000
	listener to -v -o got
	to=$PID
	rawtooth 0 connect -v -i file "$ADDR"
	grep -q '^Sent 50000 octets, received 0 octets in [0-9.]* s, ' err
	ends "$to" 0 to
	grep -q '^Sent 0 octets, received 50000 octets in ' to.err
}

run_all
