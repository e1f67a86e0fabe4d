/* SPDX-License-Identifier: MIT */
#include "tests/conformance/l2cap/frames.h"
#include "tests/conformance/l2cap/tables.h"

/* The extended window (A:5.7): L2CAP/EWC. */

static void want_extended(void)
{
	lt_mode(RT_L2CAP_MODE_ERTM, true);
	lt.params.window = 200;
	lt.params.extended_window = true;
}

/* Frames both ways have a control field of four octets. */
static void talk(void)
{
	ck_assert(lt.extended);
	ck_assert(lt_info().extended);
	app_send("0102");
	expect_i(0, 0, UNSEGMENTED, "0102");
	lt_i(0, 1, UNSEGMENTED, "a1");
	app_received(1, "a1");
	expect_ack(1, 1900);
}

START_TEST(an_extended_window_is_offered)
{
	want_extended();
	lt_open(true);
	ck_assert(lt.want.has_window);
	ck_assert_uint_eq(lt.want.window, 200);
	talk();
	ck_assert_uint_eq(lt_info().rx_window, 200);
}
END_TEST

START_TEST(an_extended_window_is_accepted)
{
	want_extended();
	lt.window_option = 300;
	lt_open(false);
	ck_assert_uint_eq(lt_info().tx_window, 300);
	talk();
}
END_TEST

START_TEST(an_extended_window_is_not_offered_to_a_peer_without_the_feature)
{
	want_extended();
	lt.features = FEATURES_ALL & ~FEATURE_WINDOW;
	lt_open(true);
	ck_assert(!lt.want.has_window);
	ck_assert_uint_le(lt.want.tx_window, 63);
	ck_assert(!lt_info().extended);
	app_send("0102");
	expect_i(0, 0, UNSEGMENTED, "0102");
	lt_s(RR, 1, 0);
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("L2CAP/EWC/BV-01-C", "I", an_extended_window_is_offered),
	TAGGED("L2CAP/EWC/BV-02-C", "A", an_extended_window_is_accepted),
	TAGGED("L2CAP/EWC/BV-03-C", "I",
	       an_extended_window_is_not_offered_to_a_peer_without_the_feature),
};

const struct tagged_table ewc_table = LT_TABLE(rows);
