# SPDX-License-Identifier: MIT
#
# Rows of guest.sh: what a host says, L2CAP in Basic mode, refusals and the
# controller.

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

l2cap_client_carries_each_way() {
	keeps_no_capture
	numbered 1 672 $PART a
	numbered 2 672 $PART b
	kernel ready "$PEER" l2cap listen $PSM -s a -v 2 -n $PART -c
	ours connect --l2cap --wait -i b -o got $THEIRS $PSM
	ends $its 0
	has "sent $PART received $PART closed by us" its
	same a got
}

l2cap_server_carries_each_way() {
	keeps_no_capture
	numbered 1 672 $PART a
	numbered 2 672 $PART b
	serve --l2cap -p $PSM --wait -i b -o got
	kernel '' "$PEER" l2cap connect $OURS $PSM -s a -v 2 -n $PART -c
	ends $its 0
	ends $our 0
	has "sent $PART received $PART closed by us" its
	same a got
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
