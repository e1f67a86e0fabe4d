#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Runs in the virtual machine: the kernel's own Bluetooth stack has hci0, we
# take hci1 by its user channel; both are controllers of one btvirt.
#
#   guest.sh [--deep] RAWTOOTH PEER SEVERAL TTY [ROW...]
#                            all rows, or these; /out/rows/ROW.ok for good ones
#   guest.sh [--deep] --list their names
#   guest.sh [--deep] --row ROW
#                            one
#
# --deep: more rows, more data, more rounds, and no captures.
#
# hci0 is raised with hciconfig, so that Secure Simple Pairing stays off and
# the kernel takes connections on links without encryption; but for the rows of
# rows_security.sh, which have bluetoothd as well.

here=$(dirname "$0")
deep=
if [ "${1-}" = --deep ]; then
	deep=$1
	shift
fi
. "$here/lib.sh"
. "$here/rows_basic.sh"
. "$here/rows_modes.sh"
. "$here/rows_rfcomm.sh"
. "$here/rows_tty.sh"
. "$here/rows_security.sh"

rows="ping_by_the_kernel ping_of_the_kernel name_of_the_kernel
scan_finds_the_kernel
l2test_sends_to_our_server l2test_receives_from_our_server
l2test_receives_from_our_client l2test_sends_to_our_client
rctest_sends_to_our_server rctest_receives_from_our_server
rctest_receives_from_our_client rctest_sends_to_our_client
rfcomm_client_mib_each_way rfcomm_server_mib_each_way
rfcomm_opens_5_dlcs_at_once rfcomm_takes_5_dlcs_at_once
rfcomm_server_survives_cuts rfcomm_client_survives_cuts
rfcomm_connects_cross
tty_listens_for_the_kernel tty_connects_to_the_kernel
tty_is_bound_to_the_kernel tty_sees_modem_lines
l2cap_client_carries_each_way l2cap_server_carries_each_way
$mode_rows ${deep:+$mode_rows_deep}
credit_mode_is_refused_by_the_kernel
rfcomm_connection_refused l2cap_connection_refused
nobody_at_the_address
controller_that_the_kernel_holds controller_without_permission
controller_that_is_missing controller_held_by_another_of_us
controller_unplugged_mid_transfer
$security_rows"

case ${1-} in
--list) echo $rows; exit 0 ;;
--row) row=$2 ;;
*)
	row=
	export RAWTOOTH="$1" PEER="$2" SEVERAL="$3" TTY="$4"
	shift 4
	[ $# -eq 0 ] || rows=$*
	;;
esac

# --- one row ----------------------------------------------------------------

if [ -n "$row" ]; then
	captures=0 capture=yes
	[ -z "$deep" ] || capture=
	spawned=
	trap 'for pid in $spawned; do kill $pid 2>/dev/null || :; done' EXIT
	trap 'exit 1' TERM
	mkdir -p /run/row
	cd /run/row
	rm -f ./*
	set -e
	case $row in
	ertm_* | streaming_*)
		# shellcheck disable=SC2046
		run_mode_row $(echo "$row" | tr _ ' ') ;;
	*) $row ;;
	esac
	exit 0
fi

# --- all rows ---------------------------------------------------------------

start_controllers() {
	restart_controllers
	hciconfig hci0 up
	hciconfig hci0 name "the kernel's name"
	hciconfig hci0 piscan
}

# The monitor's socket gets room for all, or it would miss packets. One of the
# two controllers is enough: what goes out of the other one comes in here.
start_monitor() {
	room=$(cat /proc/sys/net/core/rmem_default)
	echo 134217728 > /proc/sys/net/core/rmem_default
	btmon -i 1 -w /run/captures/kernel.btsnoop > /dev/null 2>&1 &
	monitor=$!
	sleep 1
	echo "$room" > /proc/sys/net/core/rmem_default
}

# When it has written what it has received.
stop_monitor() {
	before=
	until [ "$before" = "$(stat -c %s /run/captures/kernel.btsnoop)" ]; do
		before=$(stat -c %s /run/captures/kernel.btsnoop)
		sleep 1
	done
	kill -INT $monitor
	wait $monitor
	cp /run/captures/* /out/captures/
}

# Each write to /out is a way to the host and back, on which a capture would
# hold up every packet: what is written often stays in memory until the end.
mkdir -p /out/rows /out/captures /run/captures
[ -n "$deep" ] || start_monitor
start_controllers

for row in $rows; do
	read -r before _ < /proc/uptime
	timeout -k 2 $((PATIENCE + 40)) sh "$0" $deep --row "$row" \
		> /run/said 2>&1
	status=$?
	read -r after _ < /proc/uptime
	echo "$row: status $status, from $before to $after"
	if [ $status -eq 0 ]; then
		cp /run/said "/out/rows/$row.ok"
		continue
	fi
	cp /run/said "/out/rows/$row.log"
	# A row that failed may leave links behind: begin anew.
	start_controllers
done
[ -n "$deep" ] || stop_monitor
exit 0
