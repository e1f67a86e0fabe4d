#!/bin/sh
# SPDX-License-Identifier: MIT
# Every octet that L2CAP sends is one that was written: the targets of l2cap,
# built with clang's memory sanitizer, replay their corpora. The fake HCI
# compares what it was given octet by octet, and so looks at each.
#
#	msan.sh ROOT FOLDER	FOLDER is made, for the programs
set -eu
if [ $# -ne 2 ]; then
	sed -n '3,8s/^# \{0,1\}//p' "$0"
	exit 2
fi
root=$1
folder=$2
mkdir -p "$folder/include/rawtooth"
cp "$root/stack/addr.h" "$folder/include/rawtooth/addr.h"

build()
{
	name=$1
	shift
	(cd "$root" && clang -std=c11 -D_GNU_SOURCE -g -O1 -w \
		-fsanitize=memory -fno-omit-frame-pointer \
		-I . -I api/include -I "$folder/include" \
		stack/*.c l2cap/*.c tests/unit/l2cap/bench.c \
		tests/unit/l2cap/fake_hci.c tests/unit/stack/fake_env.c \
		tests/fuzz/assert.c tests/fuzz/replay.c tests/fuzz/random.c \
		"tests/fuzz/$name.c" "$@" -o "$folder/$name")
	"$folder/$name" -r 1000 "$root/tests/fuzz/corpus/$name"/*
}

build l2cap_signalling tests/fuzz/l2cap_bed.c
build l2cap_ertm tests/conformance/l2cap/app.c \
	tests/conformance/l2cap/script.c tests/conformance/l2cap/channel.c \
	tests/conformance/l2cap/frames.c
