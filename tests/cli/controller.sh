#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source-path=SCRIPTDIR disable=SC2119,SC2317,SC2034
source "$(dirname "$0")/lib.sh"

a_controller_that_is_not_there_is_named() {
	rawtooth 1 -d unix:/nonexistent/socket info
	says err 'unix:/nonexistent/socket: '
	rawtooth 1 info -d /nonexistent/socket
	says err 'unix:/nonexistent/socket: '
	rawtooth 1 -d hci77 info
	says err 'hci77: '
	rawtooth 1 -d 77 info
	says err 'hci77: '
	rawtooth 1 -d nonsense:1 info
	says err 'nonsense:1: '
}

the_environment_names_the_controller() {
	export RAWTOOTH_DEVICE=unix:/nonexistent/from-environment
	rawtooth 1 info
	says err 'from-environment'
	rawtooth 1 -d unix:/nonexistent/from-option info
	says err 'from-option'
	export RAWTOOTH_DEVICE=
	rawtooth 1 info
	says err 'hci0: '
}

info_shows_what_the_controller_is() {
	air
	rawtooth 0 info
	[[ ! -s err ]]
	grep -q '^	Address: 00:AA:01:00:00:00$' out
	grep -q '^	Name: rawtooth$' out
	grep -q '^	HCI version: [0-9]' out
	grep -q '^	Manufacturer: The Linux Foundation (1521)$' out ||
		grep -q '^	Manufacturer: .* ([0-9]*)$' out
	grep -q '^	ACL buffers: 8 of 1021 octets$' out
	grep -q '^		5 slot packets$' out
}

info_as_json_is_json() {
	air
	rawtooth 0 info --json
	"$JSON_CHECK" <out || fail "not JSON: $(cat out)"
	grep -q '"address": "00:AA:01:00:00:00"' out
	grep -q '"5 slot packets"' out
}

the_air_sets_the_buffers() {
	air --acl 27x1
	rawtooth 0 info
	grep -q 'ACL buffers: 1 of 27 octets' out
}

options_stand_before_and_behind_the_command() {
	air
	DEVICE=$RAWTOOTH_DEVICE
	unset RAWTOOTH_DEVICE
	rawtooth 0 --device "$DEVICE" info
	rawtooth 0 info -d "$DEVICE"
	rawtooth 0 info --device="$DEVICE" --snoop capture
	[[ $(head -c 7 capture) == btsnoop ]]
}

a_capture_that_cannot_be_written_is_an_error() {
	air
	rawtooth 1 --snoop missing/capture info
	grep -q 'capture' err
}

output_that_cannot_be_written_is_an_error() {
	local status=0

	air
	timeout "$PATIENCE" "$RAWTOOTH" info >/dev/full 2>err || status=$?
	[[ $status -eq 1 ]]
	says err 'standard output'
}

scan_finds_who_is_discoverable() {
	air
	listener hidden --name Hidden
	listener alpha --discoverable --name Alpha
	rawtooth 0 scan -t 2
	[[ ! -s err ]]
	[[ $(wc -l <out) -eq 2 ]] || fail "$(cat out)"
	grep -q '^ADDRESS  *RSSI  *CLASS  *NAME$' out
	grep -q "^$ADDR   *-[0-9]*  0x[0-9a-f]* .*Alpha\$" out ||
		fail "$(cat out)"
}

scan_as_json_is_json() {
	air
	rawtooth 0 scan -t 1 --json
	[[ $(cat out) == '[]' ]]
	listener alpha --discoverable --name 'A"l\pha'
	rawtooth 0 scan -t 1 --json
	"$JSON_CHECK" <out || fail "not JSON: $(cat out)"
	grep -q "\"address\": \"$ADDR\"" out
	grep -qF '"name": "A\"l\\pha"' out || fail "$(cat out)"
}

scan_as_hcitool_has_its_lines() {
	air
	listener alpha --discoverable
	rawtooth 0 scan -t 1 --hcitool
	sed 's/0x[0-9a-f]\{4\}	/0xhhhh	/; s/0x[0-9a-f]\{6\}/0xhhhhhh/' out >got
	printf 'Inquiring ...\n\t%s\tclock offset: 0xhhhh\tclass: 0xhhhhhh\n' \
		"$ADDR" >expected
	diff expected got
}

a_name_cannot_command_the_terminal() {
	air
	listener alpha --discoverable --name $'\e[31mred\a'
	rawtooth 0 name "$ADDR"
	[[ $(cat out) == '\x1b[31mred\x07' ]] || fail "$(od -c out)"
	rawtooth 0 scan -t 1
	grep -qF '\x1b[31mred\x07' out
	! grep -q $'\e' out || fail 'an escape character'
}

scan_asks_for_names() {
	air
	listener alpha --discoverable --name Alpha
	rawtooth 0 scan -t 1 --names
	grep -q 'Alpha$' out
}

name_prints_the_name_of_a_connectable_device() {
	air
	listener alpha --name 'Größe α'
	rawtooth 0 name "$ADDR"
	[[ $(cat out) == 'Größe α' ]]
	[[ ! -s err ]]
}

a_device_that_is_not_there_times_out() {
	local begin=$SECONDS

	air
	rawtooth 1 --page-timeout 0.5 name 00:11:22:33:44:55
	says err '[Pp]age timeout'
	((SECONDS - begin < 5))
}

run_all
