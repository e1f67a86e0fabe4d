/* SPDX-License-Identifier: MIT */
#include "tests/conformance/l2cap/frames.h"
#include "tests/conformance/l2cap/tables.h"

/* Frames with and without a frame check sequence: L2CAP/OFS. */

static void open_in(enum rt_l2cap_mode mode, bool fcs, bool we_initiate)
{
	lt_mode(mode, true);
	lt.params.fcs = fcs ? RT_L2CAP_FCS_16BIT : RT_L2CAP_FCS_NONE;
	lt.fcs_option = fcs;
	lt_open(we_initiate);
	ck_assert_int_eq(lt.fcs, fcs);
}

/* Three I-frames of ours; in ERTM they are acknowledged. */
static void sends(enum rt_l2cap_mode mode)
{
	app_send("0102030405");
	expect_i(0, 0, UNSEGMENTED, "0102030405");
	app_send("060708");
	expect_i(1, 0, UNSEGMENTED, "060708");
	app_send("09");
	expect_i(2, 0, UNSEGMENTED, "09");
	if (mode == RT_L2CAP_MODE_ERTM)
		lt_s(RR, 3, 0);
	lt_quiet(60000);
}

static void receives(enum rt_l2cap_mode mode)
{
	lt_i(0, 0, UNSEGMENTED, "0102030405");
	app_received(1, "0102030405");
	lt_i(1, 0, UNSEGMENTED, "0607");
	app_received(2, "0607");
	if (mode == RT_L2CAP_MODE_ERTM)
		expect_ack(2, 1900);
	lt_quiet(60000);
}

START_TEST(ertm_sends_without)
{
	open_in(RT_L2CAP_MODE_ERTM, false, WE_INITIATE);
	sends(RT_L2CAP_MODE_ERTM);
}
END_TEST

START_TEST(ertm_receives_without)
{
	open_in(RT_L2CAP_MODE_ERTM, false, WE_INITIATE);
	receives(RT_L2CAP_MODE_ERTM);
}
END_TEST

START_TEST(streaming_sends_without)
{
	open_in(RT_L2CAP_MODE_STREAMING, false, WE_INITIATE);
	sends(RT_L2CAP_MODE_STREAMING);
}
END_TEST

START_TEST(streaming_receives_without)
{
	open_in(RT_L2CAP_MODE_STREAMING, false, WE_INITIATE);
	receives(RT_L2CAP_MODE_STREAMING);
}
END_TEST

START_TEST(ertm_sends_with)
{
	open_in(RT_L2CAP_MODE_ERTM, true, WE_INITIATE);
	sends(RT_L2CAP_MODE_ERTM);
}
END_TEST

START_TEST(ertm_receives_with)
{
	open_in(RT_L2CAP_MODE_ERTM, true, WE_INITIATE);
	receives(RT_L2CAP_MODE_ERTM);
}
END_TEST

START_TEST(streaming_sends_with)
{
	open_in(RT_L2CAP_MODE_STREAMING, true, WE_INITIATE);
	sends(RT_L2CAP_MODE_STREAMING);
}
END_TEST

START_TEST(streaming_receives_with)
{
	open_in(RT_L2CAP_MODE_STREAMING, true, WE_INITIATE);
	receives(RT_L2CAP_MODE_STREAMING);
}
END_TEST

/* A frame whose FCS is wrong is dropped as if it had been lost. */
START_TEST(a_wrong_fcs_drops_the_frame)
{
	open_in(RT_L2CAP_MODE_ERTM, true, WE_INITIATE);
	lt_raw(lt.iut, "0000 0102 0000");
	lt_quiet(1900);
	ck_assert_uint_eq(APP->rx_count, 0);
	ck_assert_uint_eq(lt_info().rx_bad_fcs, 1);
	lt_i(0, 0, UNSEGMENTED, "0102");
	app_received(1, "0102");
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("L2CAP/OFS/BV-01-C", "IA", ertm_sends_without),
	TAGGED("L2CAP/OFS/BV-02-C", "IA", ertm_receives_without),
	TAGGED("L2CAP/OFS/BV-03-C", "IA", streaming_sends_without),
	TAGGED("L2CAP/OFS/BV-04-C", "IA", streaming_receives_without),
	TAGGED("L2CAP/OFS/BV-05-C", "IA", ertm_sends_with),
	TAGGED("L2CAP/OFS/BV-06-C", "IA", ertm_receives_with),
	TAGGED("L2CAP/OFS/BV-06-C", "IA", a_wrong_fcs_drops_the_frame),
	TAGGED("L2CAP/OFS/BV-07-C", "IA", streaming_sends_with),
	TAGGED("L2CAP/OFS/BV-08-C", "IA", streaming_receives_with),
};

const struct tagged_table ofs_table = LT_TABLE(rows);
