/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/l2cap/bench.h"

/* Unicast connectionless data. */

#define PSM 0x1001

static char heard[400];
static enum rt_l2cap_verdict verdict;
static unsigned int asked;

static void on_rx(void *ctx, struct rt_addr peer, uint16_t psm,
		  struct rt_bytes data)
{
	const size_t len = strlen(heard);
	size_t n;

	ck_assert_ptr_eq(ctx, heard);
	ck_assert(rt_addr_equal(peer, bench_addr(1)));
	n = (size_t)snprintf(heard + len, sizeof(heard) - len,
			     "%s%04x:", len > 0 ? " " : "", psm) +
	    len;
	for (size_t i = 0; i < RT_MIN(data.len, (size_t)20); i++)
		n += (size_t)snprintf(heard + n, sizeof(heard) - n, "%02x",
				      data.ptr[i]);
}

static const struct rt_l2cap_ucd_ops ops = { .rx = on_rx };

/* The gate asks about what the last test has said. */
static const struct rt_sec_need none;
static const struct rt_sec_need level_2 = { .level = 2 };
static const struct rt_sec_need level_3 = { .level = 3 };
static struct rt_l2cap_gate_request last;

static enum rt_l2cap_verdict
check_gate(void *ctx, const struct rt_l2cap_gate_request *request,
	   struct rt_reason *ret_why)
{
	(void)ret_why;
	ck_assert_ptr_eq(ctx, &last);
	ck_assert(rt_addr_equal(request->peer, bench_addr(1)));
	last = *request;
	asked++;
	return verdict;
}

static const struct rt_l2cap_gate gate = { .check = check_gate };

static void setup(void)
{
	bench_setup();
	heard[0] = '\0';
	verdict = RT_L2CAP_ALLOW;
	asked = 0;
	rt_l2cap_set_gate(bench.l2cap, &gate, &last);
}

static void hears(const char *what)
{
	ck_assert_str_eq(heard, what);
	heard[0] = '\0';
}

static void listen(uint16_t psm)
{
	ck_assert_int_eq(rt_l2cap_ucd_listen(bench.l2cap, psm, &level_2, &ops,
					     heard),
			 0);
}

static int send(const char *hex)
{
	uint8_t buf[64];
	const size_t n = hex_read(hex, buf, sizeof(buf));

	return rt_l2cap_ucd_send(bench.l2cap, bench_addr(1), PSM, &level_3,
				 rt_bytes(buf, n));
}

static int send_long(size_t n)
{
	uint8_t *buf = calloc(n, 1);
	int ret;

	ck_assert_ptr_nonnull(buf);
	ret = rt_l2cap_ucd_send(bench.l2cap, bench_addr(1), PSM, &level_3,
				rt_bytes(buf, n));
	free(buf);
	return ret;
}

/* A peer that takes connectionless data of so many octets; -1: is silent. */
static void to_known(int mtu)
{
	char rsp[40];

	link_in();
	ck_assert_int_eq(send("01"), -EOPNOTSUPP);
	tx("0a 01 0200 0200");
	rx("0b 01 0800 0200 0000 0002 0000");
	tx("0a 02 0200 0100");
	if (mtu < 0)
		return;
	snprintf(rsp, sizeof(rsp), "0b 02 0600 0100 0000 %02x%02x", mtu & 0xff,
		 (unsigned int)mtu >> 8);
	rx(rsp);
	tx_nothing();
}

static uint32_t refused(void)
{
	return rt_l2cap_get_stats(bench.l2cap)->rx_ucd_refused;
}

/* L2CAP/CLS/UCD/BV-01-C */
START_TEST(UCD_BV_01_data_of_a_peer_reach_who_listens_on_the_psm)
{
	listen(PSM);
	listen(0x0025);
	link_in();
	rx("0a 01 0200 0200");
	tx("0b 01 0800 0200 0000 b802 0000");
	rx_cid(0x0002, "0110 aabb");
	rx_cid(0x0002, "2500 cc");
	rx_cid(0x0002, "0110");
	hears("1001:aabb 0025:cc 1001:");
	ck_assert_uint_eq(refused(), 0);
	ck_assert_uint_eq(asked, 3);
	ck_assert(last.incoming && last.connectionless);
	ck_assert_uint_eq(last.psm, PSM);
	ck_assert_uint_eq(last.need.level, 2);
	tx_nothing();
}
END_TEST

START_TEST(without_a_listener_it_is_off_and_not_advertised)
{
	link_in();
	rx("0a 01 0200 0200");
	tx("0b 01 0800 0200 0000 b800 0000");
	rx("0a 02 0200 0100");
	tx("0b 02 0400 0100 0100");
	rx_cid(0x0002, "0110 aa");
	rx_cid(0x0002, "");
	ck_assert_uint_eq(refused(), 2);
	ck_assert_uint_eq(bench.hci.oversized, 1);
	ck_assert_uint_eq(asked, 0);
	listen(PSM);
	rx("0a 03 0200 0100");
	tx("0b 03 0600 0100 0000 a002");
	rt_l2cap_ucd_unlisten(bench.l2cap, PSM);
	rx_cid(0x0002, "0110 aa");
	ck_assert_uint_eq(refused(), 3);
	rx("0a 04 0200 0100");
	tx("0b 04 0400 0100 0100");
	hears("");
}
END_TEST

START_TEST(data_for_nobody_are_discarded)
{
	listen(PSM);
	link_in();
	rx_cid(0x0002, "0310 aa");
	rx_cid(0x0002, "0010 aa");
	rx_cid(0x0002, "01");
	rx_cid(0x0002, "");
	ck_assert_uint_eq(refused(), 4);
	ck_assert_uint_eq(asked, 0);
	hears("");
	tx_nothing();
}
END_TEST

START_TEST(data_longer_than_our_mtu_are_discarded)
{
	char hex[2 * 675 + 1];

	listen(PSM);
	link_in();
	memset(hex, '0', sizeof(hex));
	memcpy(hex, "0110", 4);
	hex[2 * (2 + 672)] = '\0';
	rx_cid(0x0002, hex);
	ck_assert_int_eq(strncmp(heard, "1001:00", 7), 0);
	heard[0] = '\0';
	hex[2 * (2 + 672)] = '0';
	hex[2 * (2 + 673)] = '\0';
	rx_cid(0x0002, hex);
	hears("");
	ck_assert_uint_eq(bench.hci.oversized, 1);
}
END_TEST

START_TEST(long_data_by_another_way_are_counted)
{
	static uint8_t big[2 + 673] = { 0x01, 0x10 };

	listen(PSM);
	link_in();
	ck_assert_int_eq(rt_l2cap_inject(bench.l2cap, bench_addr(1), 0x0002,
					 rt_bytes(big, sizeof(big))),
			 0);
	ck_assert_uint_eq(rt_l2cap_get_stats(bench.l2cap)->rx_oversized, 1);
	hears("");
}
END_TEST

START_TEST(the_gate_blocks_what_arrives_unless_it_allows_it)
{
	listen(PSM);
	link_in();
	for (verdict = RT_L2CAP_WAIT_AUTHENTICATION;
	     verdict <= RT_L2CAP_NO_ENCRYPTION; verdict++)
		rx_cid(0x0002, "0110 aa");
	ck_assert_uint_eq(refused(), 6);
	rt_l2cap_set_gate(bench.l2cap, NULL, NULL);
	rx_cid(0x0002, "0110 aa");
	ck_assert_uint_eq(refused(), 7);
	hears("");
}
END_TEST

START_TEST(a_psm_has_one_listener)
{
	listen(PSM);
	ck_assert_int_eq(rt_l2cap_ucd_listen(bench.l2cap, PSM, &none, &ops,
					     heard),
			 -EADDRINUSE);
	ck_assert_int_eq(rt_l2cap_ucd_listen(bench.l2cap, 0x1000, &none, &ops,
					     heard),
			 -EINVAL);
	ck_assert_int_eq(rt_l2cap_ucd_listen(bench.l2cap, 0, &none, &ops,
					     heard),
			 -EINVAL);
	ck_assert_int_eq(rt_l2cap_ucd_listen(bench.l2cap, 0x1003, &none, NULL,
					     heard),
			 -EINVAL);
	bench.fake.allocs_left = 0;
	ck_assert_int_eq(rt_l2cap_ucd_listen(bench.l2cap, 0x1003, &none, &ops,
					     heard),
			 -ENOMEM);
	bench.fake.allocs_left = SIZE_MAX;
	rt_l2cap_ucd_unlisten(bench.l2cap, 0x1003);
	rt_l2cap_ucd_unlisten(bench.l2cap, PSM);
	listen(PSM);
}
END_TEST

START_TEST(sixteen_psms_have_a_listener_and_no_more)
{
	for (uint16_t i = 0; i < 16; i++)
		listen((uint16_t)(0x1001 + 2 * i));
	ck_assert_int_eq(rt_l2cap_ucd_listen(bench.l2cap, 0x1041, &none, &ops,
					     heard),
			 -ENOSPC);
	rt_l2cap_ucd_unlisten(bench.l2cap, 0x1003);
	listen(0x1041);
}
END_TEST

/* L2CAP/CLS/CLR/BV-01-C, L2CAP/CLS/UCD/BV-02-C */
START_TEST(CLR_BV_01_data_of_ours_go_with_the_psm_in_front)
{
	to_known(100);
	ck_assert_int_eq(send("aabbcc"), 0);
	ck_assert_int_eq(send(""), 0);
	tx_cid(0x0002, "0110 aabbcc");
	tx_cid(0x0002, "0110");
	tx_nothing();
	ck_assert(!last.incoming && last.connectionless);
	ck_assert_uint_eq(last.need.level, 3);
}
END_TEST

START_TEST(data_need_an_open_link_and_a_psm)
{
	ck_assert_int_eq(send("01"), -ENOTCONN);
	link_in();
	ck_assert_int_eq(rt_l2cap_ucd_send(bench.l2cap, bench_addr(1), 0x1000,
					   &none, rt_bytes("a", 1)),
			 -EINVAL);
	ck_assert_int_eq(rt_l2cap_ucd_send(bench.l2cap, bench_addr(2), PSM,
					   &none, rt_bytes("a", 1)),
			 -ENOTCONN);
	tx_nothing();
}
END_TEST

START_TEST(a_peer_that_takes_none_is_sent_none)
{
	link_in();
	ck_assert_int_eq(send("01"), -EOPNOTSUPP);
	ck_assert_int_eq(send("01"), -EOPNOTSUPP);
	tx("0a 01 0200 0200");
	rx("0b 01 0800 0200 0000 b800 0000");
	tx("0a 02 0200 0300");
	rx("0b 02 0c00 0300 0000 0200000000000000");
	ck_assert_int_eq(send("01"), -EOPNOTSUPP);
	tx_nothing();
	ck_assert_uint_eq(asked, 0);
}
END_TEST

START_TEST(the_mtu_of_the_peer_is_kept)
{
	to_known(100);
	ck_assert_int_eq(send_long(101), -EMSGSIZE);
	ck_assert_int_eq(send_long(100), 0);
	ck_assert_uint_eq(tx_discard(), 1);
}
END_TEST

START_TEST(until_the_peer_has_told_its_mtu_is_48)
{
	to_known(-1);
	ck_assert_int_eq(send_long(49), -EMSGSIZE);
	ck_assert_int_eq(send_long(48), 0);
	tx_discard();
	rx("0b 02 0600 0100 0000 2f00");
	ck_assert_int_eq(send_long(48), 0);
	tx_discard();
}
END_TEST

START_TEST(a_gate_that_refuses_lets_nothing_out)
{
	to_known(100);
	for (verdict = RT_L2CAP_NO_AUTHENTICATION;
	     verdict <= RT_L2CAP_NO_ENCRYPTION; verdict++)
		ck_assert_int_eq(send("01"), -EACCES);
	rt_l2cap_set_gate(bench.l2cap, NULL, NULL);
	ck_assert_int_eq(send("01"), -EACCES);
	tx_nothing();
}
END_TEST

/* L2CAP/CLS/UCD/BV-03-C */
START_TEST(UCD_BV_03_data_wait_until_the_link_is_secure)
{
	to_known(100);
	verdict = RT_L2CAP_WAIT_AUTHENTICATION;
	ck_assert_int_eq(send("01"), 0);
	ck_assert_int_eq(send("02"), 0);
	tx_nothing();
	ck_assert(bench.link->used);
	rt_l2cap_gate_changed(bench.l2cap, bench_addr(1));
	bench_wait_ms(59000);
	tx_nothing();
	verdict = RT_L2CAP_ALLOW;
	rt_l2cap_gate_changed(bench.l2cap, bench_addr(2));
	bench_step();
	tx_nothing();
	rt_l2cap_gate_changed(bench.l2cap, bench_addr(1));
	bench_step();
	tx_cid(0x0002, "0110 01");
	tx_cid(0x0002, "0110 02");
	tx_nothing();
	ck_assert(!bench.link->used);
}
END_TEST

START_TEST(data_that_wait_may_be_refused)
{
	to_known(100);
	verdict = RT_L2CAP_WAIT_AUTHORIZATION;
	ck_assert_int_eq(send("01"), 0);
	verdict = RT_L2CAP_NO_AUTHORIZATION;
	rt_l2cap_gate_changed(bench.l2cap, bench_addr(1));
	bench_step();
	tx_nothing();
	ck_assert(!bench.link->used);
}
END_TEST

START_TEST(data_do_not_wait_longer_than_a_minute)
{
	to_known(100);
	verdict = RT_L2CAP_WAIT_AUTHENTICATION;
	ck_assert_int_eq(send("01"), 0);
	bench_wait_ms(30000);
	ck_assert_int_eq(send("02"), 0);
	bench_wait_ms(30000);
	verdict = RT_L2CAP_ALLOW;
	rt_l2cap_gate_changed(bench.l2cap, bench_addr(1));
	bench_step();
	tx_cid(0x0002, "0110 02");
	tx_nothing();
}
END_TEST

START_TEST(data_that_wait_go_with_the_link)
{
	to_known(100);
	verdict = RT_L2CAP_WAIT_AUTHENTICATION;
	ck_assert_int_eq(send("01"), 0);
	ck_assert_int_eq(send("02"), 0);
	fake_link_down(bench.link, FAKE_HCI_REMOTE_USER);
	bench_step();
	ck_assert(rt_l2cap_is_idle(bench.l2cap));
}
END_TEST

START_TEST(sixty_four_wait_and_no_more)
{
	to_known(100);
	verdict = RT_L2CAP_WAIT_AUTHENTICATION;
	for (int i = 0; i < 64; i++)
		ck_assert_int_eq(send("01"), 0);
	ck_assert_int_eq(send("01"), -ENOSPC);
	verdict = RT_L2CAP_ALLOW;
	for (int i = 0; i < 64; i++)
		ck_assert_int_eq(send("02"), 0);
	ck_assert_int_eq(send("02"), -ENOSPC);

	/* There is no room for those that waited: they are lost. */
	rt_l2cap_gate_changed(bench.l2cap, bench_addr(1));
	bench_step();
	ck_assert_uint_eq(tx_discard(), 64);
}
END_TEST

START_TEST(any_allocation_may_fail)
{
	to_known(100);
	for (size_t n = 0; n < 2; n++) {
		bench.fake.allocs_left = n;
		ck_assert_int_eq(send("01"), -ENOMEM);
	}
	verdict = RT_L2CAP_WAIT_AUTHENTICATION;
	bench.fake.allocs_left = 0;
	ck_assert_int_eq(send("01"), -ENOMEM);
	bench.fake.allocs_left = SIZE_MAX;
	ck_assert_int_eq(send("01"), 0);
	verdict = RT_L2CAP_ALLOW;
	bench.fake.allocs_left = 0;
	rt_l2cap_gate_changed(bench.l2cap, bench_addr(1));
	bench_step();
	bench.fake.allocs_left = SIZE_MAX;
	tx_nothing();
	ck_assert(!bench.link->used);
}
END_TEST

static bool drop_all(void *ctx, struct rt_addr peer, bool sent, uint16_t cid,
		     struct rt_bytes payload)
{
	unsigned int *count = ctx;

	(void)peer;
	(void)payload;
	if (!sent || cid != 0x0002)
		return true;
	(*count)++;
	return false;
}

START_TEST(a_tap_sees_data_of_ours)
{
	static const struct rt_l2cap_tap tap = { .pdu = drop_all };
	unsigned int count = 0;

	to_known(100);
	rt_l2cap_set_tap(bench.l2cap, &tap, &count);
	ck_assert_int_eq(send("01"), 0);
	tx_nothing();
	ck_assert_uint_eq(count, 1);
}
END_TEST

/* L2CAP/COS/CID/BI-01-C */
START_TEST(CID_BI_01_other_fixed_channels_are_ignored)
{
	static const uint16_t cids[] = {
		0x0000, 0x0003, 0x0004, 0x0005, 0x0006,
		0x0007, 0x0008, 0x003e, 0x003f,
	};

	listen(PSM);
	link_in();
	for (size_t i = 0; i < RT_ARRAY_SIZE(cids); i++) {
		rx_cid(cids[i], "0110 aa");
		rx_cid(cids[i], "");
	}
	ck_assert_uint_eq(rt_l2cap_get_stats(bench.l2cap)->rx_unknown_cid, 18);
	tx_nothing();
	hears("");
	rx_cid(0x0002, "0110 aa");
	hears("1001:aa");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		UCD_BV_01_data_of_a_peer_reach_who_listens_on_the_psm,
		without_a_listener_it_is_off_and_not_advertised,
		data_for_nobody_are_discarded,
		data_longer_than_our_mtu_are_discarded,
		long_data_by_another_way_are_counted,
		the_gate_blocks_what_arrives_unless_it_allows_it,
		a_psm_has_one_listener,
		sixteen_psms_have_a_listener_and_no_more,
		CLR_BV_01_data_of_ours_go_with_the_psm_in_front,
		data_need_an_open_link_and_a_psm,
		a_peer_that_takes_none_is_sent_none,
		the_mtu_of_the_peer_is_kept,
		until_the_peer_has_told_its_mtu_is_48,
		a_gate_that_refuses_lets_nothing_out,
		UCD_BV_03_data_wait_until_the_link_is_secure,
		data_that_wait_may_be_refused,
		data_do_not_wait_longer_than_a_minute,
		data_that_wait_go_with_the_link,
		sixty_four_wait_and_no_more,
		any_allocation_may_fail,
		a_tap_sees_data_of_ours,
		CID_BI_01_other_fixed_channels_are_ignored,
	};

	return suite_run("l2cap/ucd", tests, RT_ARRAY_SIZE(tests), setup,
			 bench_teardown);
}
