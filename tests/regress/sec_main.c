/* SPDX-License-Identifier: MIT */
#include "tests/regress/sec_peers.h"

int main(int argc, char **argv)
{
	const struct tagged_table *const tables[] = {
		&sec_key_table,
		&sec_pair_table,
		&sec_gate_table,
	};

	return tagged_main(argc, argv, tables, RT_ARRAY_SIZE(tables));
}
