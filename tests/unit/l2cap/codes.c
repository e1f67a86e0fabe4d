/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "tests/unit/l2cap/bench.h"

START_TEST(names_are_those_that_btmon_prints)
{
	ck_assert_str_eq(rt_l2cap_code_name(RT_L2CAP_PSM_NOT_SUPPORTED),
			 "Connection refused - PSM not supported");
	ck_assert_str_eq(rt_l2cap_code_name(RT_L2CAP_SECURITY_BLOCK),
			 "Connection refused - security block");
	ck_assert_str_eq(rt_l2cap_code_name(RT_L2CAP_NO_RESOURCES),
			 "Connection refused - no resources available");
	ck_assert_str_eq(rt_l2cap_code_name(RT_L2CAP_REJECTED + 0),
			 "Command not understood");
	ck_assert_str_eq(rt_l2cap_code_name(RT_L2CAP_REJECTED + 2),
			 "Invalid CID in request");
	ck_assert_str_eq(rt_l2cap_code_name(RT_L2CAP_CONFIG_FAILED + 1),
			 "Failure - unacceptable parameters");
}
END_TEST

START_TEST(errors_are_those_that_linux_gives)
{
	ck_assert_int_eq(rt_l2cap_code_errno(RT_L2CAP_PSM_NOT_SUPPORTED),
			 -ECONNREFUSED);
	ck_assert_int_eq(rt_l2cap_code_errno(RT_L2CAP_REJECTED + 2),
			 -ECONNREFUSED);
	ck_assert_int_eq(rt_l2cap_code_errno(RT_L2CAP_CONFIG_FAILED + 2),
			 -ECONNRESET);
	ck_assert_int_eq(rt_l2cap_code_errno(RT_L2CAP_PEER_DISCONNECTED),
			 -ECONNRESET);
	ck_assert_int_eq(rt_l2cap_code_errno(RT_L2CAP_TIMEOUT_RTX), -ETIMEDOUT);
	ck_assert_int_eq(rt_l2cap_code_errno(RT_L2CAP_CLOSED), 0);
}
END_TEST

START_TEST(every_code_there_can_be_has_a_name_an_errno_and_a_hint)
{
	for (uint32_t code = 0; code < 0x0400; code++) {
		ck_assert_uint_gt(strlen(rt_l2cap_code_name((uint16_t)code)),
				  0);
		ck_assert_ptr_nonnull(rt_l2cap_code_hint((uint16_t)code));
		ck_assert_int_eq(rt_l2cap_code_errno((uint16_t)code) == 0,
				 code == RT_L2CAP_CLOSED);
	}
	ck_assert_str_eq(rt_l2cap_code_name(0x00ff), "Reserved");
	ck_assert_int_eq(rt_l2cap_code_errno(0x00ff), -ECONNREFUSED);
	ck_assert_int_eq(rt_l2cap_code_errno(0x02ff), -ECONNRESET);
	ck_assert_str_eq(rt_l2cap_code_hint(0x00ff), "");
	ck_assert_str_ne(rt_l2cap_code_hint(RT_L2CAP_TIMEOUT_ERTX), "");
}
END_TEST

START_TEST(a_psm_has_an_odd_low_and_an_even_high_octet)
{
	for (uint32_t psm = 0; psm <= UINT16_MAX; psm++) {
		if (rt_l2cap_psm_is_valid((uint16_t)psm) !=
		    (psm % 2 == 1 && (psm >> 8) % 2 == 0))
			ck_abort_msg("PSM 0x%04x", (unsigned int)psm);
	}
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		names_are_those_that_btmon_prints,
		errors_are_those_that_linux_gives,
		every_code_there_can_be_has_a_name_an_errno_and_a_hint,
		a_psm_has_an_odd_low_and_an_even_high_octet,
	};

	return suite_run("l2cap/codes", tests, RT_ARRAY_SIZE(tests), NULL,
			 NULL);
}
