#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source-path=SCRIPTDIR disable=SC2119,SC2317,SC2034
source "$(dirname "$0")/lib.sh"

a_file_goes_both_ways_in_every_mode() {
	air
	both_ways --l2cap --mode ertm --required
	both_ways --l2cap --mode streaming --required
	both_ways --l2cap --mode credit
}

windows_and_frames_may_be_small_or_large() {
	air
	both_ways --l2cap --mode ertm --required --window 1 --mps 100
	both_ways --l2cap --mode ertm --required --window 300 --fcs off
	both_ways --l2cap --mode ertm --required --mtu 48 --window 8
	both_ways --l2cap --mode ertm --required --mtu 4096 --fcs on
	both_ways --l2cap --mode credit --mtu 64 --mps 64
}

figures_are_lines_with_a_name_and_a_value() {
	air
	random file 20000
	listener to --l2cap --mode ertm --required --window 9 --fcs off \
		--stats -o got
	to=$PID
	rawtooth 0 connect --l2cap --mode ertm --required --fcs off --stats \
		-i file "$ADDR"
	ends "$to" 0 to
	cmp file got
	for line in 'mode ertm' 'fcs 0' 'tx_bytes 20000' 'tx_window 9' \
		'rx_window 63' 'extended_window 0' 'retransmitted 0'; do
		grep -q "^$line\$" err || fail "$line: $(cat err)"
	done
	grep -q '^rx_bytes 20000$' to.err
	grep -q '^rx_window 9$' to.err
}

figures_as_json_are_json() {
	air
	random file 5000
	listener to -k --json -o got
	rawtooth 0 connect -q --json -i file "$ADDR"
	"$JSON_CHECK" <err || fail "not JSON: $(cat err)"
	grep -q '"tx_bytes": 5000, ' err
	grep -q '"credit_flow": true' err
	! grep -q '"mode"' err || fail 'RFCOMM has no mode'
}

a_mode_that_is_required_of_who_has_it_not_is_refused() {
	air
	listener basic --l2cap --mode basic --required -k
	rawtooth 1 connect --l2cap --mode ertm --required "$ADDR"
	says err "cannot connect to $ADDR PSM 0x1011: "
	# And one that is not required falls back.
	rawtooth 0 connect --l2cap --mode streaming --stats -z "$ADDR"
	grep -q '^mode basic$' err || fail "$(cat err)"
}

a_slow_reader_of_datagrams_loses_nothing_in_ertm() {
	air
	random file 1000000
	mkfifo to.out
	exec 3<>to.out
	listener to --l2cap --mode ertm --required
	to=$PID
	start from "$RAWTOOTH" connect --l2cap --mode ertm --required \
		-i file "$ADDR"
	from=$PID
	wait_for to.err '^Connection'
	head -c 1000 <&3 >got
	kill -0 "$from" || fail "everything was taken although nobody reads"
	head -c 999000 <&3 >>got
	ends "$from" 0 from
	ends "$to" 0 to
	cmp file got
}

a_program_gets_datagrams_with_flow_control() {
	air
	random file 200000
	listener echo --l2cap --mode ertm --required --exec cat
	echo=$PID
	start back "$RAWTOOTH" connect --l2cap --mode ertm --required --wait \
		-i file -o back "$ADDR"
	wait_size back 200000
	kill -INT "$PID"
	ends "$PID" 1 back
	cmp file back
	ends "$echo" 0 echo
}

run_all
