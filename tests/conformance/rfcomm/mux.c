/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "rfcomm/mcc.h"
#include "tests/conformance/rfcomm/script.h"
#include "tests/conformance/rfcomm/tables.h"

/*
 * Multiplexer commands, answered and sent (T:5.4.6.3, R:4.3, R:5.5).
 */

static const struct rt_rfcomm_line fast = {
	.baud = 7,    /* 115200 */
	.bits = 0x1e, /* 7E2 */
	.flow = RT_RFCOMM_LINE_RTR_IN | RT_RFCOMM_LINE_RTR_OUT,
	.xon = 0x28,
	.xoff = 0xc8,
};

/* RFCOMM/DEVA-DEVB/RFC/BV-09-C: every signal, with and without a break. */
START_TEST(modem_status_is_exchanged_and_answered)
{
	const struct rt_rfcomm_modem modem = {
		.signals = RT_RFCOMM_RTC | RT_RFCOMM_IC,
		.has_break = true,
		.break_units = 5,
	};
	char what[64];

	open_port(WE_INITIATE);
	for (unsigned int i = 0; i < 64; i++) {
		const unsigned int signals = (i & 15) << 2 | (i >> 4) << 6 | 1;

		snprintf(what, sizeof(what), "MCC E3 05 0B %02X", signals);
		peer(what);
		memcpy(strstr(what, "E3"), "E1", 2);
		we(what);
		ck_assert_uint_eq(script.modem.signals, signals & 0xcc);
	}
	peer("MCC E3 07 0B 8D 53");
	we("MCC E1 07 0B 8D 53");
	ck_assert(script.modem.has_break);
	ck_assert_uint_eq(script.modem.break_units, 5);

	ck_assert_int_eq(
		rt_rfcomm_set_modem(bench.rfcomm, script.a.dlc, &modem), 0);
	we("MCC E3 07 0B 45 53");
	tx_nothing();
	peer("MCC E1 07 0B 45 53");
	works();
}
END_TEST

/* RFCOMM/DEVA-DEVB/RFC/BV-11-C: from none to all that fits into a frame. */
START_TEST(test_comes_back_octet_by_octet)
{
	static char command[3 * MTU];
	static char response[3 * MTU];

	open_dlc(WE_INITIATE, 4 * N1, 7);
	for (size_t len = 0; len <= MTU - 8; len += len < 130 ? 1 : 97) {
		size_t n =
			(size_t)(len <= 127
					 ? sprintf(command, "MCC 23 %02zX",
						   len << 1 | 1)
					 : sprintf(command,
						   "MCC 23 %02zX %02zX",
						   len << 1 & 255, len >> 7));

		for (size_t i = 0; i < len; i++)
			n += (size_t)sprintf(command + n, "%02X",
					     (unsigned int)(i * 7 + len) & 255);
		strcpy(response, command);
		memcpy(strstr(response, "23"), "21", 2);
		peer(command);
		we(response);
		tx_nothing();
	}
	works();
}
END_TEST

/* RFCOMM/DEVA-DEVB/RFC/BV-12-C */
START_TEST(fcoff_stops_our_data_and_fcon_lets_it_go_on)
{
	open_dlc(WE_INITIATE, 4 * N1, 7);
	peer("MCC 63 01");
	we("MCC 61 01");
	write_out(&script.a, "ab", 2);
	tx_nothing();
	/* The multiplexer itself goes on. */
	peer("MCC 23 03 41");
	we("MCC 21 03 41");
	tx_nothing();
	peer("MCC A3 01");
	we("MCC A1 01");
	we("UIH 2 61 62");
	told(&script.a, "written:2");
	works();
}
END_TEST

/* RFCOMM/DEVA-DEVB/RFC/BV-13-C */
START_TEST(rls_is_answered_with_the_same_status)
{
	char what[64];

	open_port(WE_INITIATE);
	for (unsigned int status = 0; status < 16; status++) {
		snprintf(what, sizeof(what), "MCC 53 05 0B %02X", status);
		peer(what);
		memcpy(strstr(what, "53"), "51", 2);
		we(what);
		tx_nothing();
	}
	ck_assert_uint_gt(script.statuses, 0);
	ck_assert_uint_eq(script.status, 0x0f);
	works();
}
END_TEST

/* RFCOMM/DEVA-DEVB/RFC/BV-14-C */
START_TEST(a_framing_error_is_reported_by_rls)
{
	open_port(WE_INITIATE);
	ck_assert_int_eq(rt_rfcomm_send_line_status(
				 bench.rfcomm, script.a.dlc,
				 RT_RFCOMM_RLS_ERROR | RT_RFCOMM_RLS_FRAMING),
			 0);
	we("MCC 53 05 0B 09");
	tx_nothing();
	peer("MCC 51 05 0B 09");
	/* The next one may go. */
	ck_assert_int_eq(rt_rfcomm_send_line_status(
				 bench.rfcomm, script.a.dlc,
				 RT_RFCOMM_RLS_ERROR | RT_RFCOMM_RLS_OVERRUN),
			 0);
	we("MCC 53 05 0B 03");
	peer("MCC 51 05 0B 03");
	works();
}
END_TEST

/* RFCOMM/DEVA-DEVB/RFC/BV-17-C: XON 0x28 and XOFF 0xC8 are fine. */
START_TEST(rpn_is_answered_with_what_is_accepted)
{
	open_port(WE_INITIATE);
	peer("MCC 93 11 0B 07 1E 0C 28 C8 7F 3F");
	we("MCC 91 11 0B 07 1E 0C 28 C8 7F 3F");
	ck_assert_uint_eq(script.lines, 1);
	ck_assert_mem_eq(&script.line, &fast, sizeof(fast));
	/* No such baud rate: the bit of it is 0, the old one stands. */
	peer("MCC 93 11 0B 09 03 00 11 13 7F 3F");
	we("MCC 91 11 0B 07 03 00 11 13 7E 3F");
	works();
}
END_TEST

/* RFCOMM/DEVA-DEVB/RFC/BV-18-C */
START_TEST(settings_of_the_line_are_proposed_by_rpn)
{
	open_port(WE_INITIATE);
	ck_assert_int_eq(rt_rfcomm_set_line(bench.rfcomm, script.a.dlc, &fast),
			 0);
	we("MCC 93 11 0B 07 1E 0C 28 C8 7F 3F");
	tx_nothing();
	ck_assert_uint_eq(script.answers, 0);
	peer("MCC 91 11 0B 07 1E 0C 28 C8 7F 3F");
	ck_assert_uint_eq(script.answers, 1);
	ck_assert_int_eq(script.answer_err, 0);
	ck_assert_mem_eq(&script.line, &fast, sizeof(fast));
	works();
}
END_TEST

/* RFCOMM/DEVA-DEVB/RFC/BV-19-C */
START_TEST(an_rpn_query_is_answered_with_the_settings)
{
	open_port(WE_INITIATE);
	peer("MCC 93 03 0B");
	we("MCC 91 11 0B 03 03 00 11 13 7F 3F");
	peer("MCC 93 11 0B 07 1E 0C 28 C8 7F 3F");
	we("MCC 91 11 0B 07 1E 0C 28 C8 7F 3F");
	peer("MCC 93 03 0B");
	we("MCC 91 11 0B 07 1E 0C 28 C8 7F 3F");
	tx_nothing();
	works();
}
END_TEST

/* RFCOMM/DEVA-DEVB/RFC/BV-20-C */
START_TEST(the_peers_settings_are_asked_for_by_rpn)
{
	open_port(WE_INITIATE);
	ck_assert_int_eq(rt_rfcomm_query_line(bench.rfcomm, script.a.dlc), 0);
	we("MCC 93 03 0B");
	tx_nothing();
	peer("MCC 91 11 0B 07 1E 0C 28 C8 7F 3F");
	ck_assert_uint_eq(script.answers, 1);
	ck_assert_int_eq(script.answer_err, 0);
	ck_assert_mem_eq(&script.line, &fast, sizeof(fast));
	works();
}
END_TEST

/* RFCOMM/DEVA-DEVB/RFC/BV-25-C: each type that there is not. */
START_TEST(an_unknown_command_is_answered_with_nsc)
{
	static const char *const known =
		"PN MSC RPN RLS TEST FCON FCOFF CLD NSC";
	unsigned int unknown = 0;
	char what[64];

	open_dlc(WE_INITIATE, 4 * N1, 7);
	for (unsigned int type = 0; type < 64; type++) {
		const struct rt_codec_msg *msg =
			rt_codec_find(&rt_rfcomm_mcc_table, (uint16_t)type);

		if (msg && strstr(known, msg->name))
			continue;
		unknown++;
		snprintf(what, sizeof(what), "MCC %02X 05 01 02",
			 type << 2 | 3);
		peer(what);
		snprintf(what, sizeof(what), "MCC 11 03 %02X", type << 2 | 3);
		we(what);
		tx_nothing();
	}
	ck_assert_uint_eq(unknown, 64 - 9);
	works();
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("RFCOMM/DEVA-DEVB/RFC/BV-09-C", "IA",
	       modem_status_is_exchanged_and_answered),
	TAGGED("RFCOMM/DEVA-DEVB/RFC/BV-11-C", "IA",
	       test_comes_back_octet_by_octet),
	TAGGED("RFCOMM/DEVA-DEVB/RFC/BV-12-C", "IA",
	       fcoff_stops_our_data_and_fcon_lets_it_go_on),
	TAGGED("RFCOMM/DEVA-DEVB/RFC/BV-13-C", "IA",
	       rls_is_answered_with_the_same_status),
	TAGGED("RFCOMM/DEVA-DEVB/RFC/BV-14-C", "IA",
	       a_framing_error_is_reported_by_rls),
	TAGGED("RFCOMM/DEVA-DEVB/RFC/BV-17-C", "IA",
	       rpn_is_answered_with_what_is_accepted),
	TAGGED("RFCOMM/DEVA-DEVB/RFC/BV-18-C", "IA",
	       settings_of_the_line_are_proposed_by_rpn),
	TAGGED("RFCOMM/DEVA-DEVB/RFC/BV-19-C", "IA",
	       an_rpn_query_is_answered_with_the_settings),
	TAGGED("RFCOMM/DEVA-DEVB/RFC/BV-20-C", "IA",
	       the_peers_settings_are_asked_for_by_rpn),
	TAGGED("RFCOMM/DEVA-DEVB/RFC/BV-25-C", "IA",
	       an_unknown_command_is_answered_with_nsc),
};

const struct tagged_table mux_table = TABLE(rows);
