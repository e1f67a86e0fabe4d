/* SPDX-License-Identifier: MIT */
#include "tests/conformance/l2cap/frames.h"
#include "tests/conformance/l2cap/tables.h"

/*
 * What is agreed about the frame check sequence (A:5.5): L2CAP/FOC. It is left
 * out only if both sides say so; lt_open() knows that, and every frame that is
 * read or written then is held to it.
 */

enum option {
	OMITTED = -1,
	NONE = 0,
	CRC_16 = 1,
};

static void open_with(enum rt_l2cap_fcs ours, enum option theirs,
		      bool we_initiate)
{
	lt_mode(RT_L2CAP_MODE_ERTM, true);
	lt.params.fcs = ours;
	lt.fcs_option = theirs;
	lt_open(we_initiate);
	ck_assert_int_eq(lt.want.has_fcs ? lt.want.fcs : -1,
			 ours == RT_L2CAP_FCS_OMIT   ? OMITTED
			 : ours == RT_L2CAP_FCS_NONE ? NONE
						     : CRC_16);
	ck_assert_int_eq(lt_info().fcs, lt.fcs);
	app_send("010203");
	expect_i(0, 0, UNSEGMENTED, "010203");
	lt_i(0, 1, UNSEGMENTED, "a1a2");
	app_received(1, "a1a2");
}

START_TEST(none_and_none_is_none)
{
	open_with(RT_L2CAP_FCS_NONE, NONE, true);
	ck_assert(!lt.fcs);
}
END_TEST

START_TEST(none_and_16_bit_is_16_bit)
{
	open_with(RT_L2CAP_FCS_NONE, CRC_16, true);
	ck_assert(lt.fcs);
}
END_TEST

START_TEST(none_and_omitted_is_16_bit)
{
	open_with(RT_L2CAP_FCS_NONE, OMITTED, true);
	ck_assert(lt.fcs);
}
END_TEST

/* The loop is over what the tester says. */
static void whatever_the_tester_says(enum rt_l2cap_fcs ours, bool we_initiate)
{
	for (int theirs = OMITTED; theirs <= CRC_16; theirs++) {
		open_with(ours, (enum option)theirs, we_initiate);
		ck_assert(lt.fcs ==
			  !(ours == RT_L2CAP_FCS_NONE && theirs == NONE));
		lt_teardown();
		lt_setup();
	}
}

START_TEST(sixteen_bits_said_are_16_bits_in_every_round)
{
	whatever_the_tester_says(RT_L2CAP_FCS_16BIT, true);
}
END_TEST

START_TEST(an_acceptor_that_wants_none_follows_the_tester)
{
	whatever_the_tester_says(RT_L2CAP_FCS_NONE, false);
}
END_TEST

START_TEST(nothing_said_is_16_bits)
{
	whatever_the_tester_says(RT_L2CAP_FCS_OMIT, true);
}
END_TEST

START_TEST(sixteen_bits_said_by_an_acceptor_are_16_bits)
{
	whatever_the_tester_says(RT_L2CAP_FCS_16BIT, false);
}
END_TEST

START_TEST(nothing_said_by_an_acceptor_is_16_bits)
{
	whatever_the_tester_says(RT_L2CAP_FCS_OMIT, false);
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("L2CAP/FOC/BV-01-C", "I", none_and_none_is_none),
	TAGGED("L2CAP/FOC/BV-02-C", "I", none_and_16_bit_is_16_bit),
	TAGGED("L2CAP/FOC/BV-03-C", "I", none_and_omitted_is_16_bit),
	TAGGED("L2CAP/FOC/BV-04-C", "I",
	       sixteen_bits_said_are_16_bits_in_every_round),
	TAGGED("L2CAP/FOC/BV-05-C", "A",
	       an_acceptor_that_wants_none_follows_the_tester),
	TAGGED("L2CAP/FOC/BV-06-C", "I", nothing_said_is_16_bits),
	TAGGED("L2CAP/FOC/BV-07-C", "A",
	       sixteen_bits_said_by_an_acceptor_are_16_bits),
	TAGGED("L2CAP/FOC/BV-08-C", "A",
	       nothing_said_by_an_acceptor_is_16_bits),
};

const struct tagged_table foc_table = LT_TABLE(rows);
