/* SPDX-License-Identifier: MIT */
#include "tests/regress/l2cap_tables.h"

int main(int argc, char **argv)
{
	static const struct tagged_table *const tables[] = {
		&acl_pdus_table,    &l2c_options_table,	 &l2c_config_table,
		&l2c_connect_table, &l2c_commands_table, &l2c_life_table,
		&l2c_states_table,  &ert_frames_table,	 &ert_live_table,
	};

	return tagged_main(argc, argv, tables, RT_ARRAY_SIZE(tables));
}
