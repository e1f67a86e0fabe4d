/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "tests/conformance/rfcomm/script.h"
#include "tests/conformance/rfcomm/tables.h"

/*
 * Invalid behaviour of the peer, for which the published suite has no cases.
 * After each the DLC still works.
 */

static const struct rt_rfcomm_stats *stats(void)
{
	return rt_rfcomm_get_stats(bench.rfcomm);
}

static const char *const frames[] = {
	"SABM 0", "UA 0", "DM 0",	"DISC 0", "MCC 23 03 41",
	"SABM 2", "UA 2", "DM 2",	"DISC 2", "UIH 2 41",
	"SABM 4", "UA 4", "UIH+5 2 41", "DISC 4", "UIH 4 41",
};

/* X-RFCOMM/RFC/BI-01: every FCS but the right one. */
START_TEST(a_frame_with_a_wrong_fcs_is_dropped)
{
	uint32_t dropped = 0;
	uint8_t frame[32];

	open_dlc(WE_INITIATE, 4 * N1, 7);
	for (size_t i = 0; i < RT_ARRAY_SIZE(frames); i++) {
		const size_t len =
			script_frame(false, frames[i], frame, sizeof(frame));

		for (unsigned int flip = 1; flip < 256; flip++) {
			frame[len] = bench_fcs(frame, len) ^ (uint8_t)flip;
			peer_octets(frame, len + 1);
			tx_nothing();
			ck_assert_uint_eq(stats()->frames_bad_fcs, ++dropped);
		}
	}
	bench_step();
	told(&script.a, "");
	works();
}
END_TEST

/* X-RFCOMM/RFC/BI-02: P/F is 0 where it has to be 1. */
START_TEST(sabm_ua_and_disc_without_p_f_are_ignored)
{
	static const char *const commands[] = {
		"SABM 0", "SABM 2", "SABM 4", "UA 0",	"UA 2",
		"UA 4",	  "DISC 0", "DISC 2", "DISC 4",
	};
	uint8_t frame[32];

	open_dlc(WE_INITIATE, 4 * N1, 7);
	for (size_t i = 0; i < RT_ARRAY_SIZE(commands); i++) {
		const size_t len =
			script_frame(false, commands[i], frame, sizeof(frame));

		frame[1] &= (uint8_t)~0x10;
		peer_frame(frame, len);
		tx_nothing();
		ck_assert_uint_eq(stats()->frames_unexpected, i + 1);
	}
	bench_step();
	told(&script.a, "");
	works();
}
END_TEST

/* X-RFCOMM/RFC/BI-03: the C/R of the other side, which UIH may have. */
START_TEST(wrong_c_r_is_ignored_but_in_uih)
{
	static const char *const others[] = {
		"SABM 0", "SABM 2", "SABM 4", "UA 0",	"UA 2",
		"DM 0",	  "DM 2",   "DISC 0", "DISC 2", "DISC 4",
	};
	uint8_t frame[32];
	size_t len;

	open_dlc(WE_INITIATE, 4 * N1, 7);
	for (size_t i = 0; i < RT_ARRAY_SIZE(others); i++) {
		len = script_frame(false, others[i], frame, sizeof(frame));
		frame[0] ^= 2;
		peer_frame(frame, len);
		tx_nothing();
		ck_assert_uint_eq(stats()->frames_unexpected, i + 1);
	}
	bench_step();
	told(&script.a, "");
	len = script_frame(false, "UIH 2 41", frame, sizeof(frame));
	frame[0] ^= 2;
	peer_frame(frame, len);
	told(&script.a, "rx:41");
	len = script_frame(false, "MCC 23 03 41", frame, sizeof(frame));
	frame[0] ^= 2;
	peer_frame(frame, len);
	we("MCC 21 03 41");
	works();
}
END_TEST

/* X-RFCOMM/RFC/BI-04: each length field with each length of the payload. */
START_TEST(a_length_field_that_disagrees_with_the_payload_is_dropped)
{
	uint32_t dropped = 0;
	uint8_t frame[160];

	script.a.quiet = true;
	open_dlc(WE_INITIATE, 4 * N1, 7);
	for (size_t dlci = 0; dlci <= 2; dlci += 2) {
		for (unsigned int field = 0; field < 128; field++) {
			for (size_t len = 0; len < 12; len++) {
				if (field == len)
					continue;
				script_frame(false, dlci ? "UIH 2" : "UIH 0",
					     frame, sizeof(frame));
				frame[2] = (uint8_t)(field << 1 | 1);
				memset(frame + 3, 0, len);
				peer_frame(frame, 3 + len);
				tx_nothing();
				ck_assert_uint_eq(stats()->frames_malformed,
						  ++dropped);
			}
		}
	}
	/* SABM and the like have none at all. */
	script_frame(false, "DISC 2", frame, sizeof(frame));
	frame[3] = 0x41;
	frame[4] = bench_fcs(frame, 3);
	peer_octets(frame, 5);
	frame[2] = 0x03;
	frame[4] = bench_fcs(frame, 3);
	peer_octets(frame, 5);
	frame[3] = frame[4];
	peer_octets(frame, 4);
	ck_assert_uint_eq(stats()->frames_malformed, dropped + 3);
	tx_nothing();
	works();
}
END_TEST

/* X-RFCOMM/RFC/BI-05 */
START_TEST(p_f_without_a_credit_octet_is_dropped)
{
	uint8_t frame[8];

	open_dlc(WE_INITIATE, 4 * N1, 0);
	script_frame(false, "UIH+1 2", frame, sizeof(frame));
	peer_frame(frame, 3);
	ck_assert_uint_eq(stats()->frames_malformed, 1);
	/* One octet announced, and one there: it is the credits. */
	frame[2] = 0x03;
	peer_frame(frame, 4);
	ck_assert_uint_eq(stats()->frames_malformed, 2);
	ck_assert_uint_eq(info_of(&script.a).tx_credits, 0);
	told(&script.a, "");
	tx_nothing();
	peer("UIH+1 2");
	works();
}
END_TEST

/* X-RFCOMM/RFC/BI-06 */
START_TEST(data_on_a_dlc_that_is_closed_is_answered_with_dm)
{
	open_dlc(WE_INITIATE, 4 * N1, 7);
	for (unsigned int dlci = 3; dlci <= 61; dlci++) {
		char what[16];

		snprintf(what, sizeof(what), "UIH %u 41", dlci);
		peer(what);
		snprintf(what, sizeof(what), "DM %u", dlci);
		we(what);
		tx_nothing();
	}
	works();
}
END_TEST

/* X-RFCOMM/RFC/BI-07 */
START_TEST(disc_for_a_dlc_that_there_is_not_is_answered_with_dm)
{
	open_dlc(WE_INITIATE, 4 * N1, 7);
	for (unsigned int dlci = 3; dlci <= 61; dlci++) {
		char what[16];

		snprintf(what, sizeof(what), "DISC %u", dlci);
		peer(what);
		snprintf(what, sizeof(what), "DM %u", dlci);
		we(what);
		tx_nothing();
	}
	works();
}
END_TEST

/* X-RFCOMM/RFC/BI-08: DLCI 0 has no answer, the others DM. */
START_TEST(pn_for_what_cannot_be_a_dlc_is_refused)
{
	static const struct {
		const char *command, *answer;
	} cases[] = {
		{ "MCC 83 11 00 F0 07 00 F3 03 00 07", NULL },
		{ "MCC 83 11 01 F0 07 00 F3 03 00 07", "DM 1" },
		{ "MCC 83 11 3E F0 07 00 F3 03 00 07", "DM 62" },
		{ "MCC 83 11 3F F0 07 00 F3 03 00 07", "DM 63" },
		/* N1 of 0, 1 and 22, on a DLCI that is ours to serve. */
		{ "MCC 83 11 06 F0 07 00 00 00 00 07", "DM 6" },
		{ "MCC 83 11 06 F0 07 00 01 00 00 07", "DM 6" },
		{ "MCC 83 11 06 F0 07 00 16 00 00 07", "DM 6" },
		{ "MCC 83 11 07 F0 07 00 16 00 00 07", "DM 7" },
	};

	listen_on(&script.listener, &script.a, 3, N1);
	open_dlc(WE_INITIATE, 4 * N1, 7);
	for (size_t i = 0; i < RT_ARRAY_SIZE(cases); i++) {
		peer(cases[i].command);
		if (cases[i].answer)
			we(cases[i].answer);
		tx_nothing();
	}
	/* More than there is room for is answered with less. */
	peer(WE_INITIATE ? "MCC 83 11 07 F0 07 00 FF FF 00 07"
			 : "MCC 83 11 06 F0 07 00 FF FF 00 07");
	we(WE_INITIATE ? "MCC 81 11 07 E0 07 00 F3 03 00 01"
		       : "MCC 81 11 06 E0 07 00 F3 03 00 01");
	works();
}
END_TEST

/* X-RFCOMM/RFC/BI-09: longer, shorter, and beyond the frame. */
START_TEST(a_multiplexer_message_of_wrong_length_is_not_acted_on)
{
	static const char *const messages[] = {
		"MCC 83 0F 02 F0 07 00 F3 03 00",
		"MCC 83 13 02 F0 07 00 F3 03 00 07 00",
		"MCC E3 01",
		"MCC E3 03 0B",
		"MCC E3 09 0B 8D 00 00",
		"MCC 93 01",
		"MCC 93 05 0B 07",
		"MCC 93 13 0B 07 1E 0C 28 C8 7F 3F 00",
		"MCC 53 03 0B",
		"MCC 53 07 0B 00 00",
		"MCC A3 03 00",
		"MCC 63 03 00",
		"MCC C3 03 00",
		"MCC 11 01",
		"MCC 23 05 41",
		"MCC 23 FE FF",
		"MCC 23",
		"MCC E3 05 0B",
	};

	open_dlc(WE_INITIATE, 4 * N1, 7);
	for (size_t i = 0; i < RT_ARRAY_SIZE(messages); i++) {
		peer(messages[i]);
		tx_nothing();
		ck_assert_uint_eq(stats()->mcc_malformed, i + 1);
	}
	peer("MCC");
	tx_nothing();
	works();
}
END_TEST

/* X-RFCOMM/RFC/BI-10: the same answer again, and nothing changes. */
START_TEST(a_second_sabm_on_an_open_dlc_changes_nothing)
{
	struct rt_rfcomm_info before;
	struct rt_rfcomm_info after;

	open_dlc(WE_INITIATE, 4 * N1, 7);
	before = info_of(&script.a);
	peer("SABM 2");
	we("UA 2");
	tx_nothing();
	after = info_of(&script.a);
	ck_assert_uint_eq(after.tx_credits, before.tx_credits);
	ck_assert_uint_eq(after.rx_credits, before.rx_credits);
	ck_assert_uint_eq(after.frame_bytes, before.frame_bytes);
	told(&script.a, "");
	works();
	peer("SABM 0");
	we("UA 0");
	works();
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("X-RFCOMM/RFC/BI-01", "IA", a_frame_with_a_wrong_fcs_is_dropped),
	TAGGED("X-RFCOMM/RFC/BI-02", "IA",
	       sabm_ua_and_disc_without_p_f_are_ignored),
	TAGGED("X-RFCOMM/RFC/BI-03", "IA", wrong_c_r_is_ignored_but_in_uih),
	TAGGED("X-RFCOMM/RFC/BI-04", "IA",
	       a_length_field_that_disagrees_with_the_payload_is_dropped),
	TAGGED("X-RFCOMM/RFC/BI-05", "IA",
	       p_f_without_a_credit_octet_is_dropped),
	TAGGED("X-RFCOMM/RFC/BI-06", "IA",
	       data_on_a_dlc_that_is_closed_is_answered_with_dm),
	TAGGED("X-RFCOMM/RFC/BI-07", "IA",
	       disc_for_a_dlc_that_there_is_not_is_answered_with_dm),
	TAGGED("X-RFCOMM/RFC/BI-08", "IA",
	       pn_for_what_cannot_be_a_dlc_is_refused),
	TAGGED("X-RFCOMM/RFC/BI-09", "IA",
	       a_multiplexer_message_of_wrong_length_is_not_acted_on),
	TAGGED("X-RFCOMM/RFC/BI-10", "IA",
	       a_second_sabm_on_an_open_dlc_changes_nothing),
};

const struct tagged_table invalid_table = TABLE(rows);
