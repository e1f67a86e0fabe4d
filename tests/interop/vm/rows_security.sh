# SPDX-License-Identifier: MIT
#
# Rows of guest.sh: services and pairing, against the kernel with bluetoothd.
# Each row with a pairing begins with controllers of its own: btvirt hands out
# one key and forgets nothing, so that a second pairing would not be one.

security_rows="sdptool_browses_our_server sdptool_searches_our_server
our_client_browses_bluetoothd our_client_searches_bluetoothd
we_connect_by_uuid_to_a_service_of_bluetoothd
rctest_connects_by_uuid_to_our_service
we_pair_by_just_works the_kernel_pairs_by_just_works
we_pair_by_comparing_numbers the_kernel_pairs_by_comparing_numbers
we_pair_by_pin the_kernel_pairs_by_pin
rctest_and_our_server_are_secure rctest_and_our_client_are_secure
l2test_and_our_server_are_secure l2test_and_our_client_are_secure
a_key_deleted_here_is_said_and_not_replaced"

# btmgmt says nothing unless it has a terminal.
mgmt() {
	script -qec "btmgmt --index 0 $*" /dev/null < /dev/null > mgmt 2>&1
	cat mgmt
}

start_bluetoothd() {
	[ ! -e /run/sdp ] || return 0
	mkdir -p /run/dbus /etc/bluetooth
	[ -s /etc/machine-id ] ||
		echo 0123456789abcdef0123456789abcdef > /etc/machine-id
	printf '[General]\nControllerMode=bredr\n[Policy]\nAutoEnable=false\n' \
		> /etc/bluetooth/main.conf
	dbus-daemon --system --fork --nopidfile 9>&-
	/usr/libexec/bluetooth/bluetoothd -n --compat \
		> /run/bluetoothd.log 2>&1 9>&- &
	tries=100
	until [ -e /run/sdp ]; do
		sleep 0.1
		tries=$((tries - 1))
		[ $tries -gt 0 ] || { cat /run/bluetoothd.log; return 1; }
	done
}

# fresh SSP [IO]: new controllers; the kernel's with Secure Simple Pairing (1) or
# without (0), up, bondable and connectable.
fresh() {
	rm -rf /root/.local/state/rawtooth
	start_bluetoothd
	restart_controllers
	# bluetoothd turns it on in its own time, if it is there.
	[ "$1" = 1 ] || sleep 3
	"$PEER" settings ssp="$1" bondable=1 connectable=1 io="${2:-3}" powered=1
}

# What is without a pairing shares controllers.
services() {
	[ ! -e /run/services ] || return 0
	fresh 1
	sdptool add --channel=7 SP > /dev/null
	: > /run/services
}

# Like wait_for, also for a prompt, which is no whole line.
wait_prompt() {
	tries=150
	until grep -q -e "$1" "$2"; do
		sleep 0.2
		tries=$((tries - 1))
		[ $tries -gt 0 ] || { echo "no \"$1\" in:"; cat "$2"; return 1; }
	done
}

# person CAPABILITY PROMPT ANSWER: somebody at the kernel's side, who answers
# once.
person() {
	prompt=$2 reply=$3
	mkfifo person
	exec 8<> person
	: > its_person
	bluetoothctl -a "$1" < person > its_person 2>&1 8>&- 9>&- &
	spawned="$spawned $!"
	wait_prompt 'Agent registered' its_person
	echo "select $THEIRS" >&8
	(
		wait_prompt "$prompt" its_person > /dev/null
		echo "$reply" >&8
	) &
	spawned="$spawned $!"
}

# The person pairs with us: bluetoothd has to have found us first.
person_pairs() {
	echo 'scan bredr' >&8
	wait_prompt "Device $OURS" its_person
	echo 'scan off' >&8
	echo "pair $OURS" >&8
	wait_prompt 'Pairing successful' its_person
}

# --- services ---------------------------------------------------------------

serve_demo() {
	ours_beside serve echo --uuid spp --name Demo
	wait_for 'Serving echo' log
}

sdptool_browses_our_server() {
	services
	serve_demo
	sdptool -i hci0 browse $OURS > browse
	cat browse
	has 'Service Name: Demo' browse
	has '"Serial Port" (0x1101)' browse
	has 'Channel: 1' browse
	has 'Version: 0x0102' browse
	stop $our
}

sdptool_searches_our_server() {
	services
	serve_demo
	sdptool -i hci0 search --bdaddr $OURS SP > search
	cat search
	has 'Channel: 1' search
	sdptool -i hci0 search --bdaddr $OURS FTP > search
	lacks 'Channel' search
	sdptool -i hci0 get --bdaddr $OURS 0x0 > get
	cat get
	has 'SDP Server' get
	stop $our
}

our_client_browses_bluetoothd() {
	services
	ours sdp browse $THEIRS > browse
	cat browse
	has '"Serial Port" (0x1101)' browse
	has 'Channel: 7' browse
	has '(0x110e)' browse
	ours sdp browse --json $THEIRS > json
	python3 -c 'import json; print(len(json.load(open("json"))))'
	ours sdp browse --xml $THEIRS > /dev/null
}

our_client_searches_bluetoothd() {
	services
	ours sdp search spp $THEIRS > search
	cat search
	has 'Channel: 7' search
	fails ours sdp search FTP $THEIRS
	has 'no such service' said
}

we_connect_by_uuid_to_a_service_of_bluetoothd() {
	services
	numbered 1 672 20000 a
	numbered 2 672 20000 b
	kernel ready "$PEER" rfcomm listen 7 -s a -v 2 -n 20000 -c
	ours connect --uuid spp --wait -i b -o got $THEIRS
	ends $its 0
	same a got
}

# Not with the controllers of the row before: at level 1, too, hosts pair.
rctest_connects_by_uuid_to_our_service() {
	fresh 1
	ours_beside listen --uuid spp --receive-only -o got
	wait_for 'Listening on' log
	kernel '' rctest -s -i hci0 -U 0x1101 -b $SIZE -N $COUNT $OURS
	ends $its 0
	ends $our 0
	expect_pattern
}

# --- pairing ----------------------------------------------------------------

we_pair_by_just_works() {
	fresh 1
	ours pair --io none $THEIRS > pair
	cat pair
	has 'Paired with' pair
	ours keys > keys
	has "$THEIRS" keys
}

the_kernel_pairs_by_just_works() {
	fresh 1
	ours_beside pair --wait=60 --io none --yes
	wait_for 'Waiting for' log
	mgmt pair -c 3 -t bredr $OURS
	has 'Paired' mgmt
	ends $our 0
	cat log
}

we_pair_by_comparing_numbers() {
	fresh 1
	person DisplayYesNo 'Confirm passkey' yes
	ours pair --mitm --io yesno --yes $THEIRS > pair
	cat pair
	has 'authenticated' pair
}

the_kernel_pairs_by_comparing_numbers() {
	fresh 1
	ours_beside pair --wait=60 --io yesno --yes
	wait_for 'Waiting for' log
	person DisplayYesNo 'Confirm passkey' yes
	person_pairs
	ends $our 0
	cat log
	has 'authenticated' log
}

we_pair_by_pin() {
	fresh 0
	person KeyboardOnly 'Enter PIN code' 1234
	ours pair --pin 1234 $THEIRS > pair
	cat pair
	has 'PIN' pair
}

the_kernel_pairs_by_pin() {
	fresh 0
	ours_beside pair --wait=60 --pin 1234
	wait_for 'Waiting for' log
	person KeyboardOnly 'Enter PIN code' 1234
	person_pairs
	ends $our 0
	cat log
}

# --- with a key -------------------------------------------------------------

# What the others connect with: an authenticated key on both sides, and a
# process each time, so that it comes out of our store.
bond() {
	fresh 1
	person DisplayYesNo 'Confirm passkey' yes
	ours pair --mitm --io yesno --yes $THEIRS
}

rctest_and_our_server_are_secure() {
	bond
	serve -p $CHANNEL -A -E -S --receive-only -o got
	kernel '' rctest -s -A -E -S -i hci0 -P $CHANNEL -b $SIZE -N $COUNT \
		$OURS
	ends $its 0
	ends $our 0
	expect_pattern
}

rctest_and_our_client_are_secure() {
	bond
	begin_rctest 8192
	"$PEER" pattern $COUNT $SIZE > in
	kernel 'Waiting for connection' \
		rctest -r -A -E -S -i hci0 -P $CHANNEL -b $SIZE
	ours connect -A -E -S -i in $THEIRS $CHANNEL
	wait_for 'Read failed: Connection reset' its
	expect_octets
}

l2test_and_our_server_are_secure() {
	bond
	serve --l2cap -p $PSM -A -E -S --receive-only -o got
	kernel '' l2test -s -A -E -S -i hci0 -P $PSM -b $SIZE -N $COUNT \
		-g 1000 $OURS
	ends $its 0
	ends $our 0
	expect_pattern
}

l2test_and_our_client_are_secure() {
	bond
	begin_input
	kernel 'Waiting for connection' \
		l2test -r -A -E -S -i hci0 -P $PSM -b $SIZE
	ours_beside connect --l2cap -A -E -S -b $SIZE -i in $THEIRS $PSM
	expect_units
	end_input
	ends $our 0
}

# btvirt has the key for itself, too: what can be seen here is that we offer
# none and make none.
a_key_deleted_here_is_said_and_not_replaced() {
	bond
	ours unpair $THEIRS
	kernel '' "$PEER" rfcomm listen $CHANNEL
	fails ours connect --probe --security mitm --bonded-only $THEIRS \
		$CHANNEL
	has 'bond' said
	ours keys > keys
	lacks "$THEIRS" keys
}
