#!/bin/bash
# SPDX-License-Identifier: MIT
#
# run.sh VM OUT COMMAND...: runs COMMAND as root in a virtual machine made by
# prepare.sh in the directory VM. The command sees the host's files, all of
# them, and may write anywhere, but what it writes is gone afterwards except
# for /out, which is the directory OUT.
#
# OUT/log has the command's output, OUT/dmesg the kernel's, OUT/console what
# the kernel said before. Ends with the command's exit status; with 125 where
# the guest died or took longer than VM_TIMEOUT seconds (default 1800: all rows
# take five minutes on a quiet machine, and more on one with company).
#
# One processor and no acceleration: with two, under load, an HCI round trip
# takes twenty times as long; and few machines of a CI have a usable /dev/kvm.
set -uo pipefail

[ $# -ge 3 ] || { echo "usage: run.sh VM OUT COMMAND..." >&2; exit 2; }
vm=$(cd "$1" && pwd)
out=$(mkdir -p "$2" && cd "$2" && pwd)
shift 2
rm -f "$out"/{rc,log,dmesg,console}
{
	printf 'cd %q\n' "$PWD"
	echo 'export HOME=/root TERM=dumb LC_ALL=C'
	echo 'export PATH=/usr/sbin:/usr/bin:/sbin:/bin'
	printf '%q ' "$@"
	echo
} > "$out/cmd.sh"

timeout -k 2 "${VM_TIMEOUT:-1800}" qemu-system-x86_64 \
	-accel tcg -cpu qemu64,+ssse3,+sse4.1,+sse4.2,+popcnt -smp 1 \
	-m 768 -nodefaults -nographic -no-reboot -nic none \
	-serial "file:$out/console" \
	-kernel "$vm/vmlinux" -initrd "$vm/initrd" \
	-append "console=ttyS0 quiet panic=-1 oops=panic cryptomgr.notests \
init_on_alloc=0 mitigations=off rodata=off no_timer_check" \
	-device isa-debug-exit,iobase=0xf4,iosize=4 \
	-fsdev local,id=host,path=/,security_model=none,multidevs=remap,readonly=on \
	-device virtio-9p-pci,fsdev=host,mount_tag=host \
	-fsdev "local,id=out,path=$out,security_model=none" \
	-device virtio-9p-pci,fsdev=out,mount_tag=out </dev/null
status=$?
[ ! -s "$out/rc" ] || exit "$(cat "$out/rc")"
echo "the guest died or hung (qemu: $status); the console's end:" >&2
tail -n 20 "$out/console" >&2
exit 125
