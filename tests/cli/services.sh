#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source-path=SCRIPTDIR disable=SC2119,SC2317,SC2034,SC2016,SC2031
source "$(dirname "$0")/lib.sh"

# server NAME ARGUMENTS...: starts `rawtooth serve`; sets $PID and $ADDR.
function server {
	local name=$1

	shift
	start "$name" "$RAWTOOTH" serve "$@"
	wait_for "$name.err" '^Serving'
	ADDR=$(sed -n 's/^Serving .* of //p' "$name.err")
}

two_commands_find_each_other_by_uuid() {
	air
	server echo echo --uuid spp --name Demo
	grep -q '^Serving echo as 0x1101 on channel 1 of ' echo.err
	random file 100001
	start client "$RAWTOOTH" connect --uuid spp --wait -i file -o got "$ADDR"
	wait_size got 100001
	kill -INT "$PID"
	wait_end "$PID"
	cmp file got
	grep -q "^Connected to $ADDR channel 1\$" client.err
	wait_for echo.err "^Disconnected from .*: 100001 octets"
}

several_clients_are_served_at_once() {
	local i

	air
	server echo echo --uuid spp
	for i in 1 2 3; do
		echo "line $i" >"in$i"
		start "c$i" "$RAWTOOTH" connect --uuid spp --wait -i "in$i" \
			-o "got$i" "$ADDR"
	done
	for i in 1 2 3; do
		wait_for "got$i" "line $i"
	done
}

a_sink_sends_nothing_back() {
	air
	server sink sink -P 9
	grep -q '^Serving sink on channel 9 of ' sink.err
	random file 5000
	rawtooth 0 connect -i file "$ADDR" 9
	[[ ! -s out ]]
	wait_for sink.err ': 5000 octets'
}

datagrams_are_served_too() {
	air
	server echo echo --l2cap --uuid 12345678-1234-1234-1234-123456789abc
	printf 'one datagram' >file
	start client "$RAWTOOTH" connect --l2cap -U \
		12345678-1234-1234-1234-123456789abc --wait -i file -o got \
		"$ADDR"
	wait_size got 12
	cmp file got
}

a_listener_publishes_itself() {
	air
	listener to --uuid spp -o got
	to=$PID
	random file 4000
	rawtooth 0 connect --uuid 0x1101 -i file "$ADDR"
	ends "$to" 0 to
	cmp file got
}

the_server_is_found_by_a_scan_under_its_name() {
	air
	server echo echo --uuid spp --name Demo
	rawtooth 0 scan -t 2
	grep -q "^$ADDR .*Demo" out
	server hidden echo --uuid spp --name Hidden --hidden
	rawtooth 0 scan -t 2
	lacks out Hidden
}

browse_prints_what_sdptool_prints() {
	air
	server echo echo --uuid spp --name Demo
	rawtooth 0 sdp browse "$ADDR"
	cat >want <<-END
		Browsing $ADDR ...
		Service Name: Demo
		Service RecHandle: 0x10001
		Service Class ID List:
		  "Serial Port" (0x1101)
		Protocol Descriptor List:
		  "L2CAP" (0x0100)
		  "RFCOMM" (0x0003)
		    Channel: 1
		Language Base Attr List:
		  code_ISO639: 0x656e
		  encoding:    0x6a
		  base_offset: 0x100
		Profile Descriptor List:
		  "Serial Port" (0x1101)
		    Version: 0x0102

	END
	diff want out
}

search_knows_names_and_says_when_there_is_none() {
	air
	server echo echo --uuid spp
	rawtooth 0 sdp search SP "$ADDR"
	grep -q "^Searching for SP on $ADDR ...\$" out
	grep -q '^    Channel: 1$' out
	rawtooth 0 sdp search --bdaddr "$ADDR" 0x1101
	rawtooth 1 sdp search FTP "$ADDR"
	says err 'there is no such service'
	rawtooth 2 sdp search nonsense "$ADDR"
	says err 'no service "nonsense"'
}

all_devices_nearby_are_searched() {
	air
	server one echo --uuid spp --name One
	server two echo --uuid spp --name Two
	rawtooth 0 sdp search -t 2 SP
	grep -q '^Service Name: One$' out
	grep -q '^Service Name: Two$' out
}

a_record_is_got_by_its_handle() {
	air
	server echo echo --uuid spp --name Demo
	rawtooth 0 sdp get "$ADDR" 0x10001
	grep -q '^Service Name: Demo$' out
	rawtooth 1 sdp get "$ADDR" 0x20000
}

records_come_as_json_xml_and_tree() {
	air
	server echo echo --uuid spp --name 'A "quoted" & <odd> name'
	rawtooth 0 sdp browse --json "$ADDR"
	"$JSON_CHECK" <out
	grep -q '"protocol": "rfcomm", "port": 1' out
	rawtooth 0 sdp browse --xml "$ADDR"
	grep -q '<text value="A &quot;quoted&quot; &amp; &lt;odd&gt; name" />' \
		out
	/usr/bin/python3 -c 'import sys, xml.etree.ElementTree as e
e.parse("out")'
	rawtooth 0 sdp browse --tree "$ADDR"
	grep -q '^Attribute 0x0001$' out
}

a_record_is_published_by_hand() {
	air
	start record "$RAWTOOTH" sdp serve --uuid OPUSH --port 12 \
		--name Push --provider Us --description 'takes files'
	wait_for record.err '^Service RecHandle: 0x10001'
	listener other -k
	rawtooth 0 scan -t 1
	rawtooth 0 sdp search -t 2 OPUSH
	grep -q '^Service Name: Push$' out
	grep -q '^Service Description: takes files$' out
	grep -q '^Service Provider: Us$' out
	grep -q '^    Channel: 12$' out
}

who_is_not_there_is_said() {
	air
	rawtooth 1 sdp browse 00:AA:01:00:00:99
	grep -q 'page timeout' err
	rawtooth 1 connect --uuid spp 00:AA:01:00:00:99
	says err 'page timeout'
	listener other -k
	rawtooth 1 connect --uuid spp "$ADDR"
	says err "cannot connect to $ADDR service 0x1101: "
}

wrong_usage_is_said() {
	rawtooth 2 sdp
	rawtooth 2 sdp dance
	rawtooth 2 sdp get 00:AA:01:00:00:99
	rawtooth 2 sdp serve
	rawtooth 2 serve
	rawtooth 2 serve everything
	rawtooth 2 serve echo --uuid spp --port 3
	rawtooth 2 connect --uuid spp 00:AA:01:00:00:99 3
}

run_all
