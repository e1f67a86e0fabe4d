#!/bin/bash
# SPDX-License-Identifier: MIT
#
# case.sh CASE RAWTOOTH SEVERAL TTY CAPTURES: two processes of ours on the
# controllers of one btvirt, BlueZ's emulator, which knows nothing of our code.
# ROUNDS and CROSSINGS in the environment are how many connections are cut and
# how many cross.
#
# case.sh --list prints the cases.
set -euo pipefail

cases='rfcomm_client_sends_a_mib rfcomm_server_sends_a_mib
rfcomm_carries_a_mib_each_way_at_once rfcomm_programs_talk
l2cap_datagrams_keep_their_sizes l2cap_carries_24_kib_each_way
ertm_carries_256_kib_each_way streaming_carries_24_kib_each_way
credit_mode_carries_256_kib_each_way
five_dlcs_at_once server_survives_cuts client_survives_cuts connects_cross
tty_to_tty
services_are_found_by_uuid pairing_by_just_works
pairing_by_comparing_numbers a_bond_serves_the_next_connection
ping name scan nothing_listens nobody_is_there
server_is_killed_mid_transfer controller_vanishes_mid_transfer'

if [ "$1" = --list ]; then
	echo $cases
	exit 0
fi
name=$1
rawtooth=$2
several=$3
tty=$4
captures=$5
mkdir -p "$captures"
work=$(mktemp -d)
mkdir "$work/tmp"
spawned=()
captured=0
cleanup() {
	for pid in "${spawned[@]}"; do
		kill "$pid" 2>/dev/null || true
	done
	wait
	rm -rf "$work"
}
trap cleanup EXIT
cd "$work"

# --- helpers ----------------------------------------------------------------

# Starts btvirt, which serves /tmp/bt-server-bredr, come what may: a /tmp of
# its own keeps others out. In a chroot, which has no root that could be mounted
# anew, it gets the real one.
start_btvirt() {
	local user=()
	[ "$(id -u)" -eq 0 ] || user=(--user --map-root-user)
	if unshare --mount "${user[@]}" true 2>/dev/null; then
		served=$work/tmp
		unshare --mount "${user[@]}" sh -c '
			mount --bind "$1" /tmp && exec btvirt -s' sh "$served" \
			> btvirt.log 2>&1 &
	else
		served=/tmp
		rm -f /tmp/bt-server-*
		btvirt -s > btvirt.log 2>&1 &
	fi
	btvirt=$!
	spawned+=("$btvirt")
	# The socket is there a little before anybody listens on it.
	for _ in $(seq 100); do
		[ -S "$served/bt-server-bredr" ] &&
			grep -q ' 00010000 .* /tmp/bt-server-bredr$' \
				/proc/net/unix && return 0
		sleep 0.1
	done
	echo "btvirt does not start:"
	cat btvirt.log
	return 1
}

ours() {
	captured=$((captured + 1))
	(ours_instead "$@")
}

# The same in place of this shell, to be followed by &.
ours_instead() {
	exec "$rawtooth" -d "unix:$served/bt-server-bredr" \
		--snoop "$captures/$name-$captured.btsnoop" "$@"
}

# story us|them ARGUMENTS...: our program of many connections
story() {
	captured=$((captured + 1))
	(story_instead "$@")
}

story_instead() {
	export RAWTOOTH_SNOOP=$captures/$name-$captured.btsnoop
	exec "$several" "unix:$served/bt-server-bredr" "$@"
}

# Starts it as a server, $server; its address is in $address.
story_beside() {
	captured=$((captured + 1))
	story_instead "$@" > server.log 2>&1 & server=$!
	spawned+=("$server")
	for _ in $(seq 600); do
		if grep -q '^ready' server.log; then
			address=$(sed -n 's/^ready //p' server.log)
			return 0
		fi
		sleep 0.1
	done
	echo "the story does not begin:"
	cat server.log
	return 1
}

# Starts a client of ours: $client.
ours_beside() {
	captured=$((captured + 1))
	ours_instead "$@" > client.log 2>&1 &
	client=$!
	spawned+=("$client")
}

wait_for() {
	for _ in $(seq 600); do
		if grep -q "$1" "$2"; then
			return 0
		fi
		sleep 0.1
	done
	echo "waited in vain for \"$1\":"
	cat "$2"
	return 1
}

# Starts a server of ours, $server; its address is in $address.
serve() {
	captured=$((captured + 1))
	ours_instead listen "$@" > server.log 2>&1 & server=$!
	spawned+=("$server")
	for _ in $(seq 600); do
		if grep -q 'Listening on' server.log; then
			address=$(sed -n 's/^Listening on .* of //p' server.log)
			return 0
		fi
		sleep 0.1
	done
	echo "the server does not listen:"
	cat server.log
	return 1
}

# Starts something else of ours as a server, $server, until it says the text;
# its address, the last word of that line, is in $address.
serve_as() {
	local text=$1
	shift
	captured=$((captured + 1))
	ours_instead "$@" > server.log 2>&1 & server=$!
	spawned+=("$server")
	wait_for "$text" server.log
	address=$(grep "$text" server.log | sed 's/.* //')
}

# Our keys and those of the other side are in different places.
export XDG_STATE_HOME=$work/here

# pairs OPTIONS...: both sides pair, and end.
pairs() {
	serve_as 'Waiting for pairing' --key-dir "$work/there" pair --wait "$@"
	ours pair "$@" "$address"
	ends $server 0 server.log
}

# ends PROCESS STATUS FILE: it ends so, and FILE has what it said
ends() {
	local status=0
	wait "$1" || status=$?
	[ "$status" -eq "$2" ] && return 0
	echo "ended with $status, not $2:"
	cat "$3"
	return 1
}

fails() {
	local status=0
	"$@" > client.log 2>&1 || status=$?
	cat client.log
	[ "$status" -eq 1 ] || { echo "ended with $status"; return 1; }
}

has() {
	grep -q -e "$1" "$2" && return 0
	echo "no \"$1\" in:"
	cat "$2"
	return 1
}

same() {
	cmp "$1" "$2"
	sha256sum "$1" "$2"
}

mib() {
	head -c 1048576 /dev/urandom > "$1"
}

# btvirt throws away what a reader does not take at once and its socket does
# not hold: 167 ACL packets of 192 octets. Our window is 32 frames; of this
# size they make 128 packets.
frame='--frame 672'

# --- cases ------------------------------------------------------------------

rfcomm_client_sends_a_mib() {
	mib a
	serve -p 5 $frame --receive-only -o got
	ours connect $frame -i a "$address" 5
	ends $server 0 server.log
	same a got
}

rfcomm_server_sends_a_mib() {
	mib a
	serve -p 5 $frame -i a
	ours connect $frame --receive-only -o got "$address" 5
	ends $server 0 server.log
	same a got
}

rfcomm_carries_a_mib_each_way_at_once() {
	mib a
	mib b
	serve -p 5 $frame -e "cat $work/b & head -c 1048576 > $work/got-a; wait"
	ours connect $frame --wait -i a -o got-b "$address" 5
	ends $server 0 server.log
	same a got-a
	same b got-b
}

rfcomm_programs_talk() {
	serve -p 7 -e 'read line; echo "you said: $line"'
	echo hello | ours connect --wait "$address" 7 > got
	ends $server 0 server.log
	has '^you said: hello$' got
}

# One block that is read is one datagram.
l2cap_datagrams_keep_their_sizes() {
	serve --l2cap -p 4113 --receive-only -o got
	for i in $(seq 40); do
		printf "%0$((i * 16))d" 0
		sleep 0.02
	done | tee a | ours connect --l2cap "$address" 4113
	ends $server 0 server.log
	same a got
}

# Basic mode has no flow control: no more than btvirt's socket holds, whatever
# the reader does.
l2cap_carries_24_kib_each_way() {
	head -c 24576 /dev/urandom > a
	head -c 24576 /dev/urandom > b
	serve --l2cap -p 4113 --receive-only -o got-a
	ours connect --l2cap -i a "$address" 4113
	ends $server 0 server.log
	same a got-a
	serve --l2cap -p 4113 -i b
	ours connect --l2cap --receive-only -o got-b "$address" 4113
	ends $server 0 server.log
	same b got-b
}

# each_way OCTETS OPTIONS...: first one way, then the other
each_way() {
	head -c "$1" /dev/urandom > a
	head -c "$1" /dev/urandom > b
	shift
	serve --l2cap "$@" -p 4113 --receive-only -o got-a
	ours connect --l2cap "$@" -i a "$address" 4113
	ends $server 0 server.log
	same a got-a
	serve --l2cap "$@" -p 4113 -i b
	ours connect --l2cap "$@" --receive-only -o got-b "$address" 4113
	ends $server 0 server.log
	same b got-b
	cat server.log
}

# What btvirt throws away comes again.
ertm_carries_256_kib_each_way() {
	each_way 262144 --mode ertm --required --stats
	has '^mode ertm$' server.log
}

streaming_carries_24_kib_each_way() {
	each_way 24576 --mode streaming --required --stats
	has '^mode streaming$' server.log
}

# So few credits that btvirt's socket holds what they are for.
credit_mode_carries_256_kib_each_way() {
	each_way 262144 --mode credit --required --mps 180 --mtu 2000 --stats
	has '^mode credit$' server.log
}

# Packets of one baseband packet, 32 of them for each DLC.
five_dlcs_at_once() {
	export FRAME=120
	story_beside them dlcs listen 5 5 200000
	story us dlcs connect "$address" 5 5 200000
	ends $server 0 server.log
	story_beside us dlcs listen 5 5 200000
	story them dlcs connect "$address" 5 5 200000
	ends $server 0 server.log
}

# Connections that the other side cuts at random moments, before and after they
# stand.
server_survives_cuts() {
	export FRAME=672
	story_beside us churn listen 5 1
	story them churn connect "$address" 5 "${ROUNDS:-20}" 1
	ends $server 0 server.log
	cat server.log
}

client_survives_cuts() {
	export FRAME=672
	story_beside them churn listen 5 2
	story us churn connect "$address" 5 "${ROUNDS:-20}" 2
	ends $server 0 server.log
}

# Both connect at the same time, with the link up. btvirt numbers the
# controllers as they come: the second one has this address.
connects_cross() {
	mkfifo to_us to_them
	story_beside them cross 00:AA:01:01:00:42 5 5 "${CROSSINGS:-10}" 1 \
		to_us to_them
	story us cross "$address" 5 5 "${CROSSINGS:-10}" 2 to_them to_us
	ends $server 0 server.log
	cat server.log
}

# A shell on the one terminal, a session with it on the other.
tty_to_tty() {
	export XDG_RUNTIME_DIR=$work
	captured=$((captured + 1))
	ours_instead tty $frame listen 0 5 "$tty" shell {} > server.log 2>&1 &
	server=$!
	spawned+=("$server")
	wait_for 'Waiting for connection' server.log
	ours_beside tty $frame --link "$work/port" connect \
		00:AA:01:00:00:42 5
	wait_for 'Connected' client.log
	"$tty" session "$work/port"
	ends $server 0 server.log
	ends $client 0 client.log
	cat server.log client.log
}

ping() {
	serve -p 5 --receive-only
	ours ping -c 20 -d 0 -v "$address" | tee ping
	has '20 sent, 20 received, 0% loss' ping
}

name() {
	serve -p 5 --receive-only --name 'A name of ours'
	ours name "$address" | tee name
	has 'A name of ours' name
}

scan() {
	serve -p 5 --receive-only --discoverable --name 'A name of ours'
	ours scan -t 3 | tee scan
	has "$address" scan
	has 'A name of ours' scan
}

services_are_found_by_uuid() {
	serve_as 'Serving echo' serve echo --uuid spp --name Demo
	ours sdp search spp "$address" > found
	cat found
	has 'Service Name: Demo' found
	has 'Channel: 1' found
	echo hello > in
	ours_beside connect --uuid spp --wait -i in -o got "$address"
	wait_for hello got
}

pairing_by_just_works() {
	pairs --io none --yes > said
	has 'Paired with' said
}

pairing_by_comparing_numbers() {
	pairs --mitm --io yesno --yes > said
	has 'authenticated' said
}

a_bond_serves_the_next_connection() {
	pairs --mitm --io yesno --yes
	serve_as 'Listening' --key-dir "$work/there" listen -p 5 -A -E -S \
		--bonded-only --receive-only -o got
	head -c 20000 /dev/urandom > in
	ours connect -A -E -S --bonded-only -i in "$address" 5
	ends $server 0 server.log
	cmp in got
}

nothing_listens() {
	serve -p 5 --receive-only
	fails ours connect --probe "$address" 6
	has 'refused' client.log
}

nobody_is_there() {
	fails ours connect --probe 00:AA:01:07:00:07 5
	has 'page timeout' client.log
}

server_is_killed_mid_transfer() {
	serve -p 5 $frame --receive-only -o got
	ours_beside connect $frame -i /dev/zero "$address" 5
	sleep 1
	kill -TERM "$server"
	ends $server 1 server.log
	ends $client 1 client.log
	cat client.log
	has 'closed' client.log
}

controller_vanishes_mid_transfer() {
	serve -p 5 $frame --receive-only -o got
	ours_beside connect $frame -i /dev/zero "$address" 5
	sleep 1
	kill -KILL "$btvirt"
	ends $client 1 client.log
	ends $server 1 server.log
	cat client.log server.log
	[ "$(stat -c %s got)" -gt 0 ]
}

start_btvirt
"$name"
