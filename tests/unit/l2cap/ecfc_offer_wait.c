/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "tests/unit/l2cap/ecfc_bench.h"

/* Credit-based channels that peers open: the gate, limits and memory. */

static enum rt_l2cap_verdict verdict;

static enum rt_l2cap_verdict
check_gate(void *ctx, const struct rt_l2cap_gate_request *request,
	   struct rt_reason *ret_why)
{
	(void)ret_why;
	(void)ctx;
	ck_assert(rt_addr_equal(request->peer, bench_addr(1)));
	ck_assert_uint_eq(request->psm, 0x1001);
	ck_assert_uint_eq(request->need.level, 2);
	ck_assert(request->incoming && !request->connectionless);
	return verdict;
}

static const struct rt_l2cap_gate gate = { .check = check_gate };

/* L2CAP/ECFC/BV-70-C and its siblings */
START_TEST(ECFC_BV_70_the_gate_refuses_with_its_reason)
{
	static const struct {
		enum rt_l2cap_verdict verdict;
		const char *rsp;
	} rows[] = {
		{ RT_L2CAP_NO_AUTHENTICATION,
		  "18 01 0a00 0000 0000 0000 0500 0000" },
		{ RT_L2CAP_NO_AUTHORIZATION,
		  "18 01 0a00 0000 0000 0000 0600 0000" },
		{ RT_L2CAP_KEY_TOO_SHORT,
		  "18 01 0a00 0000 0000 0000 0700 0000" },
		{ RT_L2CAP_NO_ENCRYPTION,
		  "18 01 0a00 0000 0000 0000 0800 0000" },
	};

	rt_l2cap_set_gate(bench.l2cap, &gate, NULL);
	for (size_t i = 0; i < RT_ARRAY_SIZE(rows); i++) {
		verdict = rows[i].verdict;
		offer_refused("17 01 0a00 0110 c800 5000 0200 5000",
			      rows[i].rsp, 1);
	}
	told(&offer_user, "");
}
END_TEST

START_TEST(a_peer_waits_for_the_gate_and_then_for_the_user)
{
	static const struct {
		enum rt_l2cap_verdict verdict;
		const char *rsp;
	} rows[] = {
		{ RT_L2CAP_WAIT_AUTHENTICATION,
		  "18 01 0c00 0000 0000 0000 0e00 0000 0000" },
		{ RT_L2CAP_WAIT_AUTHORIZATION,
		  "18 01 0c00 0000 0000 0000 0f00 0000 0000" },
	};

	for (size_t i = 0; i < RT_ARRAY_SIZE(rows); i++) {
		offer_restart();
		offer_answers = "yl";
		rt_l2cap_set_gate(bench.l2cap, &gate, NULL);
		verdict = rows[i].verdict;
		rx("17 01 0c00 0110 c800 5000 0200 5000 5100");
		tx(rows[i].rsp);
		rx("17 01 0c00 0110 c800 5000 0200 5000 5100");
		tx(rows[i].rsp);
		bench_wait_ms(20000);
		rt_l2cap_gate_changed(bench.l2cap, bench_addr(1));
		bench_step();
		tx_nothing();
		told(&offer_user, "");
		verdict = RT_L2CAP_ALLOW;
		rt_l2cap_gate_changed(bench.l2cap, bench_addr(1));
		bench_step();
		told(&offer_user, "incoming incoming");
		tx_nothing();
		bench_wait_ms(20000);
		ck_assert_int_eq(rt_l2cap_accept(bench.l2cap, offer_chans[1]),
				 0);
		bench_step();
		tx("18 01 0c00 6400 4000 0300 0000 4000 4100");
		told(&offer_user, "opened opened");
	}
}
END_TEST

START_TEST(a_gate_that_decides_against_a_waiting_peer)
{
	rt_l2cap_set_gate(bench.l2cap, &gate, NULL);
	verdict = RT_L2CAP_WAIT_AUTHENTICATION;
	rx("17 01 0c00 0110 c800 5000 0200 5000 3f00");
	tx("18 01 0c00 0000 0000 0000 0e00 0000 0000");
	verdict = RT_L2CAP_KEY_TOO_SHORT;
	rt_l2cap_gate_changed(bench.l2cap, bench_addr(1));
	bench_step();
	tx("18 01 0c00 0000 0000 0000 0700 0000 0000");
	told(&offer_user, "");
	ck_assert(!bench.link->used);
}
END_TEST

START_TEST(a_gate_that_never_decides_has_refused)
{
	rt_l2cap_set_gate(bench.l2cap, &gate, NULL);
	verdict = RT_L2CAP_WAIT_AUTHENTICATION;
	rx("17 01 0c00 0110 c800 5000 0200 5000 5100");
	tx("18 01 0c00 0000 0000 0000 0e00 0000 0000");
	verdict = RT_L2CAP_WAIT_AUTHORIZATION;
	rx("17 02 0a00 0110 c800 5000 0200 5300");
	tx("18 02 0a00 0000 0000 0000 0f00 0000");
	bench_wait_ms(30000);
	tx("18 01 0c00 0000 0000 0000 0500 0000 0000");
	tx("18 02 0a00 0000 0000 0000 0600 0000");
	told(&offer_user, "");
	ck_assert(!bench.link->used);
}
END_TEST

START_TEST(a_listener_that_goes_while_the_gate_decides)
{
	rt_l2cap_set_gate(bench.l2cap, &gate, NULL);
	verdict = RT_L2CAP_WAIT_AUTHENTICATION;
	rx("17 01 0a00 0110 c800 5000 0200 5000");
	tx("18 01 0a00 0000 0000 0000 0e00 0000");
	rt_l2cap_unlisten(bench.l2cap, 0x1001);
	verdict = RT_L2CAP_ALLOW;
	rt_l2cap_gate_changed(bench.l2cap, bench_addr(1));
	bench_step();
	tx("18 01 0a00 0000 0000 0000 0200 0000");
	told(&offer_user, "");
}
END_TEST

START_TEST(sixteen_channels_of_a_link_and_no_more)
{
	char req[80];

	for (unsigned int i = 0; i < 3; i++) {
		offer_count = 0;
		snprintf(req, sizeof(req),
			 "17 %02x 1200 0110 c800 5000 0200 "
			 "%02x00 %02x00 %02x00 %02x00 %02x00",
			 i + 1, 0x50 + 5 * i, 0x51 + 5 * i, 0x52 + 5 * i,
			 0x53 + 5 * i, 0x54 + 5 * i);
		rx(req);
		tx_discard();
	}
	offer_count = 0;
	offer_user.log[0] = '\0';
	offer_refused("17 04 0c00 0110 c800 5000 0200 7000 7100",
		      "18 04 0c00 6400 4000 0300 0400 4f00 0000", 1);
	told(&offer_user, "incoming opened");
}
END_TEST

START_TEST(eight_requests_wait_and_no_more)
{
	char req[60];

	for (unsigned int i = 0; i < 8; i++) {
		offer_count = 0;
		offer_answers = "l";
		snprintf(req, sizeof(req),
			 "17 %02x 0a00 0110 c800 5000 0200 %02x00", i + 1,
			 0x50 + i);
		rx(req);
	}
	ck_assert_uint_eq(tx_discard(), 8);
	offer_refused("17 09 0a00 0110 c800 5000 0200 6000",
		      "18 09 0a00 0000 0000 0000 0400 0000", 1);
	rt_l2cap_close(bench.l2cap, offer_chans[0]);
	bench_step();
	tx_discard();
	offer_count = 0;
	rx("17 0a 0a00 0110 c800 5000 0200 6000");
	tx("18 0a 0a00 0000 0000 0000 0f00 0000");
}
END_TEST

START_TEST(any_allocation_of_an_answer_may_fail)
{
	size_t n = 0;
	bool opened = false;

	while (!opened) {
		offer_restart();
		bench.fake.allocs_left = n++;
		rx("17 01 0a00 0110 c800 5000 0200 5000");
		bench.fake.allocs_left = SIZE_MAX;
		opened = strcmp(offer_user.log, "incoming opened") == 0;
		if (opened)
			tx("18 01 0a00 6400 4000 0300 0000 4000");
		else if (n > 1)
			tx("18 01 0a00 0000 0000 0000 0400 0000");
		tx_nothing();
		bench_step();
		ck_assert(opened == bench.link->used);
	}
	/* reply, offer, room for a later answer, channel, its mode (2) */
	ck_assert_uint_eq(n, 7);
}
END_TEST

START_TEST(a_channel_that_was_taken_and_has_no_memory_is_closed)
{
	rx("17 01 0a00 0110 c800 5000 0200 5000");
	tx_discard();
	offer_user.log[0] = '\0';
	bench.fake.allocs_left = 7;
	rx("17 02 0c00 0110 c800 5000 0200 5100 5200");
	bench.fake.allocs_left = SIZE_MAX;
	told(&offer_user, "incoming incoming closed opened");
	ck_assert_uint_eq(offer_user.why.code, RT_L2CAP_NO_MEMORY);
	tx("18 02 0c00 6400 4000 0300 0400 4100 0000");
	tx_nothing();
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		ECFC_BV_70_the_gate_refuses_with_its_reason,
		a_peer_waits_for_the_gate_and_then_for_the_user,
		a_gate_that_decides_against_a_waiting_peer,
		a_gate_that_never_decides_has_refused,
		a_listener_that_goes_while_the_gate_decides,
		sixteen_channels_of_a_link_and_no_more,
		eight_requests_wait_and_no_more,
		any_allocation_of_an_answer_may_fail,
		a_channel_that_was_taken_and_has_no_memory_is_closed,
	};

	return suite_run("l2cap/ecfc_offer_wait", tests, RT_ARRAY_SIZE(tests),
			 offer_setup, bench_teardown);
}
