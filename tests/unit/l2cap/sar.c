/* SPDX-License-Identifier: MIT */
#include "l2cap/sar.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/l2cap/bench.h"

static struct fake_env fake;
static struct rt_l2cap_reassembly ra;

#define MTU 6

static void setup(void)
{
	fake_env_init(&fake);
	ra = (struct rt_l2cap_reassembly){ .buf = NULL };
}

static void teardown(void)
{
	rt_l2cap_reassembly_drop(&ra, &fake.env);
	fake_env_assert_idle(&fake);
}

/*
 * Puts a part in memory of its own length. What comes out must be `want`, or
 * nothing if that is NULL. Returns what the call does.
 */
static int put(enum rt_l2cap_sar sar, const char *hex, const char *want)
{
	struct rt_l2cap_whole whole = { .memory = NULL };
	uint8_t buf[80];
	uint8_t wanted[80];
	const size_t n = hex_read(hex, buf, sizeof(buf));
	uint8_t *exact = malloc(n + (n == 0));
	int ret;

	ck_assert_ptr_nonnull(exact);
	memcpy(exact, buf, n);
	ret = rt_l2cap_reassembly_put(&ra, &fake.env, MTU, sar,
				      rt_bytes(exact, n), &whole);
	if (want) {
		ck_assert_int_eq(ret, 1);
		ck_assert_uint_eq(whole.sdu.len,
				  hex_read(want, wanted, sizeof(wanted)));
		if (whole.sdu.len > 0)
			ck_assert_mem_eq(whole.sdu.ptr, wanted, whole.sdu.len);
		rt_env_free(&fake.env, whole.memory);
	}
	free(exact);
	return ret;
}

START_TEST(an_sdu_in_one_part)
{
	ck_assert_int_eq(put(RT_L2CAP_UNSEGMENTED, "0102", "0102"), 1);
	ck_assert_int_eq(put(RT_L2CAP_UNSEGMENTED, "", ""), 1);
	ck_assert_int_eq(
		put(RT_L2CAP_UNSEGMENTED, "010203040506", "010203040506"), 1);
	ck_assert_int_eq(put(RT_L2CAP_UNSEGMENTED, "01020304050607", NULL),
			 -EMSGSIZE);
}
END_TEST

START_TEST(an_sdu_in_many_parts)
{
	ck_assert_int_eq(put(RT_L2CAP_START, "0600 01", NULL), 0);
	ck_assert_int_eq(put(RT_L2CAP_CONTINUATION, "0203", NULL), 0);
	ck_assert_int_eq(put(RT_L2CAP_CONTINUATION, "", NULL), 0);
	ck_assert_int_eq(put(RT_L2CAP_CONTINUATION, "04", NULL), 0);
	ck_assert_int_eq(put(RT_L2CAP_END, "0506", "010203040506"), 1);
	ck_assert_int_eq(put(RT_L2CAP_START, "0200", NULL), 0);
	ck_assert_int_eq(put(RT_L2CAP_END, "0102", "0102"), 1);
}
END_TEST

/* What may follow what: rows the part before, columns this one. */
START_TEST(all_sixteen_transitions)
{
	static const char *const parts[] = { "01", "0500 01", "02030405",
					     "02" };
	static const int want[4][4] = {
		/* UNSEGMENTED, START, END, CONTINUATION */
		[RT_L2CAP_UNSEGMENTED] = { 1, 0, -EBADMSG, -EBADMSG },
		[RT_L2CAP_START] = { -EBADMSG, -EBADMSG, 1, 0 },
		[RT_L2CAP_END] = { 1, 0, -EBADMSG, -EBADMSG },
		[RT_L2CAP_CONTINUATION] = { -EBADMSG, -EBADMSG, 1, 0 },
	};
	enum rt_l2cap_sar before;
	enum rt_l2cap_sar now;
	const char *part;

	for (int i = 0; i < 16; i++) {
		before = (enum rt_l2cap_sar)(i / 4);
		now = (enum rt_l2cap_sar)(i % 4);
		teardown();
		setup();
		if (before != RT_L2CAP_UNSEGMENTED)
			ck_assert_int_eq(put(RT_L2CAP_START, "0500 01", NULL),
					 0);
		if (before == RT_L2CAP_CONTINUATION)
			ck_assert_int_eq(put(RT_L2CAP_CONTINUATION, "02", NULL),
					 0);
		if (before == RT_L2CAP_END)
			ck_assert_int_eq(
				put(RT_L2CAP_END, "02030405", "0102030405"), 1);
		part = parts[now];
		if (now == RT_L2CAP_END && before == RT_L2CAP_CONTINUATION)
			part = "030405";
		if (want[before][now] != 1)
			ck_assert_int_eq(put(now, part, NULL),
					 want[before][now]);
		else if (now == RT_L2CAP_END)
			ck_assert_int_eq(put(now, part, "0102030405"), 1);
		else
			ck_assert_int_eq(put(now, part, "01"), 1);
	}
}
END_TEST

START_TEST(a_start_says_how_long_it_will_be)
{
	ck_assert_int_eq(put(RT_L2CAP_START, "", NULL), -EBADMSG);
	ck_assert_int_eq(put(RT_L2CAP_START, "06", NULL), -EBADMSG);
	ck_assert_int_eq(put(RT_L2CAP_START, "0000", NULL), -EBADMSG);
	ck_assert_int_eq(put(RT_L2CAP_START, "0100 01", NULL), -EBADMSG);
	ck_assert_int_eq(put(RT_L2CAP_START, "0100 0102", NULL), -EBADMSG);
	ck_assert_int_eq(put(RT_L2CAP_START, "0700 01", NULL), -EMSGSIZE);
	ck_assert_int_eq(put(RT_L2CAP_START, "ffff 01", NULL), -EMSGSIZE);
	ck_assert_uint_eq(fake.env.live, 0);
	ck_assert_int_eq(put(RT_L2CAP_START, "0600 01", NULL), 0);
}
END_TEST

START_TEST(parts_that_do_not_add_up_change_nothing)
{
	ck_assert_int_eq(put(RT_L2CAP_START, "0400 01", NULL), 0);
	ck_assert_int_eq(put(RT_L2CAP_CONTINUATION, "020304", NULL), -EBADMSG);
	ck_assert_int_eq(put(RT_L2CAP_CONTINUATION, "02030405", NULL),
			 -EBADMSG);
	ck_assert_int_eq(put(RT_L2CAP_END, "0203", NULL), -EBADMSG);
	ck_assert_int_eq(put(RT_L2CAP_END, "02030405", NULL), -EBADMSG);
	ck_assert_int_eq(put(RT_L2CAP_END, "020304", "01020304"), 1);
}
END_TEST

START_TEST(without_memory_nothing_begins)
{
	fake.allocs_left = 0;
	ck_assert_int_eq(put(RT_L2CAP_START, "0400 01", NULL), -ENOMEM);
	fake.allocs_left = SIZE_MAX;
	ck_assert(!rt_l2cap_reassembly_is_active(&ra));
	ck_assert_int_eq(put(RT_L2CAP_START, "0400 01", NULL), 0);
	ck_assert(rt_l2cap_reassembly_is_active(&ra));
	rt_l2cap_reassembly_drop(&ra, &fake.env);
	ck_assert(!rt_l2cap_reassembly_is_active(&ra));
}
END_TEST

START_TEST(octets_are_put_together_whatever_they_are_called)
{
	const uint8_t octets[] = { 1, 2, 3 };
	struct rt_l2cap_whole whole;

	ck_assert_int_eq(rt_l2cap_reassembly_add(&ra, rt_bytes(octets, 1)),
			 -EBADMSG);
	ck_assert(!rt_l2cap_reassembly_is_whole(&ra));
	ck_assert_int_eq(rt_l2cap_reassembly_begin(&ra, &fake.env, 4, 3),
			 -EMSGSIZE);
	ck_assert_int_eq(rt_l2cap_reassembly_begin(&ra, &fake.env, 3, 3), 0);
	ck_assert_int_eq(rt_l2cap_reassembly_add(&ra, rt_bytes(octets, 2)), 0);
	ck_assert(!rt_l2cap_reassembly_is_whole(&ra));
	ck_assert_int_eq(rt_l2cap_reassembly_add(&ra, rt_bytes(octets, 2)),
			 -EBADMSG);
	ck_assert_int_eq(rt_l2cap_reassembly_add(&ra, rt_bytes(octets + 2, 1)),
			 0);
	ck_assert(rt_l2cap_reassembly_is_whole(&ra));
	whole = rt_l2cap_reassembly_take(&ra);
	ck_assert_uint_eq(whole.sdu.len, 3);
	ck_assert_mem_eq(whole.sdu.ptr, octets, 3);
	rt_env_free(&fake.env, whole.memory);
	ck_assert_int_eq(rt_l2cap_reassembly_begin(&ra, &fake.env, 0, 3), 0);
	ck_assert(rt_l2cap_reassembly_is_whole(&ra));
}
END_TEST

START_TEST(what_is_cut_is_put_together_again)
{
	uint8_t octets[MTU];
	struct rt_l2cap_whole whole;
	struct rt_packet packet;
	enum rt_l2cap_sar sar;
	struct rt_pdu sdu;
	struct rt_pdu pdu;
	struct rt_pkt *pkt;
	uint8_t part[MTU + 2];
	size_t at;
	size_t n;
	int ret = 0;

	for (size_t i = 0; i < sizeof(octets); i++)
		octets[i] = (uint8_t)i;
	for (size_t len = 0; len <= MTU; len++) {
		for (size_t mps = 1; mps <= MTU; mps++) {
			rt_pdu_init(&sdu);
			sdu.body[0] = rt_bytes(octets, len);
			at = 0;
			do {
				n = RT_MIN(len - at, mps);
				sar = rt_l2cap_sar_of(len, at, n);
				pkt = rt_pkt_new(&fake.env, (uint16_t)n);
				rt_pdu_init(&pdu);
				rt_l2cap_sar_fill(&sdu, at, pkt, &pdu);
				packet = (struct rt_packet){ .count = 0 };
				rt_pdu_slice(&pdu, 0, rt_pdu_bytes(&pdu),
					     &packet);
				n = 0;
				for (size_t i = 0; i < packet.count; i++) {
					memcpy(part + n, packet.slice[i].ptr,
					       packet.slice[i].len);
					n += packet.slice[i].len;
				}
				at += pkt->len;
				rt_env_free(&fake.env, pdu.owned);
				ret = rt_l2cap_reassembly_put(&ra, &fake.env,
							      MTU, sar,
							      rt_bytes(part, n),
							      &whole);
				ck_assert_int_eq(ret, at == len);
			} while (at < len);
			ck_assert_uint_eq(whole.sdu.len, len);
			ck_assert(len == 0 ||
				  memcmp(whole.sdu.ptr, octets, len) == 0);
			rt_env_free(&fake.env, whole.memory);
		}
	}
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		an_sdu_in_one_part,
		an_sdu_in_many_parts,
		all_sixteen_transitions,
		a_start_says_how_long_it_will_be,
		parts_that_do_not_add_up_change_nothing,
		without_memory_nothing_begins,
		octets_are_put_together_whatever_they_are_called,
		what_is_cut_is_put_together_again,
	};

	return suite_run("l2cap/sar", tests, RT_ARRAY_SIZE(tests), setup,
			 teardown);
}
