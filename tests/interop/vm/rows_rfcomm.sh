# SPDX-License-Identifier: MIT
#
# Rows of guest.sh: RFCOMM against the kernel's.

# rctest writes units of so many octets, or counts them, each with a line that
# takes a while.
begin_rctest() {
	keeps_no_capture
	SIZE=$1
	COUNT=$((MIB / SIZE))
}

rctest_sends_to_our_server() {
	begin_rctest 1024
	serve -p $CHANNEL --receive-only -o got
	kernel '' rctest -s -i hci0 -P $CHANNEL -b $SIZE -N $COUNT $OURS
	ends $its 0
	ends $our 0
	expect_pattern
}

rctest_receives_from_our_server() {
	begin_rctest 8192
	"$PEER" pattern $COUNT $SIZE > in
	serve -p $CHANNEL -i in
	kernel '' rctest -u -i hci0 -P $CHANNEL -b $SIZE $OURS
	ends $our 0
	ends $its 0
	expect_octets
}

rctest_receives_from_our_client() {
	begin_rctest 8192
	"$PEER" pattern $COUNT $SIZE > in
	kernel 'Waiting for connection' \
		rctest -r -i hci0 -P $CHANNEL -b $SIZE
	ours connect -i in $THEIRS $CHANNEL
	wait_for 'Read failed: Connection reset' its
	expect_octets
}

rctest_sends_to_our_client() {
	begin_rctest 1024
	kernel 'Waiting for connection' \
		rctest -w -i hci0 -P $CHANNEL -b $SIZE -N $COUNT
	ours connect --receive-only -o got $THEIRS $CHANNEL
	expect_pattern
}

# rctest does not look at what it receives; our program there does.
begin_mib() {
	keeps_no_capture
	numbered 1 672 $MIB a
	numbered 2 672 $MIB b
}

# The kernel's side closes when it has everything: our side sees that.
rfcomm_client_mib_each_way() {
	begin_mib
	kernel ready "$PEER" rfcomm listen $CHANNEL \
		-s a -v 2 -n $MIB -c -t $PATIENCE
	ours connect --wait -i b -o got $THEIRS $CHANNEL
	ends $its 0
	has "sent $MIB received $MIB closed by us" its
	same a got
}

# Here we do, after the other 1 MiB has come: the kernel sees that.
rfcomm_server_mib_each_way() {
	begin_mib
	serve -p $CHANNEL -e "cat b & head -c $MIB > got; wait"
	kernel '' "$PEER" rfcomm connect $OURS $CHANNEL \
		-s a -v 2 -n $MIB -t $PATIENCE
	ends $our 0
	ends $its 0
	has "sent $MIB received $MIB closed by peer" its
	same a got
}

# Five DLCs at once, each with data of its own in both directions.
DLCS='0 1 2 3 4'
FIRST=10
PIECE=$((131072 * TIMES))

# their_dlcs OPTIONS...: five processes with "peer rfcomm"; OPTIONS come before
# the channel
their_dlcs() {
	for i in $DLCS; do
		numbered $((202 + i)) 127 $PIECE in$i
		: > its$i
		"$PEER" rfcomm "$@" $((FIRST + i)) -s in$i -v $((101 + i)) \
			-m 127 -n $PIECE $closes > its$i 2>&1 &
		spawned="$spawned $!"
		peers="$peers $!"
	done
}

they_end() {
	for pid in $peers; do
		ends $pid 0
	done
	for i in $DLCS; do
		has "sent $PIECE received $PIECE closed by $1" its$i
	done
}

rfcomm_opens_5_dlcs_at_once() {
	closes= peers=
	their_dlcs listen
	for i in $DLCS; do
		wait_for ready its$i
	done
	several dlcs connect $THEIRS $FIRST 5 $PIECE
	they_end peer
}

rfcomm_takes_5_dlcs_at_once() {
	several_beside dlcs listen $FIRST 5 $PIECE
	closes=-c peers=
	their_dlcs connect $OURS
	they_end us
	ends $our 0
	cat log
}

# The kernel closes at random moments, before and after the connection stands.
rfcomm_server_survives_cuts() {
	several_beside churn listen $CHANNEL 1
	"$PEER" churn connect $OURS $CHANNEL $ROUNDS 1
	ends $our 0
	cat log
}

rfcomm_client_survives_cuts() {
	kernel ready "$PEER" churn listen $CHANNEL 0 1
	several churn connect $THEIRS $CHANNEL $ROUNDS 1
	ends $its 0
	cat its
}

# Both connect at the same time, with the link up.
rfcomm_connects_cross() {
	mkfifo to_us to_them
	kernel ready "$PEER" cross $OURS $CHANNEL $CROSSINGS 1 to_us to_them
	several cross $THEIRS $CHANNEL $CHANNEL $CROSSINGS 1 to_them to_us
	ends $its 0
	cat its
}
