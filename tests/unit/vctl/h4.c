/* SPDX-License-Identifier: MIT */
#include "tools/vctl/h4.h"

#include <errno.h>
#include <stdlib.h>

#include "stack/wr.h"
#include "tests/unit/stack/suite.h"

/* Packets of hosts out of a stream, in any pieces. */

static struct rt_vctl_h4 *h4;

static void setup(void)
{
	h4 = calloc(1, sizeof(*h4));
	ck_assert_ptr_nonnull(h4);
}

static void teardown(void)
{
	free(h4);
}

/* Reset, ACL of 300 octets, SCO of 2, ISO of 0x1ff, an empty ACL packet. */
static struct rt_bytes stream(uint8_t *buf, size_t cap)
{
	struct rt_wr w = rt_wr_init(buf, cap);
	uint8_t *p;

	rt_wr_put(&w, rt_bytes("\x01\x03\x0c\x00", 4));
	rt_wr_put(&w, rt_bytes("\x02\x2a\x20\x2c\x01", 5));
	p = rt_wr_take(&w, 300);
	memset(p, 0x02, 300);
	rt_wr_put(&w, rt_bytes("\x03\x01\x00\x02\xaa\xbb", 6));
	rt_wr_put(&w, rt_bytes("\x05\x01\x00\xff\x81", 5));
	p = rt_wr_take(&w, 0x1ff);
	memset(p, 0x05, 0x1ff);
	rt_wr_put(&w, rt_bytes("\x02\x2a\x20\x00\x00", 5));
	ck_assert(rt_wr_ok(&w));
	return rt_wr_bytes(&w);
}

static void take(struct rt_bytes piece, unsigned *count)
{
	static const size_t lens[] = { 3, 304, 5, 4 + 0x1ff, 4 };
	static const uint8_t types[] = { 1, 2, 3, 5, 2 };
	struct rt_rd in = rt_rd_init(piece);
	enum rt_packet_type type;
	struct rt_bytes packet;
	int r;

	while ((r = rt_vctl_h4_next(h4, &in, &type, &packet)) > 0) {
		ck_assert_uint_eq(type, types[*count % 5]);
		ck_assert_uint_eq(packet.len, lens[*count % 5]);
		(*count)++;
	}
	ck_assert_int_eq(r, 0);
	ck_assert_uint_eq(rt_rd_left(&in), 0);
}

START_TEST(packets_survive_every_split_of_the_stream)
{
	uint8_t buf[2048];
	struct rt_bytes all = stream(buf, sizeof(buf));
	unsigned count = 0;

	for (size_t at = 0; at <= all.len; at++) {
		take(rt_bytes(all.ptr, at), &count);
		take(rt_bytes(all.ptr + at, all.len - at), &count);
		ck_assert_uint_eq(count, 5 * (at + 1));
	}
}
END_TEST

START_TEST(packets_survive_octet_by_octet)
{
	uint8_t buf[2048];
	struct rt_bytes all = stream(buf, sizeof(buf));
	unsigned count = 0;

	for (size_t i = 0; i < all.len; i++)
		take(rt_bytes(all.ptr + i, 1), &count);
	ck_assert_uint_eq(count, 5);
}
END_TEST

START_TEST(the_longest_packets_fit)
{
	static uint8_t buf[RT_VCTL_H4_BYTES + 1];
	struct rt_rd in = rt_rd_init(rt_bytes(buf, sizeof(buf)));
	enum rt_packet_type type;
	struct rt_bytes packet;

	memcpy(buf, "\x02\x01\x00\xff\xff", 5);
	ck_assert_int_eq(rt_vctl_h4_next(h4, &in, &type, &packet), 1);
	ck_assert_uint_eq(packet.len, 4 + 65535);
	ck_assert_uint_eq(rt_rd_left(&in), 1);
}
END_TEST

START_TEST(a_type_that_no_host_sends_is_refused_and_stays_refused)
{
	enum rt_packet_type type = RT_PACKET_EVENT;
	struct rt_bytes packet;

	for (unsigned t = 0; t <= 0xff; t++) {
		uint8_t octet[2] = { (uint8_t)t, 0 };
		bool known = t == 1 || t == 2 || t == 3 || t == 5;
		struct rt_rd in = rt_rd_init(rt_bytes(octet, 2));

		h4->len = 0;
		ck_assert_int_eq(rt_vctl_h4_next(h4, &in, &type, &packet),
				 known ? 0 : -EILSEQ);
		if (!known)
			ck_assert_int_eq(rt_vctl_h4_next(h4, &in, &type,
							 &packet),
					 -EILSEQ);
		ck_assert_int_eq(type, RT_PACKET_EVENT);
	}
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		packets_survive_every_split_of_the_stream,
		packets_survive_octet_by_octet,
		the_longest_packets_fit,
		a_type_that_no_host_sends_is_refused_and_stays_refused,
	};

	return suite_run("vctl/h4", tests, RT_ARRAY_SIZE(tests), setup,
			 teardown);
}
