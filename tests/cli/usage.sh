#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck source-path=SCRIPTDIR disable=SC2317,SC2034
source "$(dirname "$0")/lib.sh"

every_command_explains_itself() {
	local command

	rawtooth 0 --help
	grep -q '^Usage: rawtooth' out
	[[ ! -s err ]]
	for command in air info scan name ping listen connect tty send; do
		grep -q "^  $command" out || fail "--help lacks $command"
	done
	for command in air info scan name ping listen connect tty send; do
		rawtooth 0 "$command" --help
		grep -q "^Usage: rawtooth $command" out
		grep -q -e '--device' out
		mv out by-option
		rawtooth 0 help "$command"
		cmp out by-option
	done
}

help_fits_a_terminal() {
	local command

	for command in air info scan name ping listen connect tty send; do
		rawtooth 0 "$command" --help
		awk 'length > 79 { exit 1 }' out || fail "$command: long line"
	done
}

the_version_is_one_line() {
	rawtooth 0 --version
	says out '^rawtooth [0-9]'
}

wrong_usage_is_told_in_one_line() {
	rawtooth 2
	says err 'which command'
	rawtooth 2 fly
	says err 'no command "fly"'
	rawtooth 2 help fly
	says err 'no command "fly"'
	rawtooth 2 scan --nonsense
	says err 'unknown option --nonsense; see rawtooth scan --help'
	rawtooth 2 scan -Q
	says err 'unknown option -Q'
	rawtooth 2 scan -jQ
	says err 'unknown option -Q'
	rawtooth 2 ping -c
	says err '[-]c needs an argument'
	rawtooth 2 ping --count
	says err '[-]-count needs an argument'
	rawtooth 2 scan --json=yes
	says err '[-]-json=yes'
	rawtooth 2 info something
	says err 'no argument "something"'
	rawtooth 2 name
	says err 'one address'
	rawtooth 2 ping
	says err 'one address'
	rawtooth 2 connect
	says err 'address'
	rawtooth 2 air
	says err 'path'
}

a_bad_address_is_refused_before_anything_is_opened() {
	local address

	for address in nonsense 00:11:22:33:44 00:11:22:33:44:5g \
		00:11:22:33:44:55:66 00:11-22:33:44:55; do
		rawtooth 2 name "$address"
		says err "\"$address\" is not a device address"
	done
	rawtooth 2 ping 00:00:00:00:00:00
	says err 'no device has the address'
}

a_bad_number_is_refused_with_its_limits() {
	rawtooth 2 ping -c 0 00:11:22:33:44:55
	says err 'the count is a number from 1'
	rawtooth 2 ping -c 1x 00:11:22:33:44:55
	says err 'the count is a number from 1'
	rawtooth 2 ping -t -1 00:11:22:33:44:55
	says err 'the timeout'
	rawtooth 2 ping -s 45 00:11:22:33:44:55
	says err 'the size goes to 44 octets.*48'
	rawtooth 2 scan -t 62
	says err 'from 1 to 61'
	rawtooth 2 listen --mtu 47 --l2cap
	says err 'from 48 to 65535'
	rawtooth 2 --page-timeout 41 info
	says err 'in seconds'
	rawtooth 2 --page-timeout nan info
	says err 'in seconds'
}

a_bad_port_is_refused_with_what_would_be_right() {
	rawtooth 2 connect 00:11:22:33:44:55 31
	says err 'from 1 to 30, not 31; with --l2cap'
	rawtooth 2 listen -p 0
	says err 'from 1 to 30'
	rawtooth 2 listen --l2cap -P 0x1010
	says err '0x1010 is not a PSM.*0x1011'
	rawtooth 2 listen --l2cap -P 0x1101
	says err 'is not a PSM'
	rawtooth 2 listen --l2cap -P 0x11011
	says err 'is not a PSM'
	rawtooth 2 listen -P spp
	says err '"spp" is not a port'
}

options_that_exclude_each_other_are_refused() {
	rawtooth 2 listen --rfcomm --l2cap
	says err 'exclude each other'
	rawtooth 2 listen --exec cat -o file
	says err '[-]-exec takes the place'
	[[ ! -e file ]]
	rawtooth 2 listen --mtu 100
	says err '[-]-mtu is of --l2cap'
	rawtooth 2 listen --l2cap --frame 100
	says err '[-]-frame is of --rfcomm'
	rawtooth 2 connect --receive-only -i file 00:11:22:33:44:55
	says err 'exclude each other'
	rawtooth 2 connect -P 1 00:11:22:33:44:55 2
	says err 'two ports'
	rawtooth 2 connect --mode ertm 00:11:22:33:44:55
	says err 'are of --l2cap'
	rawtooth 2 connect --l2cap --mode credit --mtu 63 00:11:22:33:44:55
	says err '64 or more'
	rawtooth 2 send --psm 3 --channel 1 00:11:22:33:44:55 00
	says err 'exclude each other'
	rawtooth 2 send --frame 00:11:22:33:44:55 00
	says err 'need --channel'
	rawtooth 2 send --cid data 00:11:22:33:44:55 00
	says err 'of --psm'
	rawtooth 2 send --channel 1 --frame --mcc msc 00:11:22:33:44:55 00
	says err 'exclude each other'
}

a_file_that_is_not_there_is_named() {
	rawtooth 1 connect -i missing 00:11:22:33:44:55
	says err 'missing: No such file'
	rawtooth 1 listen -o missing/file
	says err 'missing/file: No such file'
}

modes_are_named_with_what_would_be_right() {
	rawtooth 2 listen --l2cap --mode retransmission
	says err 'basic, ertm, streaming or credit, not "retransmission"'
	rawtooth 2 listen --l2cap --fcs 16
	says err 'on, off or default, not "16"'
	rawtooth 2 listen --l2cap --window 1025
	says err 'from 1 to 1024'
	rawtooth 2 listen --l2cap --max-transmit 256
	says err 'from 0 to 255'
	rawtooth 2 listen --l2cap --mps 47
	says err 'from 48 to 65531'
}

octets_that_are_none_are_refused_before_anything_is_opened() {
	local hex

	for hex in 0 0g 'caf e' '{ident' '{nothing}' '{len}{len}' '{scid}' \
		'{address}'; do
		rawtooth 2 send 00:11:22:33:44:55 "$hex"
		says err "^rawtooth: \"$hex\": "
	done
	rawtooth 2 send 00:11:22:33:44:55 @x
	says err 'a pause in ms'
	rawtooth 2 send --channel 1 --mcc msc,reply 00:11:22:33:44:55 00
	says err ',response'
	rawtooth 2 send --channel 1 --mcc 64 00:11:22:33:44:55 00
	says err 'from 0 to 63'
	rawtooth 2 send
	says err 'an address and octets'
}

a_serial_port_has_a_verb_and_a_device() {
	rawtooth 2 tty
	says err 'connect, listen, watch or bind?'
	rawtooth 2 tty release 0
	says err 'connect, listen, watch or bind?'
	rawtooth 2 tty connect 0
	says err 'an address'
	rawtooth 2 tty connect 256 00:11:22:33:44:55
	says err '"256" is not a device address'
	rawtooth 2 tty bind 0 00:11:22:33:44:55 31
	says err 'from 1 to 30'
	rawtooth 2 tty listen serial0
	says err '"serial0" is not a device'
	rawtooth 2 tty listen 0 1 --link there
	says err 'stand before the device'
	rawtooth 2 tty bind --signals cts 0 00:11:22:33:44:55
	says err 'dtr,rts,dcd,ri'
}

reverse_ping_is_refused_honestly() {
	rawtooth 2 ping -r 00:11:22:33:44:55
	says err '[-]r is not supported'
}

run_all
