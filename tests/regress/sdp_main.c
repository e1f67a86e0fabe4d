/* SPDX-License-Identifier: MIT */
#include "stack/base.h"
#include "tests/regress/sdp_tables.h"

int main(int argc, char **argv)
{
	const struct tagged_table *const tables[] = {
		&sdp_parts_table,
		&sdp_request_table,
		&sdp_element_table,
		&sdp_answer_table,
	};

	return tagged_main(argc, argv, tables, RT_ARRAY_SIZE(tables));
}
