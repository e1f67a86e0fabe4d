/* SPDX-License-Identifier: MIT */
#include "l2cap/control.h"

#include <errno.h>
#include <string.h>

#include "tests/unit/l2cap/bench.h"
#include "tests/unit/l2cap/ertm_bench.h"

/* Reads a control field from hexadecimal. */
static struct rt_l2cap_control read_hex(const char *hex, bool extended)
{
	struct rt_l2cap_control control;
	uint8_t buf[4];
	const size_t n = hex_read(hex, buf, sizeof(buf));
	struct rt_rd r = rt_rd_init(rt_bytes(buf, n));

	ck_assert_int_eq(rt_l2cap_control_read(&r, extended, &control), 0);
	ck_assert(rt_rd_done(&r));
	return control;
}

START_TEST(reserved_bits_are_ignored)
{
	const struct rt_l2cap_control c = read_hex("eb7f", false);

	ck_assert(c.supervisory);
	ck_assert_int_eq(c.function, RT_L2CAP_RNR);
	ck_assert(c.final);
	ck_assert(!c.poll);
	ck_assert_uint_eq(c.req_seq, 63);
}
END_TEST

START_TEST(standard_fields_stand_where_the_specification_has_them)
{
	struct rt_l2cap_control c = read_hex("8ac5", false);

	ck_assert(!c.supervisory);
	ck_assert_uint_eq(c.tx_seq, 5);
	ck_assert(c.final);
	ck_assert_uint_eq(c.req_seq, 5);
	ck_assert_int_eq(c.sar, RT_L2CAP_CONTINUATION);
	c = read_hex("1d02", false);
	ck_assert(c.supervisory);
	ck_assert_int_eq(c.function, RT_L2CAP_SREJ);
	ck_assert(c.poll);
	ck_assert(!c.final);
	ck_assert_uint_eq(c.req_seq, 2);
}
END_TEST

START_TEST(extended_fields_stand_where_the_specification_has_them)
{
	struct rt_l2cap_control c = read_hex("feff 0700", true);

	ck_assert(!c.supervisory);
	ck_assert(c.final);
	ck_assert_uint_eq(c.req_seq, 16383);
	ck_assert_int_eq(c.sar, RT_L2CAP_CONTINUATION);
	ck_assert_uint_eq(c.tx_seq, 1);
	c = read_hex("0500 0500", true);
	ck_assert(c.supervisory);
	ck_assert_int_eq(c.function, RT_L2CAP_REJ);
	ck_assert(c.poll);
	ck_assert(!c.final);
	ck_assert_uint_eq(c.req_seq, 1);
}
END_TEST

START_TEST(every_standard_field_is_written_as_it_was_read)
{
	const uint16_t reserved_s = 0xc062; /* of S-frames */
	struct rt_l2cap_control c;
	uint8_t buf[2];
	uint8_t out[2];
	struct rt_rd r;
	struct rt_wr w;
	unsigned int want;

	for (unsigned int field = 0; field <= UINT16_MAX; field++) {
		buf[0] = (uint8_t)field;
		buf[1] = (uint8_t)(field >> 8);
		r = rt_rd_init(rt_bytes(buf, sizeof(buf)));
		w = rt_wr_init(out, sizeof(out));
		if (rt_l2cap_control_read(&r, false, &c) < 0)
			ck_abort();
		rt_l2cap_control_write(&c, false, &w);
		want = field & 1 ? field & ~(unsigned int)reserved_s : field;
		if (!rt_wr_ok(&w) || (out[0] | out[1] << 8) != (int)want)
			ck_abort_msg("0x%04x became 0x%02x%02x", field, out[1],
				     out[0]);
	}
}
END_TEST

START_TEST(fields_agree_with_those_coded_by_another_hand)
{
	static const char *const frames[] = {
		"I0 r0",	 "I63 r1 F",	    "I1 r63 start",
		"I5 r9 end F",	 "I33 r31 cont",    "RR r5 P",
		"REJ r62 F",	 "RNR r1",	    "SREJ r17 P",
		"I16000 r12345", "SREJ r16383 F",   "I8191 r8192 cont F",
		"RNR r9000 P",	 "I16383 r0 start",
	};
	struct rt_l2cap_control c;
	uint8_t coded[4];
	uint8_t out[4];
	struct rt_rd r;
	struct rt_wr w;
	size_t n;

	for (size_t i = 0; i < RT_ARRAY_SIZE(frames); i++) {
		for (int extended = i >= 9; extended < 2; extended++) {
			n = ertm_code(frames[i], extended, coded);
			ck_assert_uint_eq(n, rt_l2cap_control_bytes(extended));
			r = rt_rd_init(rt_bytes(coded, n));
			w = rt_wr_init(out, sizeof(out));
			ck_assert_int_eq(
				rt_l2cap_control_read(&r, extended, &c), 0);
			rt_l2cap_control_write(&c, extended, &w);
			ck_assert_uint_eq(w.len, n);
			ck_assert_mem_eq(coded, out, n);
		}
	}
}
END_TEST

START_TEST(a_field_cut_short_is_refused)
{
	struct rt_l2cap_control c = { .req_seq = 77 };
	const uint8_t buf[4] = { 1 };

	for (size_t n = 0; n < 4; n++) {
		struct rt_rd r = rt_rd_init(rt_bytes(buf, n));

		ck_assert_int_eq(rt_l2cap_control_read(&r, true, &c), -EBADMSG);
		r = rt_rd_init(rt_bytes(buf, n));
		if (n < 2)
			ck_assert_int_eq(rt_l2cap_control_read(&r, false, &c),
					 -EBADMSG);
	}
	ck_assert_uint_eq(c.req_seq, 77);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		reserved_bits_are_ignored,
		standard_fields_stand_where_the_specification_has_them,
		extended_fields_stand_where_the_specification_has_them,
		every_standard_field_is_written_as_it_was_read,
		fields_agree_with_those_coded_by_another_hand,
		a_field_cut_short_is_refused,
	};

	return suite_run("l2cap/control", tests, RT_ARRAY_SIZE(tests), NULL,
			 NULL);
}
