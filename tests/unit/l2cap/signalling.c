/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "tests/unit/l2cap/bench.h"

static const struct rt_l2cap_stats *stats(void)
{
	return rt_l2cap_get_stats(bench.l2cap);
}

/* The link is alive and in step: an echo is answered. */
static void ping(void)
{
	rx("08 77 0200 abcd");
	tx("09 77 0200 abcd");
	tx_nothing();
}

/* L2CAP/COS/CED/BI-01-C */
START_TEST(CED_BI_01_every_unknown_code_is_rejected_as_not_understood)
{
	char hex[40];

	link_in();
	for (unsigned int code = 0; code <= 0xff; code++) {
		if (code >= 0x01 && code <= 0x0b)
			continue;
		snprintf(hex, sizeof(hex), "%02x 11 0400 01020304", code);
		rx(hex);
		tx("01 11 0200 0000");
		tx_nothing();
	}
	ck_assert_uint_eq(stats()->sig_malformed, 256 - 11);
	ping();
}
END_TEST

/* L2CAP/COS/CED/BI-02-C */
START_TEST(CED_BI_02_what_is_whole_is_answered_and_the_rest_is_rejected)
{
	struct user user = { .answer = 0 };

	listen_on(&user, 0x1001);
	link_in();
	rx("02 21 0400 0110 4100 02 22 0400 000000");
	tx("03 21 0800 4000 4100 0000 0000");
	tx("01 22 0200 0000");
	tx_discard();
	told(&user, "incoming");
	ping();
}
END_TEST

START_TEST(CED_BI_02_a_frame_without_a_whole_header_is_dropped)
{
	link_in();
	rx("");
	rx("02");
	tx_nothing();
	ck_assert_uint_eq(stats()->sig_malformed, 2);
	ping();
}
END_TEST

/* L2CAP/COS/CED/BI-04-C */
START_TEST(CED_BI_04_a_frame_one_octet_too_short_for_its_echo_is_rejected)
{
	link_in();
	rx("08 31 0400 010203");
	tx("01 31 0200 0000");
	tx_nothing();
	ping();
}
END_TEST

/* L2CAP/COS/CED/BI-08-C */
START_TEST(CED_BI_08_an_echo_longer_than_its_frame_is_rejected)
{
	link_in();
	rx("08 32 ffff 01020304");
	tx("01 32 0200 0000");
	tx_nothing();
	ping();
}
END_TEST

/* L2CAP/COS/CED/BI-10-C */
START_TEST(CED_BI_10_a_disconnection_request_of_five_octets_is_rejected)
{
	struct user user = { .answer = 0 };

	to_open(&user);
	rx("06 33 0500 4000 4100 00");
	tx("01 33 0200 0000");
	tx_nothing();
	told(&user, "");
	ping();
}
END_TEST

/* L2CAP/COS/CED/BI-12-C */
START_TEST(CED_BI_12_an_echo_with_a_stray_octet_behind_it_is_answered)
{
	link_in();
	rx("08 34 0400 01020304 00");
	tx("09 34 0400 01020304");
	tx_nothing();
	ck_assert_uint_eq(stats()->sig_malformed, 1);
	ping();
}
END_TEST

/* L2CAP/COS/CED/BI-14-C */
START_TEST(CED_BI_14_of_two_echoes_the_truncated_one_is_rejected)
{
	link_in();
	rx("08 35 0200 0102 08 36 0400 0102");
	tx("09 35 0200 0102");
	tx("01 36 0200 0000");
	tx_nothing();
	ping();
}
END_TEST

/* L2CAP/COS/CED/BI-15-C */
START_TEST(CED_BI_15_a_truncated_disconnection_behind_an_echo_is_rejected)
{
	struct user user = { .answer = 0 };

	to_open(&user);
	rx("08 37 0200 0102 06 38 0400 4000 41");
	tx("09 37 0200 0102");
	tx("01 38 0200 0000");
	tx_nothing();
	told(&user, "");
	ping();
}
END_TEST

START_TEST(an_identifier_0_is_never_answered)
{
	link_in();
	rx("08 00 0200 0102");
	rx("0a 00 0200 0200");
	rx("ff 00 0000");
	rx("02 00 0400 0100 4100 0a 12 0200 0200");
	tx("0b 12 0800 0200 0000 b8000000");
	tx_nothing();
	ck_assert_uint_eq(stats()->sig_malformed, 4);
}
END_TEST

START_TEST(malformed_responses_are_never_answered)
{
	link_in();
	rx("01 11 0000");
	rx("03 11 0900 4000 4100 0000 0000 00");
	rx("05 11 0400 4000 0000");
	rx("07 11 0300 400041");
	rx("0b 11 0300 020000");
	rx("07 11 0400 4000");
	tx_nothing();
	ck_assert_uint_eq(stats()->sig_malformed, 6);
	ck_assert_uint_eq(stats()->sig_unexpected, 0);
}
END_TEST

START_TEST(responses_that_nobody_waits_for_are_counted_and_ignored)
{
	link_in();
	rx("01 11 0200 0000");
	rx("03 11 0800 4000 4100 0000 0000");
	rx("05 11 0600 4000 0000 0000");
	rx("07 11 0400 4000 4100");
	rx("09 11 0000");
	rx("0b 11 0800 0200 0000 80000000");
	tx_nothing();
	ck_assert_uint_eq(stats()->sig_unexpected, 6);
	ck_assert_uint_eq(stats()->sig_malformed, 0);
}
END_TEST

/* Sends a C-frame of `len` octets: echoes without data, 4 octets each. */
static void rx_echoes(size_t len, uint8_t ident)
{
	static uint8_t frame[65535];

	memset(frame, 0, sizeof(frame));
	for (size_t i = 0; i + 4 <= len; i += 4) {
		frame[i] = 0x08;
		frame[i + 1] = ident++;
	}
	fake_link_rx(bench.link, RT_L2CAP_CID_SIGNALLING, frame, len);
}

START_TEST(a_frame_longer_than_our_mtusig_is_rejected_once)
{
	link_in();
	rx_echoes(676, 0x50);
	tx("01 50 0400 0100 a002");
	tx_nothing();
	ck_assert_uint_eq(stats()->sig_malformed, 1);
	ping();
}
END_TEST

START_TEST(a_frame_as_long_as_our_mtusig_is_taken_in)
{
	link_in();
	rx_echoes(672, 0x50);
	tx("09 50 0000");
	tx_nothing();
	ck_assert_uint_eq(stats()->sig_malformed, 0);
}
END_TEST

/* An octet more than MTUsig tells that it is too long: who sends 64 KiB? */
START_TEST(of_a_longer_frame_no_more_is_stored_than_tells_so)
{
	uint16_t len = 672;

	link_in();
	ck_assert(bench.hci.ops->want(bench.hci.user, bench.link, 1, &len));
	ck_assert_uint_eq(len, 672);
	len = 673;
	ck_assert(bench.hci.ops->want(bench.hci.user, bench.link, 1, &len));
	ck_assert_uint_eq(len, 673);
	len = 65535;
	ck_assert(bench.hci.ops->want(bench.hci.user, bench.link, 1, &len));
	ck_assert_uint_eq(len, 673);
	rx_echoes(65532, 0x50);
	tx("01 50 0400 0100 a002");
	tx_nothing();
	ping();
}
END_TEST

static void mtusig_48(struct rt_limits *limits)
{
	limits->sig_mtu = 48;
}

START_TEST(the_reject_of_a_long_frame_names_the_mtusig_that_we_have)
{
	bench_restart(mtusig_48);
	link_in();
	rx_echoes(52, 0x60);
	tx("01 60 0400 0100 3000");
	rx_echoes(48, 0x61);
	tx("09 61 0000");
	tx_nothing();
}
END_TEST

START_TEST(the_reject_of_a_long_frame_has_the_first_requests_identifier)
{
	bench_restart(mtusig_48);
	link_in();
	rx("07 11 0400 40004100 09 12 0000 08 00 0000 0a 13 0200 0200"
	   "08 14 1800 000000000000000000000000000000000000000000000000");
	tx("01 13 0400 0100 3000");
	tx_nothing();

	/* Also if that request is itself cut short. */
	rx("07 11 0400 40004100"
	   "08 15 3000 00000000000000000000000000000000000000000000000000"
	   "000000000000000000000000000000");
	tx("01 15 0400 0100 3000");
	tx_nothing();
}
END_TEST

START_TEST(a_long_frame_of_responses_only_is_dropped)
{
	bench_restart(mtusig_48);
	link_in();
	rx("07 11 0400 40004100 07 12 0400 40004100 07 13 0400 40004100"
	   "07 14 0400 40004100 07 15 0400 40004100 07 16 0400 40004100"
	   "07 17 0400 40004100 07");
	tx_nothing();
	ck_assert_uint_eq(stats()->sig_malformed, 1);
}
END_TEST

START_TEST(a_flood_of_echoes_in_a_frame_gets_one_answer)
{
	link_in();
	rx_echoes(672, 1);
	ck_assert_uint_eq(tx_discard(), 1);
	ck_assert_uint_eq(stats()->sig_dropped, 167);
	ping();
}
END_TEST

START_TEST(eight_answers_are_queued_and_the_ninth_request_is_dropped)
{
	link_in();
	for (int i = 0; i < 8; i++)
		rx("0a 21 0200 0200");
	ck_assert_uint_eq(stats()->sig_dropped, 0);
	rx("0a 22 0200 0200");
	rx("ee 23 0000");
	ck_assert_uint_eq(stats()->sig_dropped, 2);
	for (int i = 0; i < 8; i++)
		tx("0b 21 0800 0200 0000 b8000000");
	tx_nothing();
	rx("0a 22 0200 0200");
	tx("0b 22 0800 0200 0000 b8000000");
	tx_nothing();
}
END_TEST

START_TEST(a_request_that_cannot_be_answered_changes_nothing)
{
	struct user user = { .answer = 0 };

	to_open(&user);
	for (int i = 0; i < 8; i++)
		rx("0a 21 0200 0200");
	rx("06 22 0400 4000 4100");
	told(&user, "");
	tx_discard();
	rx("06 22 0400 4000 4100");
	tx("07 22 0400 4000 4100");
	told_closed(&user, RT_L2CAP_PEER_DISCONNECTED, RT_PHASE_TRANSFER);
}
END_TEST

START_TEST(answers_come_before_requests_of_ours)
{
	struct user user = { .answer = 0 };

	link_in();
	rx("08 21 0000");
	ck_assert_int_eq(connect_to(&user, 0x1001), 0);
	rx("0a 22 0200 0300");
	tx("09 21 0000");
	tx("0b 22 0c00 0300 0000 0200000000000000");
	tx("02 01 0400 0110 4000");
	tx("0a 02 0200 0200");
	tx_nothing();
}
END_TEST

/*
 * Connects and is refused `n` times, on the channel ids behind *cid, with the
 * identifiers behind *ident.
 */
static void connect_and_fail(struct user *user, int n, uint16_t *cid,
			     uint8_t *ident)
{
	char hex[60];

	for (int i = 0; i < n; i++) {
		++*cid;
		*ident = (uint8_t)(*ident % 255 + 1);
		ck_assert_int_eq(connect_to(user, 0x1001), 0);
		snprintf(hex, sizeof(hex), "02 %02x 0400 0110 %02x%02x", *ident,
			 *cid & 0xff, *cid >> 8);
		tx(hex);
		snprintf(hex, sizeof(hex),
			 "03 %02x 0800 0000 %02x%02x 0200 0000", *ident,
			 *cid & 0xff, *cid >> 8);
		rx(hex);
		told(user, "closed");
	}
}

/* L2CAP/COS/CED/BI-28-C */
START_TEST(CED_BI_28_identifiers_come_back_after_the_254_others)
{
	struct user waiting = { .answer = 0 };
	struct user user = { .answer = 0 };
	uint16_t cid = 0x0040;
	uint8_t ident = 0x02;

	to_wait_connect_rsp(&waiting); /* 0x0040, 01 */
	rx("0b 02 0400 0200 0100");
	rx("03 01 0800 0000 4000 0100 0000");
	connect_and_fail(&user, 253, &cid, &ident);
	ck_assert_uint_eq(ident, 0xff);

	/* 01 still waits for its answer: it is left out. */
	ident = 0x01;
	connect_and_fail(&user, 10, &cid, &ident);
	ck_assert_uint_eq(ident, 0x0b);
	told(&waiting, "");
}
END_TEST

static void many_echoes(struct rt_limits *limits)
{
	limits->echoes = 300;
}

static void on_done(void *user, const struct rt_reason *why,
		    struct rt_bytes data)
{
	(void)why;
	(void)data;
	++*(unsigned int *)user;
}

START_TEST(without_a_free_identifier_a_request_waits_for_one)
{
	const struct rt_l2cap_echo_ops ops = { .done = on_done };
	unsigned int done = 0;
	const struct rt_l2cap_echo_params params = {
		.ops = &ops,
		.user = &done,
		.timeout_ms = 60000,
	};
	rt_handle echo;

	bench_restart(many_echoes);
	link_in();
	for (int i = 0; i < 256; i++)
		ck_assert_int_eq(rt_l2cap_echo(bench.l2cap, bench_addr(1),
					       &params, &echo),
				 0);
	ck_assert_uint_eq(tx_discard(), 255);
	rx("09 33 0000");
	ck_assert_uint_eq(done, 1);
	rx("0a 01 0200 0200");
	tx("0b 01 0800 0200 0000 b8000000");
	tx("08 33 0000");
	tx_nothing();

	/* Also if the only free one is that used last. */
	rx("09 33 0000");
	ck_assert_int_eq(
		rt_l2cap_echo(bench.l2cap, bench_addr(1), &params, &echo), 0);
	tx("08 33 0000");
	bench_wait_ms(60000);
	ck_assert_uint_eq(done, 257);
}
END_TEST

START_TEST(channel_ids_that_nobody_has_are_counted_and_ignored)
{
	link_in();
	for (uint32_t cid = 0; cid <= 0xffff; cid++) {
		if (cid == RT_L2CAP_CID_SIGNALLING)
			continue;
		fake_link_rx(bench.link, (uint16_t)cid, NULL, 0);
		fake_link_rx(bench.link, (uint16_t)cid,
			     (const uint8_t *)"\x08\x01\x00\x00", 4);
	}
	tx_nothing();
	ck_assert_uint_eq(stats()->rx_unknown_cid, 0x1fffc);
	ck_assert_uint_eq(stats()->rx_ucd_refused, 2);
	ping();
}
END_TEST

START_TEST(commands_on_a_link_unknown_to_us_are_ignored)
{
	bench.fake.allocs_left = 0;
	link_in();
	ck_assert_int_eq(bench.link->reason, 0x14);
	rx("08 01 0000");
	ck_assert_uint_eq(bench.hci.oversized, 1);
	tx_nothing();
	fake_link_down(bench.link, FAKE_HCI_REMOTE_USER);
	bench.fake.allocs_left = SIZE_MAX;
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		CED_BI_01_every_unknown_code_is_rejected_as_not_understood,
		CED_BI_02_what_is_whole_is_answered_and_the_rest_is_rejected,
		CED_BI_02_a_frame_without_a_whole_header_is_dropped,
		CED_BI_04_a_frame_one_octet_too_short_for_its_echo_is_rejected,
		CED_BI_08_an_echo_longer_than_its_frame_is_rejected,
		CED_BI_10_a_disconnection_request_of_five_octets_is_rejected,
		CED_BI_12_an_echo_with_a_stray_octet_behind_it_is_answered,
		CED_BI_14_of_two_echoes_the_truncated_one_is_rejected,
		CED_BI_15_a_truncated_disconnection_behind_an_echo_is_rejected,
		an_identifier_0_is_never_answered,
		malformed_responses_are_never_answered,
		responses_that_nobody_waits_for_are_counted_and_ignored,
		a_frame_longer_than_our_mtusig_is_rejected_once,
		a_frame_as_long_as_our_mtusig_is_taken_in,
		of_a_longer_frame_no_more_is_stored_than_tells_so,
		the_reject_of_a_long_frame_names_the_mtusig_that_we_have,
		the_reject_of_a_long_frame_has_the_first_requests_identifier,
		a_long_frame_of_responses_only_is_dropped,
		a_flood_of_echoes_in_a_frame_gets_one_answer,
		eight_answers_are_queued_and_the_ninth_request_is_dropped,
		a_request_that_cannot_be_answered_changes_nothing,
		answers_come_before_requests_of_ours,
		CED_BI_28_identifiers_come_back_after_the_254_others,
		without_a_free_identifier_a_request_waits_for_one,
		channel_ids_that_nobody_has_are_counted_and_ignored,
		commands_on_a_link_unknown_to_us_are_ignored,
	};

	return suite_run("l2cap/signalling", tests, RT_ARRAY_SIZE(tests),
			 bench_setup, bench_teardown);
}
