/* SPDX-License-Identifier: MIT */
#include "tests/conformance/gap/tables.h"

int main(int argc, char **argv)
{
	const struct tagged_table *const tables[] = {
		&sem_table,
		&steps_table,
		&bond_table,
	};

	return tagged_main(argc, argv, tables, RT_ARRAY_SIZE(tables));
}
