/* SPDX-License-Identifier: MIT */
#include "tests/conformance/l2cap/tables.h"

int main(int argc, char **argv)
{
	static const struct tagged_table *const tables[] = {
		&ced_table,	    &ced_bad_table,   &cfd_table,
		&info_table,	    &cmc_table,	      &foc_table,
		&ofs_table,	    &erm_table,	      &erm_lost_table,
		&stm_table,	    &ewc_table,	      &ecf_table,
		&cls_table,	    &ecfc_data_table, &ecfc_connect_table,
		&ecfc_reconf_table, &quirks_table,
	};

	return tagged_main(argc, argv, tables, RT_ARRAY_SIZE(tables));
}
