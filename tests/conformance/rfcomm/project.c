/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "tests/conformance/rfcomm/script.h"
#include "tests/conformance/rfcomm/tables.h"

/*
 * Valid behaviour that the published suite leaves out: X-RFCOMM/RFC/BV-32 to
 * BV-34 and BV-37. BV-30 and BV-31 are in session.c, BV-35 and BV-36 in
 * flow.c.
 */

static const uint8_t octets[4 * N1];

/* X-RFCOMM/RFC/BV-32: the answer offers no credits, what was agreed stays. */
START_TEST(pn_on_an_open_dlc_is_answered_without_credits)
{
	open_dlc(WE_INITIATE, 4 * N1, 7);
	peer("MCC 83 11 02 F0 07 00 F3 03 00 07");
	we("MCC 81 11 02 00 07 00 F3 03 00 00");
	tx_nothing();
	ck_assert(info_of(&script.a).credit_flow);
	ck_assert_uint_eq(info_of(&script.a).tx_credits, 7);
	works();
	/* Downwards it binds what we send. */
	peer("MCC 83 11 02 F0 07 00 32 00 00 07");
	we("MCC 81 11 02 00 07 00 32 00 00 00");
	script.a.quiet = true;
	write_out(&script.a, octets, 80);
	we_data(2, 0, 50);
	we_data(2, 0, 30);
	tx_nothing();
}
END_TEST

/* X-RFCOMM/RFC/BV-33: the defaults hold, N1 = 127 and no credits. */
START_TEST(sabm_without_pn_is_accepted)
{
	const unsigned int dlci = WE_INITIATE ? 3 : 2;
	char what[32];

	listen_on(&script.listener, &script.b, 1, 40 * N1);
	open_session(WE_INITIATE);
	snprintf(what, sizeof(what), "SABM %u", dlci);
	peer(what);
	told(&script.listener, "incoming");
	memcpy(what, "UA  ", 4);
	we(what);
	snprintf(what, sizeof(what), "MCC E3 05 %02X 8D", dlci << 2 | 3);
	we(what);
	memcpy(strstr(what, "E3"), "E1", 2);
	peer(what);
	memcpy(strstr(what, "E1"), "E3", 2);
	peer(what);
	memcpy(strstr(what, "E3"), "E1", 2);
	we(what);
	told(&script.b, "opened");
	ck_assert_uint_eq(info_of(&script.b).frame_bytes, 127);
	ck_assert(!info_of(&script.b).credit_flow);
	script.b.quiet = true;
	write_out(&script.b, octets, 200);
	we_data((uint8_t)dlci, 0, 127);
	we_data((uint8_t)dlci, 0, 73);
	peer_data((uint8_t)dlci, 0, 127);
	ck_assert_uint_eq(script.b.received, 127);
}
END_TEST

/* X-RFCOMM/RFC/BV-34: what a probe has set is there when the DLC is. */
START_TEST(rpn_before_pn_is_answered)
{
	const unsigned int dlci = WE_INITIATE ? 3 : 2;
	const unsigned int address = dlci << 2 | 3;
	char what[64];

	listen_on(&script.listener, &script.b, 1, 4 * N1);
	open_session(WE_INITIATE);
	snprintf(what, sizeof(what), "MCC 93 03 %02X", address);
	peer(what);
	snprintf(what, sizeof(what), "MCC 91 11 %02X 03 03 00 11 13 7F 3F",
		 address);
	we(what);
	snprintf(what, sizeof(what), "MCC 93 11 %02X 07 03 00 11 13 7F 3F",
		 address);
	peer(what);
	memcpy(strstr(what, "93"), "91", 2);
	we(what);
	tx_nothing();
	told(&script.listener, "");
	snprintf(what, sizeof(what), "MCC 83 11 %02X F0 07 00 F3 03 00 07",
		 dlci);
	peer(what);
	ck_assert_uint_eq(tx_discard(), 1);
	snprintf(what, sizeof(what), "SABM %u", dlci);
	peer(what);
	told(&script.listener, "incoming");
	memcpy(what, "UA  ", 4);
	we(what);
	ck_assert_uint_eq(info_of(&script.b).line.baud, 7);
}
END_TEST

/* X-RFCOMM/RFC/BV-37: each message of a frame is acted on, in order. */
START_TEST(several_commands_in_one_frame_are_all_answered)
{
	open_dlc(WE_INITIATE, 4 * N1, 7);
	peer("MCC 23 03 41 E3 05 0B 8D 53 05 0B 09 93 03 0B FF 01 63 01 A3 01");
	we("MCC 21 03 41");
	we("MCC E1 05 0B 8D");
	we("MCC 51 05 0B 09");
	we("MCC 91 11 0B 03 03 00 11 13 7F 3F");
	we("MCC 11 03 FF");
	we("MCC 61 01");
	we("MCC A1 01");
	tx_nothing();
	works();
}
END_TEST

/* X-RFCOMM/RFC/BV-37, on the least MTU that L2CAP has. */
START_TEST(an_l2cap_mtu_of_48_is_enough)
{
	script.initiator = WE_INITIATE;
	listen_on(&script.listener, &script.b, 1, 4 * N1);
	if (WE_INITIATE)
		connect_port(&script.a, 1, 4 * N1);
	bench.chan = fake_in_state(&bench.l2cap, FAKE_CONNECTING);
	if (!WE_INITIATE)
		ck_assert_int_eq(fake_incoming(&bench.l2cap, bench_addr(1),
					       &bench.chan),
				 0);
	fake_open(&bench.l2cap, bench.chan, 48);
	if (!WE_INITIATE) {
		peer("SABM 0");
		we("UA 0");
		peer("MCC 83 11 02 F0 07 00 F3 03 00 07");
		we("MCC 81 11 02 E0 07 00 2A 00 00 07");
		return;
	}
	we("SABM 0");
	peer("UA 0");
	we("MCC 83 11 02 F0 07 00 2A 00 00 07");
	peer("MCC 81 11 02 E0 07 00 2A 00 00 07");
	we("SABM 2");
	peer("UA 2");
	we("MCC E3 05 0B 8D");
	peer("MCC E1 05 0B 8D E3 05 0B 8D");
	we("MCC E1 05 0B 8D");
	told(&script.a, "opened");
	script.a.quiet = true;
	/* With credits on it, and without. */
	write_out(&script.a, octets, 41 + 42 + 5);
	we_data(2, 25, 41);
	we_data(2, 0, 42);
	we_data(2, 0, 5);
	tx_nothing();
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("X-RFCOMM/RFC/BV-32", "IA",
	       pn_on_an_open_dlc_is_answered_without_credits),
	TAGGED("X-RFCOMM/RFC/BV-33", "IA", sabm_without_pn_is_accepted),
	TAGGED("X-RFCOMM/RFC/BV-34", "IA", rpn_before_pn_is_answered),
	TAGGED("X-RFCOMM/RFC/BV-37", "IA",
	       several_commands_in_one_frame_are_all_answered),
	TAGGED("X-RFCOMM/RFC/BV-37", "IA", an_l2cap_mtu_of_48_is_enough),
};

const struct tagged_table project_table = TABLE(rows);
