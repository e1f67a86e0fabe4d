/* SPDX-License-Identifier: MIT */
#include "tests/conformance/l2cap/credit.h"
#include "tests/conformance/l2cap/tables.h"

/* Data of enhanced credit based channels: L2CAP/COS/ECFC, L2CAP/ECFC. */

static void quiet(void)
{
	lt_wait(10000);
	lt_nothing();
}

START_TEST(an_sdu_longer_than_the_mps_is_segmented)
{
	credit_open(true, 1);
	app_send_bytes(150);
	ck_assert_uint_eq(credit_expect_sdu(0, 150), 3);
	lt_nothing();
	ck_assert_uint_eq(APP->written, 1);
}
END_TEST

START_TEST(a_segmented_sdu_is_reassembled)
{
	credit_open(false, 1);
	credit_k(0, 150, 0, 62);
	credit_k(0, -1, 62, 64);
	ck_assert_uint_eq(APP->rx_count, 0);
	credit_k(0, -1, 126, 24);
	app_received_bytes(1, 150);
}
END_TEST

START_TEST(an_sdu_in_one_frame_is_received)
{
	credit_open(false, 1);
	credit_k(0, 62, 0, 62);
	app_received_bytes(1, 62);
	credit_k(0, 0, 0, 0);
	app_received_bytes(2, 0);
}
END_TEST

START_TEST(two_channels_do_not_mix)
{
	credit_open(WE_INITIATE, 2);
	credit_k(0, 100, 0, 62);
	credit_k(1, 110, 0, 62);
	credit_k(0, -1, 62, 38);
	credit_k(1, -1, 62, 48);
	app_received_bytes_on(0, 1, 100);
	app_received_bytes_on(1, 1, 110);
	lt_forget();
	app_send_bytes_on(0, 20);
	app_send_bytes_on(1, 30);
	credit_expect_sdu(0, 20);
	credit_expect_sdu(1, 30);
	lt_nothing();
}
END_TEST

START_TEST(a_frame_is_sent_for_each_credit)
{
	credit.credits = 1;
	credit_open(WE_INITIATE, 1);
	for (int i = 0; i < 5; i++)
		app_send_bytes(20);
	credit_expect_sdu(0, 20);
	quiet();
	credit_give(0, 1);
	credit_expect_sdu(0, 20);
	quiet();
	credit_give(0, 3);
	for (int i = 0; i < 3; i++)
		credit_expect_sdu(0, 20);
	quiet();
}
END_TEST

START_TEST(no_frame_is_sent_without_credit)
{
	credit.credits = 0;
	credit_open(WE_INITIATE, 1);
	app_send_bytes(100);
	quiet();
	credit_give(0, 1);
	ck_assert_uint_eq(lt_expect_pdu(credit.cid[0])->len, 64);
	quiet();
	credit_give(0, 1);
	ck_assert_uint_eq(lt_expect_pdu(credit.cid[0])->len, 38);
	lt_nothing();
}
END_TEST

START_TEST(the_peer_is_given_credits)
{
	uint32_t credits;

	lt.params.credits = 3;
	credit_open(WE_INITIATE, 1);
	ck_assert_uint_eq(credit.iut_credits, 3);
	credits = credit.iut_credits;
	for (size_t i = 1; i <= 30; i++) {
		ck_assert_uint_gt(credits, 0);
		credit_k(0, 20, 0, 20);
		app_received_bytes(i, 20);
		credits--;
		while (lt_has(CREDIT_IND)) {
			lt_expect(CREDIT_IND);
			ck_assert_uint_eq(lt.last.len, 4);
			ck_assert_uint_eq(lt_le16(&lt.last, 0), credit.iut[0]);
			ck_assert_uint_ge(lt_le16(&lt.last, 2), 1);
			credits += lt_le16(&lt.last, 2);
		}
		ck_assert_uint_le(credits, 0xffff);
	}
	lt_nothing();
}
END_TEST

START_TEST(too_many_credits_end_the_channel)
{
	credit.credits = 10;
	credit_open(false, 1);
	credit_give(0, 0xffff - 10);
	lt_nothing();
	credit_give(0, 1);
	credit_is_disconnected(0);
}
END_TEST

START_TEST(an_indication_of_no_credits_is_ignored)
{
	credit_open(false, 1);
	credit_give(0, 0);
	lt_nothing();
	ck_assert_uint_eq(APP->closed, 0);
	ck_assert_uint_eq(lt_info().tx_credits, 10);
}
END_TEST

START_TEST(a_frame_without_credit_ends_the_channel)
{
	lt.params.credits = 1;
	credit_open(false, 1);
	ck_assert_uint_eq(credit.iut_credits, 1);
	app_room(0);
	credit_k(0, 60, 0, 60);
	ck_assert(!lt_has(CREDIT_IND));
	credit_k(0, 60, 0, 60);
	credit_is_disconnected(0);
	ck_assert_uint_le(APP->rx_count, 1);
}
END_TEST

START_TEST(an_sdu_longer_than_our_mtu_ends_the_channel)
{
	credit_open(false, 1);
	credit_k(0, credit.iut_mtu + 1, 0, 62);
	credit_is_disconnected(0);
	ck_assert_uint_eq(APP->rx_count, 0);
}
END_TEST

START_TEST(a_frame_longer_than_our_mps_ends_the_channel)
{
	credit_open(false, 1);
	ck_assert_uint_eq(credit.iut_mps, 64);
	credit_k(0, 100, 0, 63);
	credit_is_disconnected(0);
	ck_assert_uint_eq(APP->rx_count, 0);
}
END_TEST

START_TEST(more_segments_than_the_sdu_has_end_the_channel)
{
	credit_open(false, 1);
	credit_k(0, 100, 0, 62);
	credit_k(0, -1, 62, 39);
	credit_is_disconnected(0);
	ck_assert_uint_eq(APP->rx_count, 0);
}
END_TEST

START_TEST(an_sdu_as_long_as_the_mps_takes_two_frames)
{
	credit_open(false, 1);
	credit_k(0, 64, 0, 62);
	credit_k(0, -1, 62, 2);
	app_received_bytes(1, 64);
	lt_forget();
	app_send_bytes(64);
	ck_assert_uint_eq(credit_expect_sdu(0, 64), 2);
	ck_assert_uint_eq(APP->closed, 0);
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("L2CAP/COS/ECFC/BV-05-C", "I",
	       an_sdu_longer_than_the_mps_is_segmented),
	TAGGED("L2CAP/COS/ECFC/BV-06-C", "A", a_segmented_sdu_is_reassembled),
	TAGGED("L2CAP/COS/ECFC/BV-07-C", "IA", two_channels_do_not_mix),
	TAGGED("L2CAP/COS/ECFC/BV-08-C", "A", an_sdu_in_one_frame_is_received),
	TAGGED("L2CAP/ECFC/BV-49-C", "IA", a_frame_is_sent_for_each_credit),
	TAGGED("L2CAP/ECFC/BV-49-C", "IA", no_frame_is_sent_without_credit),
	TAGGED("L2CAP/ECFC/BV-50-C", "IA", the_peer_is_given_credits),
	TAGGED("L2CAP/ECFC/BI-10-C", "A", too_many_credits_end_the_channel),
	TAGGED("L2CAP/ECFC/BI-10-C", "A",
	       an_indication_of_no_credits_is_ignored),
	TAGGED("L2CAP/ECFC/BI-11-C", "A",
	       a_frame_without_credit_ends_the_channel),
	TAGGED("L2CAP/ECFC/BV-76-C", "A",
	       an_sdu_longer_than_our_mtu_ends_the_channel),
	TAGGED("L2CAP/ECFC/BV-77-C", "A",
	       a_frame_longer_than_our_mps_ends_the_channel),
	TAGGED("L2CAP/ECFC/BV-78-C", "A",
	       more_segments_than_the_sdu_has_end_the_channel),
	TAGGED("L2CAP/ECFC/BV-81-C", "A",
	       an_sdu_as_long_as_the_mps_takes_two_frames),
};

const struct tagged_table ecfc_data_table = { rows, RT_ARRAY_SIZE(rows),
					      credit_setup, lt_teardown };
