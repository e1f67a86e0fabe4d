# SPDX-License-Identifier: MIT
#
# What the rows of guest.sh have in common; read by it.

export THEIRS=00:AA:01:00:00:00 OURS=00:AA:01:01:00:01
PSM=4113
CHANNEL=5
if [ -n "$deep" ]; then
	TIMES=10 ROUNDS=200 CROSSINGS=100 PATIENCE=1800
else
	TIMES=1 ROUNDS=20 CROSSINGS=10 PATIENCE=${PATIENCE:-200}
fi
MIB=$((1048576 * TIMES))
PART=262144
# Of l2test, so few that the kernel's receive buffer holds all: Basic mode has
# no flow control, and a reader may be slow here.
COUNT=40
SIZE=500

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

# Fresh controllers, both of them down, and kernel and bluetoothd without keys.
restart_controllers() {
	if [ -e /run/btvirt.pid ]; then
		kill "$(cat /run/btvirt.pid)" 2>/dev/null || :
		while [ -e /sys/class/bluetooth/hci0 ]; do sleep 0.1; done
	fi
	rm -rf /var/lib/bluetooth/* /run/services
	btvirt -l2 > /dev/null 2>&1 9>&- &
	echo $! > /run/btvirt.pid
	tries=100
	while [ $tries -gt 0 ] && [ ! -e /sys/class/bluetooth/hci1 ]; do
		sleep 0.1
		tries=$((tries - 1))
	done
	sleep 0.3
}

# No line of the file has it. "! has" would end nothing: set -e takes no notice
# of what is negated.
lacks() {
	if grep -e "$1" "$2"; then
		echo "\"$1\" in $2"
		return 1
	fi
}

# Runs our program, with a capture of its own.
ours() {
	captures=$((captures + 1))
	(ours_instead "$@")
}

# Of what is long only btmon keeps a capture: an emulated processor is slow.
keeps_no_capture() {
	capture=
}

# The same in place of this shell, to be followed by &.
ours_instead() {
	if [ -z "$capture" ]; then
		exec "$RAWTOOTH" -d hci1 "$@" 9>&-
	else
		exec "$RAWTOOTH" -d hci1 --snoop \
			"/run/captures/$row-$captures.btsnoop" "$@" 9>&-
	fi
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
	same got want
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

# Runs our program of many connections.
several() {
	captures=$((captures + 1))
	(several_instead "$@")
}

several_instead() {
	[ -z "$capture" ] ||
		export RAWTOOTH_SNOOP="/run/captures/$row-$captures.btsnoop"
	exec "$SEVERAL" hci1 us "$@"
}

# Starts it as a server; our=the process.
several_beside() {
	captures=$((captures + 1))
	: > log
	several_instead "$@" > log 2>&1 & our=$!
	spawned="$spawned $our"
	wait_for ready log
}

# numbered SEED UNIT OCTETS FILE: what "peer -v SEED -m UNIT" wants to receive
numbered() {
	"$PEER" numbered "$1" "$2" "$3" > "$4"
}

same() {
	cmp "$1" "$2"
	sha256sum "$1" "$2"
}

fails() {
	status=0
	"$@" > said 2>&1 || status=$?
	cat said
	[ $status -eq 1 ] || { echo "ended with $status, not 1"; return 1; }
}
