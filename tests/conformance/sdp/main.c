/* SPDX-License-Identifier: MIT */
#include "tests/conformance/sdp/tables.h"

int main(int argc, char **argv)
{
	const struct tagged_table *const tables[] = {
		&search_table,
		&attribute_table,
		&search_attribute_table,
		&client_table,
	};

	return tagged_main(argc, argv, tables, RT_ARRAY_SIZE(tables));
}
