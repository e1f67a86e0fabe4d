#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source-path=SCRIPTDIR disable=SC2119,SC2317,SC2034
source "$(dirname "$0")/lib.sh"

commands_written_by_hand_are_answered() {
	air
	listener to -k
	rawtooth 0 send --wait 300 "$ADDR" '08{ident}{len}cafe' \
		'FF {ident} 00:00'
	[[ ! -s err ]]
	grep -v '^<' out >sent
	printf '> 0x0001 %s\n' 'ECHO_REQ 08c00200cafe' 'ffc10000' | diff - sent
	grep -q '^< 0x0001 ECHO_RSP 09c00200cafe$' out
	grep -q '^< 0x0001 CMD_REJ 01c102000000$' out
}

an_empty_device_is_a_page_timeout() {
	air
	rawtooth 1 --page-timeout 0.5 send 00:11:22:33:44:55 00
	says err 'no link after 3500 ms: the peer is off, out of range'
}

a_channel_is_opened_first() {
	air
	listener to -k --l2cap --receive-only
	rawtooth 0 send --psm 0x1011 --wait 300 "$ADDR" 68656c6c6f
	grep -q '^> 0x0040 68656c6c6f$' out
	wait_size to.out 5
	[[ $(cat to.out) == hello ]]
	rawtooth 0 send --psm 0x1011 --cid sig --wait 300 "$ADDR" \
		'04{ident}{len}{dcid}0000 7f01aa'
	grep -q '^> 0x0001 CONF_REQ 04c007004[0-9a-f]0000007f01aa$' out
	# Refused, and the option that was not understood comes with it.
	grep -q '^< 0x0001 CONF_RSP 05c008004[0-9a-f]00000003007f00$' out ||
		fail "$(cat out)"
	rawtooth 1 send --psm 0x1013 "$ADDR" 00
	says err 'PSM not supported'
}

an_s_frame_has_its_fcs() {
	air
	listener to -k --l2cap --mode ertm --receive-only
	# Receiver ready with a poll: the answer is one with the final bit.
	rawtooth 0 send --psm 0x1011 --mode ertm --required --wait 300 \
		"$ADDR" '1100{fcs}'
	grep -q '^< 0x004[0-9a-f] 8100' out || fail "$(cat out)"
	# With another FCS it is nothing.
	rawtooth 0 send --psm 0x1011 --mode ertm --required --wait 300 \
		"$ADDR" '11000000'
	! grep -q '^< 0x004' out || fail "$(cat out)"
}

frames_and_messages_go_to_the_session() {
	air
	listener to -k --receive-only
	rawtooth 0 send --channel 1 --mcc test --wait 300 "$ADDR" 616263
	grep -q '^> dlci 0 TEST command 616263$' out
	grep -q '^< dlci 0 UIH TEST response 01ef0b2107616263aa$' out
	rawtooth 0 send --channel 1 --mcc 0x3f --wait 300 "$ADDR" 00
	grep -q '^> dlci 0 unknown command 00$' out
	grep -q '^< dlci 0 UIH NSC response 01ef' out || fail "$(cat out)"
	rawtooth 0 send --channel 1 --frame --wait 300 "$ADDR" \
		'{address}ef{len}6869{fcs}' '{address}ef05686900'
	grep -q '^> dlci 2 UIH 0bef0568699a$' out || fail "$(cat out)"
	grep -q '^> dlci 2 UIH 0bef05686900$' out
	# The second one has a wrong FCS.
	wait_size to.out 2
	[[ $(tr -d '\0' <to.out) == hi ]] || fail "$(od -c to.out)"
	rawtooth 0 send --channel 1 --frame --wait 300 "$ADDR" \
		'{address}53{len}{fcs}'
	grep -q '^> dlci 2 DISC 0b5301b8$' out
	grep -q '^< dlci 2 UA 0b730192$' out || fail "$(cat out)"
}

rfcomm_can_be_spoken_from_its_first_frame_on() {
	air
	listener to -k --receive-only
	rawtooth 0 send --psm 3 --wait 300 "$ADDR" 033f011c @100 035301fd
	grep 0x0040 out >frames
	printf '%s\n' '> 0x0040 SABM 033f011c' '< 0x0040 UA 037301d7' \
		'> 0x0040 DISC 035301fd' '< 0x0040 UA 037301d7' | diff - frames
}

the_stack_may_be_kept_from_what_comes() {
	air
	listener to -k --receive-only
	rawtooth 0 send -v --channel 1 --drop --wait 300 --mcc msc "$ADDR" 0b8d
	sed -n '/^> dlci 0 MSC/,$p' out >after
	grep -q '^< dlci 0 UIH MSC response' after
	# What was dropped is not answered.
	! grep -q 'MSC response .*(the stack)$' after || fail "$(cat after)"
}

verbose_shows_what_the_stack_does() {
	air
	listener to -k --receive-only
	rawtooth 0 send -v --channel 1 --mcc test --wait 100 "$ADDR" 00
	grep -q '^> 0x0001 CONN_REQ .* (the stack)$' out
	grep -q '^> dlci 0 SABM 033f011c (the stack)$' out
	grep -q '^> dlci 0 UIH PN command ' out
}

run_all
