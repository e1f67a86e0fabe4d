#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Runs in the virtual machine: the kernel's own Bluetooth stack has hci0, we
# take hci1 by its user channel; both are controllers of one btvirt.
#
#   guest.sh RAWTOOTH PEER [ROW...]
#                            all rows, or these; /out/rows/ROW.ok for good ones
#   guest.sh --list          their names
#   guest.sh --row ROW       one
#
# hci0 is raised with hciconfig, so that Secure Simple Pairing stays off and
# the kernel takes connections on links without encryption.

rows='ping_by_the_kernel ping_of_the_kernel name_of_the_kernel
scan_finds_the_kernel
l2test_sends_to_our_server l2test_receives_from_our_server
l2test_receives_from_our_client l2test_sends_to_our_client
rctest_sends_to_our_server rctest_receives_from_our_server
rctest_receives_from_our_client rctest_sends_to_our_client
rfcomm_client_mib_each_way rfcomm_server_mib_each_way
l2cap_client_carries_each_way l2cap_server_carries_each_way
rfcomm_connection_refused l2cap_connection_refused
nobody_at_the_address
controller_that_the_kernel_holds controller_without_permission
controller_that_is_missing controller_held_by_another_of_us
controller_unplugged_mid_transfer'

case ${1-} in
--list) echo $rows; exit 0 ;;
--row) row=$2 ;;
*)
	row=
	export RAWTOOTH="$1" PEER="$2"
	shift 2
	[ $# -eq 0 ] || rows=$*
	;;
esac

export THEIRS=00:AA:01:00:00:00 OURS=00:AA:01:01:00:01
PSM=4113
CHANNEL=5
MIB=1048576
PART=262144
# So few that the kernel's receive buffer holds all: Basic mode has no flow
# control, and a reader may be slow here.
COUNT=40
SIZE=500

# --- helpers ----------------------------------------------------------------

# Waits until the file has the text, a minute at most. No sed, no grep: to start
# a program takes a tenth of a second here.
wait_for() {
	tries=600
	while [ $tries -gt 0 ]; do
		while read -r line; do
			case $line in *"$1"*) return 0 ;; esac
		done < "$2" 2>/dev/null
		sleep 0.1
		tries=$((tries - 1))
	done
	echo "waited in vain for \"$1\":"
	cat "$2"
	return 1
}

has() {
	grep -q -e "$1" "$2" && return 0
	echo "no \"$1\" in:"
	cat "$2"
	return 1
}

# Runs our program, with a capture of its own.
ours() {
	captures=$((captures + 1))
	(ours_instead "$@")
}

# The same in place of this shell, to be followed by &. Of what is long only
# btmon keeps a capture: an emulated processor is slow.
ours_instead() {
	case $row in
	*_each_way) exec "$RAWTOOTH" -d hci1 "$@" 9>&- ;;
	*) exec "$RAWTOOTH" -d hci1 --snoop \
		"/run/captures/$row-$captures.btsnoop" "$@" 9>&- ;;
	esac
}

# Starts it; our=the process, what it says is in the file log.
ours_beside() {
	captures=$((captures + 1))
	: > log
	ours_instead "$@" > log 2>&1 & our=$!
	spawned="$spawned $our"
}

# Starts a server of ours and waits until it listens.
serve() {
	ours_beside listen "$@"
	wait_for 'Listening on' log
}

# Starts a program of the kernel's side; its=its process.
kernel() {
	text=$1
	shift
	: > its
	"$@" > its 2>&1 9>&- & its=$!
	spawned="$spawned $its"
	[ -z "$text" ] || wait_for "$text" its
}

# Waits for the process and wants it to end with that status.
ends() {
	status=0
	wait "$1" || status=$?
	[ "$status" -eq "$2" ] && return 0
	echo "ended with $status, not $2"
	cat log its 2>/dev/null
	return 1
}

stop() {
	kill "$1" 2>/dev/null || true
	wait "$1" || true
}

expect_pattern() {
	"$PEER" pattern $COUNT $SIZE > want
	cmp got want
}

# An input, in, with the pattern; it ends with end_input.
begin_input() {
	mkfifo in
	exec 9<> in
	"$PEER" pattern $COUNT $SIZE >&9
}

end_input() {
	exec 9>&-
}

# l2test counts a line for each unit, and says where a unit is not as sent.
# It does not read what is left when the other side has closed: that may
# happen only now.
expect_units() {
	tries=300
	until [ "$(grep -c "$SIZE bytes in" its)" -eq $COUNT ]; do
		sleep 0.2
		tries=$((tries - 1))
		[ $tries -gt 0 ] || { tail -n $((COUNT + 9)) its; return 1; }
	done
	! grep mismatch its
}

# rctest counts a line for each SIZE octets or a little more, and does not
# count what is left over at the end.
expect_octets() {
	octets=0
	while read -r _ number what _; do
		[ "$what" != bytes ] || octets=$((octets + number))
	done < its
	[ $octets -gt $((COUNT * SIZE - SIZE)) ] &&
		[ $octets -le $((COUNT * SIZE)) ] && return 0
	echo "$octets octets:"
	tail -n 20 its
	return 1
}

make_files() {
	head -c $1 /dev/urandom > a
	head -c $1 /dev/urandom > b
}

# --- rows -------------------------------------------------------------------

ping_by_the_kernel() {
	serve -p $CHANNEL --receive-only
	l2ping -i hci0 -c 5 -d 0 $OURS > ping
	cat ping
	has '5 sent, 5 received, 0% loss' ping
	stop $our
}

ping_of_the_kernel() {
	ours ping -c 5 -d 0 -v $THEIRS > ping
	cat ping
	has '5 sent, 5 received, 0% loss' ping
}

name_of_the_kernel() {
	ours name $THEIRS > name
	cat name
	has "the kernel's name" name
}

scan_finds_the_kernel() {
	ours scan -t 3 > scan
	cat scan
	has $THEIRS scan
}

# -g: the kernel's close() throws away what has not left yet.
l2test_sends_to_our_server() {
	serve --l2cap -p $PSM --receive-only -o got
	kernel '' l2test -s -i hci0 -P $PSM -b $SIZE -N $COUNT -g 1000 $OURS
	ends $its 0
	ends $our 0
	expect_pattern
}

l2test_receives_from_our_server() {
	begin_input
	serve --l2cap -p $PSM -b $SIZE -i in
	kernel '' l2test -u -i hci0 -P $PSM -b $SIZE $OURS
	expect_units
	end_input
	ends $our 0
	ends $its 0
}

l2test_receives_from_our_client() {
	begin_input
	kernel 'Waiting for connection' l2test -r -i hci0 -P $PSM -b $SIZE
	ours_beside connect --l2cap -b $SIZE -i in $THEIRS $PSM
	expect_units
	end_input
	ends $our 0
	wait_for 'Disconnect' its
}

l2test_sends_to_our_client() {
	kernel 'Waiting for connection' \
		l2test -w -i hci0 -P $PSM -b $SIZE -N $COUNT -g 1000
	ours connect --l2cap --receive-only -o got $THEIRS $PSM
	expect_pattern
}

rctest_sends_to_our_server() {
	serve -p $CHANNEL --receive-only -o got
	kernel '' rctest -s -i hci0 -P $CHANNEL -b $SIZE -N $COUNT $OURS
	ends $its 0
	ends $our 0
	expect_pattern
}

rctest_receives_from_our_server() {
	"$PEER" pattern $COUNT $SIZE > in
	serve -p $CHANNEL -i in
	kernel '' rctest -u -i hci0 -P $CHANNEL -b $SIZE $OURS
	ends $our 0
	ends $its 0
	expect_octets
}

rctest_receives_from_our_client() {
	"$PEER" pattern $COUNT $SIZE > in
	kernel 'Waiting for connection' \
		rctest -r -i hci0 -P $CHANNEL -b $SIZE
	ours connect -i in $THEIRS $CHANNEL
	wait_for 'Read failed: Connection reset' its
	expect_octets
}

rctest_sends_to_our_client() {
	kernel 'Waiting for connection' \
		rctest -w -i hci0 -P $CHANNEL -b $SIZE -N $COUNT
	ours connect --receive-only -o got $THEIRS $CHANNEL
	expect_pattern
}

# The kernel's side closes when it has everything: our side sees that.
rfcomm_client_mib_each_way() {
	make_files $MIB
	kernel ready "$PEER" rfcomm listen $CHANNEL -s a -r from_us -n $MIB -c
	ours connect --wait -i b -o got $THEIRS $CHANNEL
	ends $its 0
	has "sent $MIB received $MIB closed by us" its
	cmp a got
	cmp b from_us
}

# Here we do, after the other 1 MiB has come: the kernel sees that.
rfcomm_server_mib_each_way() {
	make_files $MIB
	serve -p $CHANNEL -e "cat b & head -c $MIB > got; wait"
	kernel '' "$PEER" rfcomm connect $OURS $CHANNEL -s a -r from_us -n $MIB
	ends $our 0
	ends $its 0
	has "sent $MIB received $MIB closed by peer" its
	cmp a got
	cmp b from_us
}

l2cap_client_carries_each_way() {
	make_files $PART
	kernel ready "$PEER" l2cap listen $PSM -s a -r from_us -n $PART -c
	ours connect --l2cap --wait -i b -o got $THEIRS $PSM
	ends $its 0
	has "sent $PART received $PART closed by us" its
	cmp a got
	cmp b from_us
}

l2cap_server_carries_each_way() {
	make_files $PART
	serve --l2cap -p $PSM --wait -i b -o got
	kernel '' "$PEER" l2cap connect $OURS $PSM -s a -r from_us -n $PART -c
	ends $its 0
	ends $our 0
	has "sent $PART received $PART closed by us" its
	cmp a got
	cmp b from_us
}

fails() {
	status=0
	"$@" > said 2>&1 || status=$?
	cat said
	[ $status -eq 1 ] || { echo "ended with $status, not 1"; return 1; }
}

rfcomm_connection_refused() {
	fails ours connect --probe $THEIRS 23
	has 'refused' said
}

l2cap_connection_refused() {
	fails ours connect --probe --l2cap $THEIRS 4115
	has 'PSM not supported' said
}

nobody_at_the_address() {
	fails ours connect --probe 00:AA:01:07:00:07 $CHANNEL
	has 'page timeout' said
}

controller_that_the_kernel_holds() {
	fails "$RAWTOOTH" -d hci0 info
	has '--take' said
}

controller_without_permission() {
	fails setpriv --reuid 65534 --clear-groups --bounding-set -all \
		"$RAWTOOTH" -d hci1 info
	has 'CAP_NET_ADMIN' said
}

controller_that_is_missing() {
	fails "$RAWTOOTH" -d hci7 info
	has 'hci7' said
}

controller_held_by_another_of_us() {
	serve -p $CHANNEL --receive-only
	fails "$RAWTOOTH" -d hci1 info
	has 'hci1' said
	stop $our
}

# btvirt dies and both controllers with it.
controller_unplugged_mid_transfer() {
	kernel ready "$PEER" rfcomm listen $CHANNEL -r from_us
	ours_beside connect -i /dev/zero $THEIRS $CHANNEL
	wait_for connected its
	sleep 0.5
	kill "$(cat /run/btvirt.pid)"
	ends $our 1
	cat log
	has 'connection to the controller closed' log
	[ "$(stat -c %s from_us)" -gt 0 ]
}

# --- one row ----------------------------------------------------------------

if [ -n "$row" ]; then
	captures=0
	spawned=
	trap 'for pid in $spawned; do kill $pid 2>/dev/null || :; done' EXIT
	trap 'exit 1' TERM
	mkdir -p /run/row
	cd /run/row
	rm -f ./*
	set -e
	$row
	exit 0
fi

# --- all rows ---------------------------------------------------------------

start_controllers() {
	btvirt -l2 > /dev/null 2>&1 &
	echo $! > /run/btvirt.pid
	tries=100
	while [ $tries -gt 0 ] && [ ! -e /sys/class/bluetooth/hci1 ]; do
		sleep 0.1
		tries=$((tries - 1))
	done
	sleep 0.3
	hciconfig hci0 up
	hciconfig hci0 name "the kernel's name"
	hciconfig hci0 piscan
}

# Each write to /out is a way to the host and back, on which a capture would
# hold up every packet: what is written often stays in memory until the end.
mkdir -p /out/rows /out/captures /run/captures
# The monitor's socket gets room for all, or it would miss packets. One of the
# two controllers is enough: what goes out of the other one comes in here.
room=$(cat /proc/sys/net/core/rmem_default)
echo 134217728 > /proc/sys/net/core/rmem_default
btmon -i 1 -w /run/captures/kernel.btsnoop > /dev/null 2>&1 &
monitor=$!
sleep 1
echo "$room" > /proc/sys/net/core/rmem_default
start_controllers

for row in $rows; do
	read -r before _ < /proc/uptime
	timeout -k 2 240 sh "$0" --row "$row" > /run/said 2>&1
	status=$?
	read -r after _ < /proc/uptime
	echo "$row: status $status, from $before to $after"
	if [ $status -eq 0 ]; then
		cp /run/said "/out/rows/$row.ok"
		continue
	fi
	cp /run/said "/out/rows/$row.log"
	# A row that failed may leave links behind: begin anew.
	kill "$(cat /run/btvirt.pid)" 2>/dev/null
	sleep 0.5
	start_controllers
done
# When it has written what it has received:
before=
until [ "$before" = "$(stat -c %s /run/captures/kernel.btsnoop)" ]; do
	before=$(stat -c %s /run/captures/kernel.btsnoop)
	sleep 1
done
kill -INT $monitor
wait $monitor
cp /run/captures/* /out/captures/
exit 0
