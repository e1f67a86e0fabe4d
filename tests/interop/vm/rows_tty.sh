# SPDX-License-Identifier: MIT
#
# Rows of guest.sh: a terminal of the kernel's (/dev/rfcomm0, by rfcomm of
# BlueZ) at one end, one of ours at the other.

# rfcomm's lines come at once.
their_tty() {
	kernel "$1" stdbuf -oL rfcomm -r -i hci0 "$2" 0 $3
}

# rfcomm does not heed a signal while it waits for a connection.
stop_their_tty() {
	kill -KILL $its 2>/dev/null || true
	wait $its || true
	rfcomm -i hci0 release 0 || true
}

# A shell on ours, a session with it on theirs.
tty_listens_for_the_kernel() {
	export XDG_RUNTIME_DIR=$PWD
	ours_beside tty listen 0 $CHANNEL "$TTY" shell {}
	wait_for 'Waiting for connection' log
	their_tty 'Connected /dev/rfcomm0' connect "$OURS $CHANNEL"
	"$TTY" session /dev/rfcomm0
	ends $our 0
	ends $its 0
	cat log its
}

# The other way round; we hang up.
tty_connects_to_the_kernel() {
	their_tty 'Waiting for connection' listen "$CHANNEL $TTY shell {}"
	ours_beside tty --link port connect $THEIRS $CHANNEL
	wait_for 'Connected port' log
	"$TTY" session port
	ends $our 0
	ends $its 0
	cat log its
}

# Connects when it is opened, twice.
tty_is_bound_to_the_kernel() {
	their_tty 'Waiting for connection' watch "$CHANNEL $TTY shell {}"
	ours_beside tty --link port bind $THEIRS $CHANNEL
	wait_for 'Bound port' log
	"$TTY" session port
	wait_for 'Disconnected' log
	: > log
	"$TTY" session port
	wait_for 'Disconnected' log
	kill $our
	ends $our 0
	stop_their_tty
}

tty_sees_modem_lines() {
	their_tty 'Waiting for connection' listen $CHANNEL
	ours_beside tty --link port --signals dtr,dcd connect $THEIRS $CHANNEL
	wait_for 'Connected port' log
	wait_for 'Connection from' its
	"$TTY" await /dev/rfcomm0 'dsr cd'
	"$TTY" set /dev/rfcomm0 -rts
	wait_for 'Signals: DSR DCD' log
	"$TTY" set /dev/rfcomm0 -dtr
	wait_for 'Signals: DCD' log
	"$TTY" set /dev/rfcomm0 +dtr +rts
	wait_for 'Signals: DSR CTS DCD' log
	kill $our
	ends $our 0
	stop_their_tty
	cat log
}
