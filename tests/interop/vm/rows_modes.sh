# SPDX-License-Identifier: MIT
#
# Rows of guest.sh: ERTM and Streaming against the kernel. The name of a row
# says it all: mode, our role, what we do, the transmit window, the MTU of both
# sides, and whether frames have a check sequence. Streaming has no window.
#
# For each mode the rows have all pairs of two values, whatever the other
# values are.

# The six that are always run have each value.
mode_rows='ertm_client_both_w8_mtu48_nofcs
ertm_client_receives_w1_mtu672_nofcs
ertm_server_both_w63_mtu672_fcs
ertm_server_receives_w8_mtu4096_fcs
streaming_client_sends_w0_mtu672_nofcs
streaming_server_receives_w0_mtu672_fcs'
mode_rows_deep='ertm_client_receives_w63_mtu48_fcs
ertm_client_sends_w63_mtu4096_nofcs
ertm_client_sends_w8_mtu672_nofcs
ertm_server_both_w1_mtu4096_nofcs
ertm_server_sends_w1_mtu48_fcs
streaming_client_receives_w0_mtu4096_fcs
streaming_client_sends_w0_mtu48_fcs
streaming_server_receives_w0_mtu48_nofcs
streaming_server_sends_w0_mtu4096_nofcs'

# What both sides are told, and the files.
begin_mode_row() {
	mode=$1 window=${2#w} mtu=${3#mtu} fcs=$4
	octets=1048576
	[ "$window" != 1 ] && [ "$mtu" != 48 ] || octets=65536
	[ $octets = 65536 ] || keeps_no_capture
	to_us="-M $mode -U $mtu -m $mtu -T 10 -t $PATIENCE"
	to_them="--l2cap --mode $mode --required --mtu $mtu -b $mtu
		--max-transmit 10 --stats"
	[ "$window" = 0 ] || {
		to_us="$to_us -W $window"
		to_them="$to_them --window $window"
	}
	case $fcs in
	fcs) to_them="$to_them --fcs on" ;;
	nofcs) to_us="$to_us -F" to_them="$to_them --fcs off" ;;
	esac
	numbered 1 $mtu $octets a
	numbered 2 $mtu $octets b
}

# What each side does. Of a SOCK_STREAM socket the kernel does not give the
# mode up; of the other one it keeps the boundaries.
take_sides() {
	case $1 in
	sends)
		to_us="$to_us -v 2 -n $octets"
		to_them="$to_them -i b"
		said="sent 0 received $octets closed by peer" ;;
	receives)
		to_us="$to_us -k -s a -c"
		to_them="$to_them --receive-only -o got"
		said="sent $octets received 0 closed by us" ;;
	both)
		to_us="$to_us -v 2 -n $octets -s a -c"
		to_them="$to_them --wait -i b -o got"
		said="sent $octets received $octets closed by us" ;;
	esac
}

connect_in_mode() {
	case $1 in
	client)
		kernel ready "$PEER" l2cap listen $PSM $to_us
		ours connect $to_them $THEIRS $PSM > log 2>&1 || {
			cat log its
			return 1
		} ;;
	server)
		serve $to_them -p $PSM
		kernel '' "$PEER" l2cap connect $OURS $PSM $to_us
		ends $our 0 ;;
	esac
	ends $its 0
}

# As --stats says; figures NAME: the figure
figure() {
	while read -r name value; do
		[ "$name" != "$1" ] || echo "$value"
	done < log
}

is() {
	[ "$(figure $1)" = "$2" ] && return 0
	echo "$1 is not $2:"
	cat log
	return 1
}

# run_mode_row MODE ROLE WHAT WINDOW MTU FCS
run_mode_row() {
	begin_mode_row $1 $4 $5 $6
	take_sides $3
	connect_in_mode $2
	cat log its
	has "$said" its
	is mode $mode
	is rx_bad_fcs 0
	[ $6 != fcs ] || is fcs 1
	[ $6 != nofcs ] || is fcs 0
	[ $3 = sends ] || {
		same a got
		is rx_frames $(((octets + mtu - 1) / mtu))
	}
	[ $3 = receives ] || is tx_frames $(((octets + mtu - 1) / mtu))
}

# Linux 6.12 has them on LE alone: over BR/EDR it lets no program of its own ask
# for them and knows none of their commands, which is a refusal with a name.
credit_mode_is_refused_by_the_kernel() {
	echo Y > /sys/module/bluetooth/parameters/enable_ecred
	fails "$PEER" l2cap listen $PSM -M credit
	has 'BT_MODE: Invalid argument' said
	fails ours connect --probe --l2cap --mode credit --required \
		$THEIRS $PSM
	has 'the peer does not know this signalling command' said
	echo N > /sys/module/bluetooth/parameters/enable_ecred
}
