#!/bin/bash
# SPDX-License-Identifier: MIT
#
# prepare.sh DIR: makes the virtual machine of run.sh, DIR/vmlinux and
# DIR/initrd, from Debian packages. Needs no root and installs nothing: the
# kernel package is downloaded and unpacked. A DIR that is up to date is left
# alone.
#
# Why linux-image-6.12-amd64: of the kernels of Debian 12, 6.1.192 dies of a
# BUG in hci_chan_del() when an outgoing connection fails, and every 6.1 holds
# the socket's lock in a blocking recv() on L2CAP. 6.12 has neither fault.
set -euo pipefail

PACKAGE=${RAWTOOTH_VM_KERNEL:-linux-image-6.12-amd64}
SECURITY=${RAWTOOTH_VM_MIRROR:-http://deb.debian.org/debian-security}
# In the order of their loading; dependencies are found by modules.dep.
#   9p, overlay           the host's files, read only, below a tmpfs
#   sha512, drbg          or else ecdh's self test fails and takes seconds
#   algif, ecb, aes, cmac btvirt's dual mode controllers ask the kernel for AES
MODULES='virtio_pci 9pnet_virtio 9p overlay sha512_generic drbg ecdh_generic
	bluetooth hci_vhci rfcomm cmac algif_hash algif_skcipher ecb
	aes_generic'
HERE=$(cd "$(dirname "$0")" && pwd)

die() { echo "prepare.sh: $*" >&2; exit 1; }

[ $# -eq 1 ] || die "usage: prepare.sh DIR"
for tool in apt-get dpkg-deb depmod cpio xz strip python3; do
	PATH=$PATH:/sbin:/usr/sbin command -v $tool >/dev/null ||
		die "$tool is missing; tools/test installs it"
done
[ -x /bin/busybox ] || die "/bin/busybox is missing (busybox-static)"
PATH=$PATH:/sbin:/usr/sbin
mkdir -p "$1" && cd "$1"

# --- the package ------------------------------------------------------------

APT=(-qq -o APT::Sandbox::User=root -o Debug::NoLocking=1)

# A Debian without the security archive in its sources does not know the
# package: ask that archive with lists of our own and leave /etc/apt alone.
own_lists() {
	mkdir -p apt/lists/partial apt/cache/archives/partial
	echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]" \
		"$SECURITY bookworm-security main" > apt/sources.list
	APT+=(-o Dir::Etc::SourceList="$PWD/apt/sources.list"
		-o Dir::Etc::SourceParts=-
		-o Dir::State::Lists="$PWD/apt/lists"
		-o Dir::Cache="$PWD/apt/cache")
	apt-get "${APT[@]}" update
}

# The package that a meta package stands for.
real_package() {
	{ apt-cache "${APT[@]}" depends "$PACKAGE" 2>/dev/null || true; } |
		sed -n 's/^ *Depends: \(linux-image-[0-9].*\)/\1/p'
}

real=$(real_package)
if [ -z "$real" ] && ! apt-cache show "$PACKAGE" >/dev/null 2>&1; then
	[ -s stamp ] && { echo "using $(cat stamp) as it is"; exit 0; }
	own_lists
	real=$(real_package)
fi
real=${real:-$PACKAGE}

stamp="$real $(cat "$HERE/prepare.sh" "$HERE/init" | cksum)"
if [ "$(cat stamp 2>/dev/null)" = "$stamp" ]; then
	echo "$real: ready"
	exit 0
fi
rm -rf stamp tree ram
if ! ls "${real}"_*.deb >/dev/null 2>&1; then
	rm -f ./*.deb
	echo "downloading $real"
	apt-get "${APT[@]}" download "$real"
fi

# --- the kernel -------------------------------------------------------------

mkdir tree ram ram/bin ram/m
dpkg-deb --fsys-tarfile "${real}"_*.deb | tar x -C tree --wildcards \
	'./boot/vmlinuz*' '*/modules.*' '*/kernel/net/*' '*/kernel/fs/*' \
	'*/kernel/drivers/virtio/*' '*/kernel/drivers/bluetooth/*' \
	'*/kernel/crypto/*' '*/kernel/lib/*' '*/kernel/arch/*'
[ -d tree/lib ] || ln -s usr/lib tree/lib
release=$(basename tree/lib/modules/*)
modules=tree/lib/modules/$release
depmod -b tree "$release"
python3 "$HERE/vmlinux.py" tree/boot/vmlinuz-"$release" vmlinux

# --- the first file system --------------------------------------------------

add_module() {
	local file name
	# modules.dep names what to load last first: the reverse order loads.
	for file in $(sed -n "s|^$1: *||p" "$modules/modules.dep" |
			tr ' ' '\n' | tac) "$1"; do
		name=${file##*/}
		name=${name%.xz}
		[ ! -e "ram/m/$name" ] || continue
		case $file in
		*.xz) xz -dc "$modules/$file" > "ram/m/$name" ;;
		*) cp "$modules/$file" "ram/m/$name" ;;
		esac
		# Without its signature it loads faster in an emulator.
		strip --strip-debug "ram/m/$name"
		echo "/m/$name" >> ram/modules
	done
}

for module in $MODULES; do
	path=$(sed -n -E "s#^([^:]*/$module\.ko(\.xz)?):.*#\1#p" \
		"$modules/modules.dep")
	if [ -n "$path" ]; then
		add_module "$path"
	else
		grep -q "/$module\.ko" "$modules/modules.builtin" ||
			die "$real has no module $module"
	fi
done
cp /bin/busybox ram/bin/
cp "$HERE/init" ram/init
chmod 755 ram/init
(cd ram && find . | cpio -o -H newc --quiet) > initrd
rm -rf tree ram
echo "$stamp" > stamp
echo "$real: made"
