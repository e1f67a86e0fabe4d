#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source-path=SCRIPTDIR disable=SC2119,SC2317,SC2034
source "$(dirname "$0")/lib.sh"

the_lines_are_those_of_l2ping() {
	air
	listener alpha
	rawtooth 0 ping -c 3 -d 0 "$ADDR"
	[[ ! -s err ]]
	LOCAL=$(sed -n 's/^Ping: .* from \(.*\) (data size 44) \.\.\.$/\1/p' out)
	[[ $LOCAL == 00:AA:01:00:00:0? && $LOCAL != "$ADDR" ]]
	without_times out >got
	cat >expected <<-END
		Ping: $ADDR from $LOCAL (data size 44) ...
		44 bytes from $ADDR id 0 time Xms
		44 bytes from $ADDR id 1 time Xms
		44 bytes from $ADDR id 2 time Xms
		3 sent, 3 received, 0% loss
	END
	diff expected got
}

options_are_those_of_l2ping_and_the_address_may_come_first() {
	air
	listener alpha
	rawtooth 0 ping "$ADDR" -s 10 -c 2 -t 5 -f -v -i "$RAWTOOTH_DEVICE"
	grep -q "^10 bytes from $ADDR id 1 time" out
	rawtooth 0 ping -c 1 -s 0 "$ADDR"
	grep -q "^0 bytes from $ADDR id 0 time" out
	rawtooth 0 -d "$RAWTOOTH_DEVICE" -v ping -c 1 -d 0 "$ADDR"
	grep -q '^1 sent, 1 received, 0% loss$' out
}

a_pause_lies_between_two_pings() {
	local begin=$EPOCHREALTIME took

	air
	listener alpha
	rawtooth 0 ping -c 2 -d 1 "$ADDR"
	took=$((${EPOCHREALTIME/./} - ${begin/./}))
	((took >= 1000000)) || fail "it took $took us"
}

the_time_of_a_ping_is_not_that_of_the_pause() {
	air
	listener alpha
	rawtooth 0 ping -c 2 -d 1 "$ADDR"
	# Not a second, whatever else runs on this machine.
	! grep -q 'time [0-9]\{4,\}\.' out || fail "$(cat out)"
}

a_pause_longer_than_the_timeout_loses_nothing() {
	air --latency 20000
	listener alpha
	rawtooth 0 ping -c 2 -d 2 -t 1 "$ADDR"
	grep -q '^2 sent, 2 received, 0% loss$' out || fail "$(cat out)"
}

no_reply_in_time_is_a_loss_and_no_failure() {
	air --latency 700000
	listener alpha
	rawtooth 0 ping -c 1 -t 1 "$ADDR"
	grep -q "^no response from $ADDR: id 0\$" out || fail "$(cat out)"
	grep -q '^1 sent, 0 received, 100% loss$' out
	rawtooth 1 ping -c 1 -t 1 --strict "$ADDR"
}

a_device_that_is_not_there_is_a_failure() {
	air
	rawtooth 1 --page-timeout 0.5 ping -c 3 00:11:22:33:44:55
	says err '^rawtooth: cannot ping 00:11:22:33:44:55: page timeout'
	[[ ! -s out ]] || fail "there is no link to ping over: $(cat out)"
}

an_interrupt_ends_with_the_summary() {
	air
	listener alpha
	start ping "$RAWTOOTH" ping "$ADDR"
	wait_for ping.out 'id 1 time'
	kill -INT "$PID"
	ends "$PID" 0 ping
	tail -n 1 ping.out | grep -q '^[0-9]* sent, [0-9]* received, 0% loss$'
}

run_all
