/* SPDX-License-Identifier: MIT */
#include "tests/unit/rfcomm/stages.h"

stage_fn *const stages[STAGES] = {
	to_pn_sent, to_sabm_sent, to_msc, to_open, to_disc_sent,
};

void to_pn_sent(struct user *user)
{
	ck_assert_int_eq(connect_to(user, 1, 4 * N1), 0);
	session_out();
	tx("03 EF 15 83 11 02 F0 07 00 F3 03 00 04");
}

void to_sabm_sent(struct user *user)
{
	to_pn_sent(user);
	rx("01 EF 15 81 11 02 E0 07 00 F3 03 00 05");
	tx("0B 3F 01");
}

void to_msc(struct user *user)
{
	to_sabm_sent(user);
	rx("0B 73 01");
	tx("03 EF 09 E3 05 0B 8D");
}

void to_open(struct user *user)
{
	to_msc(user);
	rx("01 EF 09 E1 05 0B 8D");
	rx("01 EF 09 E3 05 0B 8D");
	told(user, "opened");
	tx("03 EF 09 E1 05 0B 8D");
	tx_nothing();
}

void to_disc_sent(struct user *user)
{
	to_open(user);
	rt_rfcomm_close(bench.rfcomm, user->dlc);
	tx("0B 53 01");
	tx_nothing();
}
