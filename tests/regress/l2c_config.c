/* SPDX-License-Identifier: MIT */
#include "tests/conformance/l2cap/frames.h"
#include "tests/regress/l2cap_tables.h"

/* L2C-05 to L2C-07: configuration without end, again, and of nothing. */

#define ROUNDS_MAX 8

/* Counts rounds until we disconnect; a thousand are offered. */
static void rounds_end(const char *options, unsigned int limit)
{
	unsigned int rounds = 0;

	lt_connect(false);
	lt_expect_conf_req();
	for (unsigned int i = 0; i < 1000 && !lt_has(DISC_REQ); i++) {
		lt_ask(CONF_REQ, "%04x 0000 %s", LE(lt.iut), options);
		if (lt_has(CONF_RSP)) {
			lt_expect(CONF_RSP);
			rounds++;
		}
	}
	ck_assert_uint_ge(rounds, 2);
	ck_assert_uint_le(rounds, limit);
	lt_is_gone();
	ck_assert_uint_eq(APP->opened, 0);
}

START_TEST(requests_that_never_agree_end_the_channel)
{
	rounds_end("0102 0100", ROUNDS_MAX);
}
END_TEST

START_TEST(requests_with_unknown_options_end_the_channel)
{
	/* Ten have to be borne: L2CAP/COS/CFD/BV-14-C. */
	rounds_end("7702 0100", 2 * ROUNDS_MAX);
}
END_TEST

START_TEST(responses_that_never_agree_end_the_channel)
{
	unsigned int rounds = 0;

	lt_connect(false);
	while (!lt_has(DISC_REQ)) {
		lt_expect_conf_req();
		ck_assert_uint_lt(rounds++, 1000);
		lt_answer(1, "0102 %04x", LE(100 + rounds));
	}
	ck_assert_uint_le(rounds, ROUNDS_MAX + 1);
	lt_is_gone();
}
END_TEST

START_TEST(parts_without_end_end_the_channel)
{
	lt_connect(false);
	lt_expect_conf_req();
	for (unsigned int i = 0; i < 1000 && !lt_has(DISC_REQ); i++)
		lt_ask(CONF_REQ, "%04x 0100 0102 0002", LE(lt.iut));
	lt_wait(120000);
	ck_assert_uint_eq(APP->closed, 1);
	lt_forget();
	lt_ping();
}
END_TEST

START_TEST(an_open_basic_channel_is_configured_anew)
{
	lt_open(WE_INITIATE);
	lt_configure("0102 0001");
	ck_assert_uint_eq(lt.result, 0);
	if (lt_has(CONF_REQ)) {
		lt_expect_conf_req();
		lt_agree();
	}
	ck_assert_uint_eq(APP->opened, 1);
	ck_assert_uint_eq(lt_info().omtu, 0x100);
	app_send_bytes(0x100);
	ck_assert_uint_eq(lt_expect_pdu(lt.cid)->len, 0x100);
	lt_raw(lt.iut, "a1");
	app_received(1, "a1");
}
END_TEST

/* What is not said again stays as it was agreed (A:4.4). */
START_TEST(an_open_ertm_channel_is_configured_anew)
{
	lt_mode(RT_L2CAP_MODE_ERTM, true);
	lt_open(WE_INITIATE);
	lt_configure("0102 0001");
	ck_assert_uint_eq(lt.result, 0);
	if (lt_has(CONF_REQ)) {
		lt_expect_conf_req();
		lt_agree();
	}
	lt_is_open(RT_L2CAP_MODE_ERTM);
	ck_assert_uint_eq(lt_info().omtu, 0x100);
	app_send("01");
	expect_i(0, 0, UNSEGMENTED, "01");
	lt_i(0, 1, UNSEGMENTED, "a1");
	app_received(1, "a1");
}
END_TEST

/* An SDU of each side gets there, or the channel is closed in order. */
static void works_or_is_gone(void)
{
	lt_wait(100);
	if (lt_has(CONF_REQ)) {
		lt_expect_conf_req();
		lt_agree();
	}
	if (lt_has(DISC_REQ)) {
		lt_is_gone();
		return;
	}
	lt_wait(60000);
	if (APP->closed) {
		lt_forget();
		lt_ping();
		return;
	}
	ck_assert_uint_eq(APP->opened, 1);
	lt_forget();
	lt_ping();
}

/* An RFC option with one field as given; the others are sensible. */
static void reconfigure_with(unsigned int field, unsigned int value)
{
	unsigned int f[6] = { 3, 8, 3, 0, 0, 100 };

	f[field] = value;
	lt_ask(CONF_REQ, "%04x 0000 0409 %02x%02x%02x %04x %04x %04x",
	       LE(lt.iut), f[0], f[1], f[2], LE(f[3]), LE(f[4]), LE(f[5]));
}

/* Each field least and most, on an open channel that has data under way. */
static void every_field(enum rt_l2cap_mode mode, bool we_initiate)
{
	for (unsigned int i = 0; i < 12; i++) {
		const unsigned int most = i / 2 < 3 ? 0xff : 0xffff;

		lt_mode(mode, true);
		lt_open(we_initiate);
		for (unsigned int k = 0; k < 12; k++)
			app_send_bytes(200);
		lt_i(0, 0, START, "0400 a1a2");
		lt_forget();
		reconfigure_with(i / 2, i % 2 ? most : 0);
		works_or_is_gone();
		lt_teardown();
		lt_setup();
	}
}

START_TEST(an_open_ertm_channel_survives_any_mode_option)
{
	every_field(RT_L2CAP_MODE_ERTM, WE_INITIATE);
}
END_TEST

START_TEST(an_open_streaming_channel_survives_any_mode_option)
{
	every_field(RT_L2CAP_MODE_STREAMING, WE_INITIATE);
}
END_TEST

START_TEST(a_channel_being_configured_survives_any_mode_option)
{
	for (unsigned int i = 0; i < 12; i++) {
		const unsigned int most = i / 2 < 3 ? 0xff : 0xffff;

		lt_mode(RT_L2CAP_MODE_ERTM, true);
		lt_connect(WE_INITIATE);
		lt_expect_conf_req();
		lt_agree();
		reconfigure_with(i / 2, i % 2 ? most : 0);
		if (APP->opened) {
			ck_assert_uint_ge(lt_info().tx_window, 1);
			ck_assert_uint_ge(lt_info().tx_mps, 1);
			app_send_bytes(200);
		}
		lt_forget();
		lt_wait(120000);
		lt_forget();
		lt_ping();
		lt_teardown();
		lt_setup();
	}
}
END_TEST

/* Is a transmit window of ours of this size agreed to? */
static bool window_is_agreed(unsigned int window, int extended)
{
	bool agreed;

	lt_mode(RT_L2CAP_MODE_ERTM, true);
	lt.params.extended_window = extended >= 0;
	lt.params.window = extended >= 0 ? 100 : 0;
	lt_connect(false);
	lt_expect_conf_req();
	lt_agree();
	if (extended >= 0)
		lt_configure("0409 03 %02x 03 0000 0000 6400 0702 %04x", window,
			     LE((unsigned int)extended));
	else
		lt_configure("0409 03 %02x 03 0000 0000 6400", window);
	agreed = lt.result == 0;
	if (agreed) {
		ck_assert_uint_eq(APP->opened, 1);
		ck_assert_uint_ge(lt_info().tx_window, 1);
	} else {
		ck_assert_uint_eq(APP->opened, 0);
	}
	lt_forget();
	lt_teardown();
	lt_setup();
	return agreed;
}

START_TEST(a_window_that_cannot_be_is_refused)
{
	for (unsigned int window = 0; window <= 0xff; window++)
		ck_assert_msg(window_is_agreed(window, -1) ==
				      (window >= 1 && window <= 63),
			      "a window of %u", window);
	ck_assert(!window_is_agreed(63, 0));
	ck_assert(window_is_agreed(63, 1));
	ck_assert(window_is_agreed(63, 0x3fff));
	ck_assert(!window_is_agreed(63, 0x4000));
	ck_assert(!window_is_agreed(63, 0xffff));
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("L2C-05", "A", requests_that_never_agree_end_the_channel),
	TAGGED("L2C-05", "A", requests_with_unknown_options_end_the_channel),
	TAGGED("L2C-05", "A", responses_that_never_agree_end_the_channel),
	TAGGED("L2C-05", "A", parts_without_end_end_the_channel),
	TAGGED("L2C-06", "IA", an_open_basic_channel_is_configured_anew),
	TAGGED("L2C-06", "IA", an_open_ertm_channel_is_configured_anew),
	TAGGED("L2C-06", "IA", an_open_ertm_channel_survives_any_mode_option),
	TAGGED("L2C-06", "IA",
	       an_open_streaming_channel_survives_any_mode_option),
	TAGGED("L2C-06", "IA",
	       a_channel_being_configured_survives_any_mode_option),
	TAGGED("L2C-07", "A", a_window_that_cannot_be_is_refused),
};

const struct tagged_table l2c_config_table = L2CAP_TABLE(rows);
