/* SPDX-License-Identifier: MIT */
#include "tests/support/suite.h"
#include "tools/sim/model/parts.h"

/* What the model computes of octets alone. */

START_TEST(check_sequences_are_those_of_known_frames)
{
	static const uint8_t i_frame[] = { 0x0e, 0x00, 0x40, 0x00, 0x02, 0x00,
					   0x00, 0x01, 0x02, 0x03, 0x04, 0x05,
					   0x06, 0x07, 0x08, 0x09 };
	static const uint8_t s_frame[] = { 0x04, 0x00, 0x40, 0x00, 0x01, 0x01 };
	static const uint8_t sabm[] = { 0x03, 0x3f, 0x01 };
	static const uint8_t ua[] = { 0x03, 0x73, 0x01 };

	ck_assert_uint_eq(model_crc16(0, rt_bytes(i_frame, sizeof(i_frame))),
			  0x6138);
	ck_assert_uint_eq(model_crc16(0, rt_bytes(s_frame, sizeof(s_frame))),
			  0x14d4);
	ck_assert_uint_eq(model_crc8(rt_bytes(sabm, sizeof(sabm))), 0x1c);
	ck_assert_uint_eq(model_crc8(rt_bytes(ua, sizeof(ua))), 0xd7);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("model/octets");
	TCase *tcase = tcase_create("octets");

	tcase_add_test(tcase, check_sequences_are_those_of_known_frames);
	suite_add_tcase(suite, tcase);
	return suite_run(suite);
}
