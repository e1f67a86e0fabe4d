/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "rfcomm/mcc.h"
#include "tests/unit/rfcomm/bench.h"

/*
 * Multiplexer commands that the peer sends, on a session that it opened.
 */

static struct user a, listener;

static void setup(void)
{
	a = (struct user){ .name = "a" };
	listener = (struct user){ .name = "listener" };
	bench_setup();
}

static const struct rt_rfcomm_stats *stats(void)
{
	return rt_rfcomm_get_stats(bench.rfcomm);
}

/* A UIH frame on DLCI 0 with `len` octets, in the shortest form. */
static size_t mux_frame(uint8_t *frame, const uint8_t *info, size_t len)
{
	size_t n = 0;

	frame[n++] = 0x03;
	frame[n++] = 0xef;
	frame[n++] = (uint8_t)(len << 1 | (len <= 127));
	if (len > 127)
		frame[n++] = (uint8_t)(len >> 7);
	memcpy(frame + n, info, len);
	n += len;
	frame[n] = 0x70;
	return n + 1;
}

static void rx_info(const uint8_t *info, size_t len)
{
	uint8_t frame[1100];
	const size_t n = mux_frame(frame, info, len);

	fake_rx(&bench.l2cap, bench.chan, rt_bytes(frame, n));
	rt_env_reap(bench.env);
}

/* RFCOMM/DEVA-DEVB/RFC/BV-11-C, RFC-06, RFC-07 */
START_TEST(test_of_any_length_comes_back)
{
	uint8_t info[MTU];
	uint8_t got[MTU];

	session_in();
	for (size_t len = 0; len <= MTU - 8; len++) {
		size_t n = 0;
		size_t head;

		info[n++] = 0x23;
		info[n++] = (uint8_t)(len << 1 | (len <= 127));
		if (len > 127)
			info[n++] = (uint8_t)(len >> 7);
		for (size_t i = 0; i < len; i++)
			info[n++] = (uint8_t)(i * 7 + len);
		rx_info(info, n);
		info[0] = 0x21;
		ck_assert_uint_gt(tx_take(got, sizeof(got)), n);
		head = n <= 127 ? 3 : 4;
		ck_assert_uint_eq(got[0], 0x01);
		ck_assert_mem_eq(got + head, info, n);
	}
	tx_nothing();
}
END_TEST

START_TEST(test_that_does_not_fit_on_the_way_back_is_not_answered)
{
	uint8_t info[200] = { 0x23, 80 << 1 | 1 };
	uint8_t got[200];

	ck_assert_int_eq(
		fake_incoming(&bench.l2cap, bench_addr(1), &bench.chan), 0);
	fake_open(&bench.l2cap, bench.chan, 48);
	rx("03 3F 01");
	tx("03 73 01");
	rx_info(info, 82);
	tx_nothing();
	/* 48 = address, control, length, 42 octets and FCS + type, length. */
	info[1] = 43 << 1 | 1;
	rx_info(info, 45);
	tx_nothing();
	info[1] = 42 << 1 | 1;
	rx_info(info, 44);
	ck_assert_uint_eq(tx_take(got, sizeof(got)), 47);
}
END_TEST

/* The peer has lowered its MTU while the session is open. */
START_TEST(what_does_not_fit_any_more_is_not_answered)
{
	uint8_t info[MTU] = { 0x23, 60 << 1 | 1 };

	session_in();
	fake_find(&bench.l2cap, bench.chan)->omtu = 48;
	rx_info(info, 62);
	rx("03 EF 0B 23 07 01 02 03");
	tx("01 EF 0B 21 07 01 02 03");
	tx_nothing();
}
END_TEST

START_TEST(a_length_of_two_octets_is_read_even_if_short)
{
	session_in();
	rx("03 EF 0D 23 06 00 01 02 03");
	tx("01 EF 0B 21 07 01 02 03");
}
END_TEST

START_TEST(several_commands_in_one_frame_are_all_answered)
{
	session_in();
	rx("03 EF 1F 23 03 41 A3 01 53 05 0B 03 FF 01 63 01 A3 01");
	tx("01 EF 07 21 03 41");
	tx("01 EF 05 A1 01");
	tx("01 EF 09 51 05 0B 03");
	tx("01 EF 07 11 03 FF");
	tx("01 EF 05 61 01");
	tx("01 EF 05 A1 01");
	tx_nothing();
	ck_assert_uint_eq(stats()->mcc_unsupported, 1);
	ck_assert_uint_eq(stats()->mcc_malformed, 0);
}
END_TEST

START_TEST(what_stands_before_a_malformed_command_is_answered)
{
	session_in();
	rx("03 EF 0D 23 03 41 23 05 42");
	tx("01 EF 07 21 03 41");
	rx("03 EF 09 23 03 41 23");
	tx("01 EF 07 21 03 41");
	/* What follows it is lost: nobody knows where it begins. */
	rx("03 EF 11 23 03 41 22 01 23 03 42");
	tx("01 EF 07 21 03 41");
	tx_nothing();
	ck_assert_uint_eq(stats()->mcc_malformed, 3);
}
END_TEST

/* RFCOMM/DEVA-DEVB/RFC/BV-13-C */
START_TEST(rls_is_answered_with_the_same_status)
{
	session_in();
	rx("03 EF 09 53 05 0B 09");
	tx("01 EF 09 51 05 0B 09");
	tx_nothing();
}
END_TEST

/* RFCOMM/DEVA-DEVB/RFC/BV-17-C */
START_TEST(rpn_takes_what_makes_sense)
{
	session_in();
	/* 115200 7E2, flow control by RTR, XON 0x28, XOFF 0xC8. */
	rx("03 EF 15 93 11 0B 07 1E 0C 28 C8 7F 3F");
	tx("01 EF 15 91 11 0B 07 1E 0C 28 C8 7F 3F");
	/* A baud rate that there is not. */
	rx("03 EF 15 93 11 0B 09 03 00 11 13 7F 3F");
	tx("01 EF 15 91 11 0B 03 03 00 11 13 7E 3F");
	/* Bits that mean nothing are not accepted. */
	rx("03 EF 15 93 11 0B 03 03 00 11 13 FF FF");
	tx("01 EF 15 91 11 0B 03 03 00 11 13 7F 3F");
	/* Only the baud rate is asked for. */
	rx("03 EF 15 93 11 0B 08 FF FF FF FF 01 00");
	tx("01 EF 15 91 11 0B 08 03 00 11 13 01 00");
}
END_TEST

/* RFCOMM/DEVA-DEVB/RFC/BV-19-C, X-RFCOMM/RFC/BV-34 */
START_TEST(an_rpn_query_is_answered_with_the_defaults)
{
	session_in();
	rx("03 EF 07 93 03 0B");
	tx("01 EF 15 91 11 0B 03 03 00 11 13 7F 3F");
}
END_TEST

START_TEST(settings_are_kept_for_a_dlc)
{
	listen_on(&listener, &a, 1, 0);
	session_in();
	dlc_in(1, 0);
	told(&listener, "incoming");
	told(&a, "opened");
	rx("03 EF 15 93 11 0B 07 1E 0C 28 C8 7F 3F");
	ck_assert_uint_eq(tx_discard(), 1);
	rx("03 EF 15 93 11 0B 00 FD 00 00 00 02 00");
	tx("01 EF 15 91 11 0B 07 1D 0C 28 C8 02 00");
	rx("03 EF 07 93 03 0B");
	tx("01 EF 15 91 11 0B 07 1D 0C 28 C8 7F 3F");
	/* Of another there are none. */
	rx("03 EF 07 93 03 13");
	tx("01 EF 15 91 11 13 03 03 00 11 13 7F 3F");
}
END_TEST

/* RFCOMM/DEVA-DEVB/RFC/BV-25-C */
START_TEST(a_type_we_do_not_know_gets_nsc_with_its_octet)
{
	static const char *const known = "PN MSC RPN RLS TEST FCON FCOFF CLD";

	session_in();
	for (unsigned int type = 0; type < 64; type++) {
		const struct rt_codec_msg *msg =
			rt_codec_find(&rt_rfcomm_mcc_table, (uint16_t)type);
		char hex[64];

		if (msg &&
		    (strstr(known, msg->name) || type == RT_RFCOMM_MCC_NSC))
			continue;
		snprintf(hex, sizeof(hex), "03 EF 05 %02X 01", type << 2 | 3);
		rx(hex);
		snprintf(hex, sizeof(hex), "01 EF 07 11 03 %02X",
			 type << 2 | 3);
		tx(hex);
		/* A response that we do not know gets nothing. */
		snprintf(hex, sizeof(hex), "03 EF 05 %02X 01", type << 2 | 1);
		rx(hex);
		tx_nothing();
	}
	ck_assert_uint_eq(stats()->mcc_unsupported, 64 - 9);
	ck_assert_uint_eq(stats()->frames_unexpected, 64 - 9);
}
END_TEST

START_TEST(a_type_of_two_octets_is_malformed)
{
	session_in();
	for (unsigned int octet = 0; octet < 256; octet += 2) {
		char hex[64];

		snprintf(hex, sizeof(hex), "03 EF 05 %02X 01", octet);
		rx(hex);
		tx_nothing();
	}
	ck_assert_uint_eq(stats()->mcc_malformed, 128);
}
END_TEST

/* RFC-02: each type octet with each length, whole and cut short. */
START_TEST(every_type_with_every_length_is_answered_once_or_not_at_all)
{
	static const struct {
		uint8_t octet;
		size_t least, most;
	} rows[] = {
		{ 0x83, 8, 8 }, { 0xe3, 2, 3 },	 { 0x93, 8, 8 }, { 0x93, 1, 1 },
		{ 0x53, 2, 2 }, { 0x23, 0, 11 }, { 0xa3, 0, 0 }, { 0x63, 0, 0 },
	};
	uint8_t info[64];

	session_in();
	for (unsigned int octet = 1; octet < 256; octet += 2) {
		for (size_t len = 0; len <= 11; len++) {
			bool fits = false;
			uint32_t malformed = stats()->mcc_malformed;
			size_t answers;

			/* CLD closes the session: closing.c. */
			if (octet == 0xc3 && len == 0)
				continue;
			for (size_t i = 0; i < RT_ARRAY_SIZE(rows); i++)
				fits |= rows[i].octet == octet &&
					len >= rows[i].least &&
					len <= rows[i].most;
			memset(info, 0x0b, sizeof(info));
			info[0] = (uint8_t)octet;
			info[1] = (uint8_t)(len << 1 | 1);
			rx_info(info, 2 + len);
			answers = tx_discard();
			ck_assert_uint_le(answers, 1);
			malformed = stats()->mcc_malformed - malformed;
			ck_assert_uint_le(malformed + answers, 1);
			/* MSC of a DLC that there is not is not answered. */
			if (fits && octet != 0xe3)
				ck_assert_uint_eq(answers, 1);
			/* Cut short, and longer than the frame. */
			for (size_t cut = 0; cut < 2 + len; cut++) {
				rx_info(info, cut);
				ck_assert_uint_eq(tx_discard(), 0);
			}
		}
	}
}
END_TEST

START_TEST(an_empty_frame_is_malformed)
{
	session_in();
	rx("03 EF 01");
	ck_assert_uint_eq(stats()->mcc_malformed, 1);
	tx_nothing();
}
END_TEST

START_TEST(dlcis_that_are_none_are_malformed)
{
	static const char *const frames[] = {
		"03 EF 09 E3 05 03 8D", /* 0 */
		"03 EF 09 E3 05 07 8D", /* 1 */
		"03 EF 09 E3 05 FB 8D", /* 62 */
		"03 EF 09 E3 05 FF 8D", /* 63 */
		"03 EF 09 E3 05 0A 8D", /* EA is 0 */
		"03 EF 09 53 05 03 00",
		"03 EF 07 93 03 03",
		"03 EF 15 93 11 03 03 03 00 11 13 7F 3F",
		"03 EF 15 83 11 00 F0 07 00 F3 03 00 07",
	};

	session_in();
	for (size_t i = 0; i < RT_ARRAY_SIZE(frames); i++) {
		rx(frames[i]);
		tx_nothing();
		ck_assert_uint_eq(stats()->mcc_malformed, i + 1);
	}
}
END_TEST

START_TEST(msc_for_a_dlc_that_there_is_not_is_counted)
{
	session_in();
	rx("03 EF 09 E3 05 0B 8D");
	rx("03 EF 09 E1 05 0B 8D");
	tx_nothing();
	ck_assert_uint_eq(stats()->frames_unexpected, 2);
}
END_TEST

START_TEST(msc_comes_back_as_it_was_with_and_without_break)
{
	listen_on(&listener, &a, 1, 0);
	session_in();
	dlc_in(1, 0);
	told(&listener, "incoming");
	told(&a, "opened");
	rx("03 EF 09 E3 05 0B 4D");
	tx("01 EF 09 E1 05 0B 4D");
	rx("03 EF 0B E3 07 0B 8C 23");
	tx("01 EF 0B E1 07 0B 8C 23");
	rx("03 EF 0D E3 09 0B 8C 22 01");
	tx_nothing();
	ck_assert_uint_eq(stats()->mcc_malformed, 1);
}
END_TEST

START_TEST(responses_to_what_we_do_not_send_are_counted)
{
	session_in();
	rx("03 EF 0B 21 07 01 02 03");
	rx("03 EF 05 A1 01");
	rx("03 EF 05 61 01");
	rx("03 EF 09 51 05 0B 00");
	rx("03 EF 15 91 11 0B 03 03 00 11 13 7F 3F");
	rx("03 EF 05 C1 01");
	rx("03 EF 07 11 03 83");
	rx("03 EF 07 13 03 83");
	tx_nothing();
	ck_assert_uint_eq(stats()->frames_unexpected, 8);
	rx("03 EF 05 11 01");
	rx("03 EF 07 11 05 83 00");
	ck_assert_uint_eq(stats()->mcc_malformed, 1);
	ck_assert_uint_eq(stats()->frames_malformed, 1);
}
END_TEST

START_TEST(replies_are_limited)
{
	const uint32_t limit = rt_limits_default.mcc_replies;

	session_in();
	for (uint32_t i = 0; i < limit; i++)
		rx("03 EF 07 23 03 41");
	ck_assert_uint_eq(tx_discard(), limit);
	for (uint32_t i = 0; i < limit + 1; i++)
		rx("03 EF 07 23 03 41");
	ck_assert_uint_eq(tx_discard(), limit);
	for (uint32_t i = 0; i < 100 * limit; i++)
		rx("03 EF 07 23 03 41");
	ck_assert_uint_eq(tx_discard(), limit);
}
END_TEST

START_TEST(dm_and_ua_are_limited)
{
	const uint32_t limit = 2 * rt_limits_default.dlcs_session + 1;

	session_in();
	for (uint32_t i = 0; i < limit; i++)
		rx("0B 53 01");
	ck_assert_uint_eq(tx_discard(), limit);
	for (uint32_t i = 0; i < limit + 1; i++)
		rx("0B EF 03 41");
	ck_assert_uint_eq(tx_discard(), limit);
}
END_TEST

/* A peer that opens and closes, and takes nothing from us. */
START_TEST(our_own_requests_are_limited)
{
	const uint32_t limit = 9 * rt_limits_default.dlcs_session + 8;
	size_t sent;

	listen_on(&listener, &a, 1, 0);
	a.quiet = true;
	session_in();
	for (uint32_t i = 0; i < 3 * limit; i++) {
		rx("0B 3F 01");
		rx("0B 53 01");
		bench_step();
		listener.log[0] = '\0';
		a.log[0] = '\0';
	}
	sent = tx_discard();
	ck_assert_uint_eq(sent, limit + 2 * rt_limits_default.dlcs_session + 1);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_of_any_length_comes_back,
		test_that_does_not_fit_on_the_way_back_is_not_answered,
		what_does_not_fit_any_more_is_not_answered,
		a_length_of_two_octets_is_read_even_if_short,
		several_commands_in_one_frame_are_all_answered,
		what_stands_before_a_malformed_command_is_answered,
		rls_is_answered_with_the_same_status,
		rpn_takes_what_makes_sense,
		an_rpn_query_is_answered_with_the_defaults,
		settings_are_kept_for_a_dlc,
		a_type_we_do_not_know_gets_nsc_with_its_octet,
		a_type_of_two_octets_is_malformed,
		every_type_with_every_length_is_answered_once_or_not_at_all,
		an_empty_frame_is_malformed,
		dlcis_that_are_none_are_malformed,
		msc_for_a_dlc_that_there_is_not_is_counted,
		msc_comes_back_as_it_was_with_and_without_break,
		responses_to_what_we_do_not_send_are_counted,
		replies_are_limited,
		dm_and_ua_are_limited,
		our_own_requests_are_limited,
	};

	return suite_run("mux", tests, RT_ARRAY_SIZE(tests), setup,
			 bench_teardown);
}
