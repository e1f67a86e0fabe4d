/* SPDX-License-Identifier: MIT */
#include "rfcomm/rfcomm.h"
#include "tests/conformance/rfcomm/tables.h"

int main(int argc, char **argv)
{
	const struct tagged_table *const tables[] = {
		&session_table,	     &dlc_table,     &mux_table,
		&flow_table,	     &invalid_table, &project_table,
		&quirks_setup_table, &quirks_table,
	};

	return tagged_main(argc, argv, tables, RT_ARRAY_SIZE(tables));
}
