#!/bin/sh
# SPDX-License-Identifier: MIT
#
# mit_only.sh BUILD JOBS: a build without the user channel neither compiles
# nor links anything of BlueZ.
set -eu
build=$1
cmake -S . -B "$build" -DCMAKE_BUILD_TYPE=Release -DRAWTOOTH_WERROR=ON \
	-DRAWTOOTH_USER_CHANNEL=OFF -DRAWTOOTH_TESTS=OFF >/dev/null
cmake --build "$build" -j "$2" -- --no-print-directory | tail -n 1
if grep -rl --include='*.d' 'bluetooth/[a-z0-9]*\.h' "$build"; then
	echo "a header of BlueZ was compiled"
	exit 1
fi
checked=0
for file in $(find "$build" -type f \( -name '*.so*' -o -perm -u+x \)); do
	if readelf -d "$file" 2>/dev/null | grep -q 'NEEDED.*libbluetooth'; then
		echo "$file links libbluetooth"
		exit 1
	fi
	checked=$((checked + 1))
done
[ "$checked" -gt 0 ] || { echo "nothing was built"; exit 1; }
echo "$checked files, none with libbluetooth"
