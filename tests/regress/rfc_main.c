/* SPDX-License-Identifier: MIT */
#include "stack/base.h"
#include "tests/regress/rfc_tables.h"

int main(int argc, char **argv)
{
	const struct tagged_table *const tables[] = {
		&rfc_frames_table, &rfc_mcc_table,   &rfc_flow_table,
		&rfc_life_table,   &rfc_cross_table,
	};

	return tagged_main(argc, argv, tables, RT_ARRAY_SIZE(tables));
}
