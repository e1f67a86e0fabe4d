/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "tests/conformance/rfcomm/script.h"
#include "tests/conformance/rfcomm/tables.h"

/*
 * Data link connections: set-up and disconnection (R:5.3, R:5.4), parameter
 * negotiation (R:5.5.3), and what the Serial Port Profile asks of them.
 */

/* RFCOMM/DEVA/RFC/BV-05-C: DLCI 2 for channel 1, 60 for channel 30. */
START_TEST(a_dlc_of_ours_is_pn_then_sabm_on_the_servers_dlci)
{
	open_session(true);
	tx_nothing();
	peer("MCC 81 11 02 E0 07 00 F3 03 00 07");
	we("SABM 2");
	tx_nothing();
	peer("UA 2");
	we("MCC E3 05 0B 8D");
	connect_port(&script.b, 30, 0);
	we("MCC 83 11 3C F0 3D 00 F3 03 00 00");
	peer("MCC 81 11 3C E0 3D 00 F3 03 00 07");
	we("SABM 60");
	peer("UA 60");
	we("MCC E3 05 F3 8D");
}
END_TEST

/* RFCOMM/DEVB/RFC/BV-06-C */
START_TEST(pn_and_sabm_for_a_server_of_ours_are_answered)
{
	listen_on(&script.listener, &script.a, 1, 2 * N1);
	open_session(false);
	peer("MCC 83 11 02 F0 07 00 F3 03 00 07");
	we("MCC 81 11 02 E0 07 00 F3 03 00 02");
	tx_nothing();
	told(&script.listener, "");
	peer("SABM 2");
	told(&script.listener, "incoming");
	we("UA 2");
	we("MCC E3 05 0B 8D");
	tx_nothing();
}
END_TEST

/* RFCOMM/DEVA-DEVB/RFC/BV-07-C */
START_TEST(closing_a_dlc_is_disc_and_its_ua)
{
	open_dlc(WE_INITIATE, 4 * N1, 7);
	rt_rfcomm_close(bench.rfcomm, script.a.dlc);
	we("DISC 2");
	tx_nothing();
	bench_step();
	told(&script.a, "");
	peer("UA 2");
	bench_step();
	told_closed(&script.a, RT_RFCOMM_CLOSED, RT_PHASE_DISCONNECT);
	wind_up();
}
END_TEST

/* RFCOMM/DEVA-DEVB/RFC/BV-08-C */
START_TEST(disc_on_a_dlc_is_answered_with_ua)
{
	open_dlc(WE_INITIATE, 4 * N1, 7);
	peer("DISC 2");
	we("UA 2");
	tx_nothing();
	bench_step();
	told_closed(&script.a, RT_RFCOMM_PEER_DISC, RT_PHASE_TRANSFER);
	/* Again: there is no such DLC any more. */
	peer("DISC 2");
	we("DM 2");
	bench_wait_us(script.initiator ? RT_RFCOMM_IDLE_INITIATOR_US
				       : RT_RFCOMM_IDLE_RESPONDER_US);
	wind_up();
}
END_TEST

/* The peer's DLC to our server channel 1, whoever opened the session. */
static unsigned int our_servers_dlci(void)
{
	return script.initiator ? 3 : 2;
}

/* RFCOMM/DEVA-DEVB/RFC/BV-15-C: N1 comes back as it is, or lower. */
START_TEST(pn_is_answered_with_n1_that_is_never_larger)
{
	static const struct {
		unsigned int asked, answered;
	} cases[] = {
		{ 500, 500 },	{ 64, 64 },	{ 23, 23 },	 { 127, 127 },
		{ 1011, 1011 }, { 1012, 1011 }, { 32767, 1011 },
	};

	listen_on(&script.listener, &script.b, 1, 3 * N1);
	open_session(WE_INITIATE);
	for (size_t i = 0; i < RT_ARRAY_SIZE(cases); i++) {
		const unsigned int asked = cases[i].asked;
		const unsigned int n1 = cases[i].answered;
		char mcc[64];

		snprintf(mcc, sizeof(mcc),
			 "MCC 83 11 %02X F0 %02zX 00 %02X %02X 00 07",
			 our_servers_dlci(), i, asked & 255, asked >> 8);
		peer(mcc);
		snprintf(mcc, sizeof(mcc),
			 "MCC 81 11 %02X E0 %02zX 00 %02X %02X 00 %02X",
			 our_servers_dlci(), i, n1 & 255, n1 >> 8,
			 RT_MIN(3 * N1 / n1, 7));
		we(mcc);
		tx_nothing();
	}
}
END_TEST

/* RFCOMM/DEVA-DEVB/RFC/BV-16-C: the D bit is that of the peer's servers. */
START_TEST(we_send_pn_before_sabm_and_keep_to_the_answer)
{
	static const uint8_t octets[600];
	const unsigned int dlci = WE_INITIATE ? 4 : 5;
	char what[64];

	open_session(WE_INITIATE);
	connect_port(&script.b, 2, 9 * N1);
	snprintf(what, sizeof(what), "MCC 83 11 %02X F0 07 00 F3 03 00 07",
		 dlci);
	we(what);
	tx_nothing();
	snprintf(what, sizeof(what), "MCC 81 11 %02X E0 07 00 F4 01 00 03",
		 dlci);
	peer(what);
	snprintf(what, sizeof(what), "SABM %u", dlci);
	we(what);
	memcpy(what, "UA  ", 4);
	peer(what);
	snprintf(what, sizeof(what), "MCC E3 05 %02X 8D", dlci << 2 | 3);
	we(what);
	memcpy(strstr(what, "E3"), "E1", 2);
	peer(what);
	memcpy(strstr(what, "E1"), "E3", 2);
	peer(what);
	told(&script.b, "opened");
	/* The answer, and what there is room for beyond K, which is 7. */
	ck_assert_uint_eq(tx_discard(), 2);
	script.b.quiet = true;
	ck_assert_uint_eq(info_of(&script.b).frame_bytes, 500);
	ck_assert_uint_eq(info_of(&script.b).tx_credits, 3);
	write_out(&script.b, octets, sizeof(octets));
	we_data((uint8_t)dlci, 0, 500);
	we_data((uint8_t)dlci, 0, 100);
}
END_TEST

/* RFCOMM/DEVA-DEVB/RFC/BV-23-C: we have credits to offer, the peer has not. */
START_TEST(a_peer_without_credits_that_answers_pn_gets_a_dlc_without)
{
	const uint8_t dlci = WE_INITIATE ? 2 : 3;

	script.a.quiet = true;
	open_session(WE_INITIATE);
	if (!WE_INITIATE) {
		connect_port(&script.a, 1, 4 * N1);
		we("MCC 83 11 03 F0 07 00 F3 03 00 04");
	}
	peer(WE_INITIATE ? "MCC 81 11 02 00 07 00 F3 03 00 00"
			 : "MCC 81 11 03 00 07 00 F3 03 00 00");
	we(WE_INITIATE ? "SABM 2" : "SABM 3");
	peer(WE_INITIATE ? "UA 2" : "UA 3");
	we(WE_INITIATE ? "MCC E3 05 0B 8D" : "MCC E3 05 0F 8D");
	ck_assert(!info_of(&script.a).credit_flow);
	ck_assert_uint_eq(info_of(&script.a).dlci, dlci);
}
END_TEST

/* RFCOMM/DEVA-DEVB/RFC/BV-24-C: the peer asks, and offers none. */
START_TEST(a_peer_without_credits_that_asks_by_pn_gets_a_dlc_without)
{
	char what[64];

	listen_on(&script.listener, &script.b, 1, 40 * N1);
	open_session(WE_INITIATE);
	snprintf(what, sizeof(what), "MCC 83 11 %02X 00 07 00 F3 03 00 00",
		 our_servers_dlci());
	peer(what);
	memcpy(strstr(what, "83"), "81", 2);
	we(what);
	snprintf(what, sizeof(what), "SABM %u", our_servers_dlci());
	peer(what);
	told(&script.listener, "incoming");
	ck_assert(!info_of(&script.b).credit_flow);
	memcpy(what, "UA  ", 4);
	we(what);
}
END_TEST

/* As a serial port is used: session, DLC, data both ways. */
START_TEST(a_serial_port_is_opened_by_us_and_carries_data)
{
	open_port(true);
	works();
	rt_rfcomm_close(bench.rfcomm, script.a.dlc);
	we("DISC 2");
	peer("UA 2");
	bench_step();
	told(&script.a, "closed");
	wind_up();
}
END_TEST

/* The same as the peer's doing. */
START_TEST(a_serial_port_is_opened_by_the_peer_and_carries_data)
{
	open_port(false);
	works();
	peer("DISC 2");
	we("UA 2");
	bench_step();
	told(&script.a, "closed");
	peer("DISC 0");
	we("UA 0");
	channel_goes();
	ck_assert(rt_rfcomm_is_idle(bench.rfcomm));
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("RFCOMM/DEVA/RFC/BV-05-C", "I",
	       a_dlc_of_ours_is_pn_then_sabm_on_the_servers_dlci),
	TAGGED("RFCOMM/DEVB/RFC/BV-06-C", "A",
	       pn_and_sabm_for_a_server_of_ours_are_answered),
	TAGGED("RFCOMM/DEVA-DEVB/RFC/BV-07-C", "IA",
	       closing_a_dlc_is_disc_and_its_ua),
	TAGGED("RFCOMM/DEVA-DEVB/RFC/BV-08-C", "IA",
	       disc_on_a_dlc_is_answered_with_ua),
	TAGGED("RFCOMM/DEVA-DEVB/RFC/BV-15-C", "IA",
	       pn_is_answered_with_n1_that_is_never_larger),
	TAGGED("RFCOMM/DEVA-DEVB/RFC/BV-16-C", "IA",
	       we_send_pn_before_sabm_and_keep_to_the_answer),
	TAGGED("RFCOMM/DEVA-DEVB/RFC/BV-23-C", "IA",
	       a_peer_without_credits_that_answers_pn_gets_a_dlc_without),
	TAGGED("RFCOMM/DEVA-DEVB/RFC/BV-24-C", "IA",
	       a_peer_without_credits_that_asks_by_pn_gets_a_dlc_without),
	TAGGED("X-RFCOMM/RFC/BV-38", "I",
	       a_serial_port_is_opened_by_us_and_carries_data),
	TAGGED("X-RFCOMM/RFC/BV-39", "A",
	       a_serial_port_is_opened_by_the_peer_and_carries_data),
};

const struct tagged_table dlc_table = TABLE(rows);
