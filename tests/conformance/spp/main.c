/* SPDX-License-Identifier: MIT */
#include "stack/base.h"
#include "tests/conformance/spp/story.h"

int main(int argc, char **argv)
{
	const struct tagged_table *const tables[] = {
		&app_table,
		&record_table,
	};

	return tagged_main(argc, argv, tables, RT_ARRAY_SIZE(tables));
}
