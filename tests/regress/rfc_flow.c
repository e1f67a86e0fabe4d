/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "tests/regress/rfc_peer.h"
#include "tests/regress/rfc_tables.h"

/*
 * Frame sizes and credits.
 */

static const uint8_t octets[40000];

/* Opens DLCI 2 where the peer has this N1. */
static void open_with(bool we_initiate, unsigned int n1)
{
	char what[80];

	script.a.quiet = true;
	listen_on(&script.listener, &script.a, 1, 4 * N1);
	open_session(we_initiate);
	snprintf(what, sizeof(what), "MCC %s 07 00 %02X %02X 00 07",
		 we_initiate ? "81 11 02 E0" : "83 11 02 F0", n1 & 255,
		 n1 >> 8);
	peer(what);
	if (!we_initiate) {
		ck_assert_uint_eq(tx_discard(), 1);
		peer("SABM 2");
		told(&script.listener, "incoming");
	}
	peer_answers_some(20);
	if (!info_of(&script.a).open)
		peer("MCC E3 05 0B 8D");
	peer_answers_some(20);
	told(&script.a, "opened");
}

/*
 * RFC-15: with each N1, data of N1 - 1, N1 and N1 + 1 octets, with credits
 * riding on it and without. Never more than N1, credit octet and all, and
 * never more than the MTU, at which the bench looks.
 */
START_TEST(no_frame_is_longer_than_n1)
{
	static const unsigned int sizes[] = { 23,  24,	126, 127, 128,	129,
					      200, 255, 500, 990, 1010, 1011 };
	static uint8_t frame[MTU];

	for (size_t i = 0; i < RT_ARRAY_SIZE(sizes); i++) {
		const unsigned int n1 = sizes[i];

		script_teardown();
		script_setup();
		open_with(WE_INITIATE, n1);
		ck_assert_uint_eq(info_of(&script.a).frame_bytes, n1);
		for (size_t len = n1 - 1; len <= n1 + 1; len++) {
			for (int with = 0; with < 2; with++) {
				size_t sent = 0;
				size_t n;

				if (with) {
					peer_data(2, 3, n1);
					rt_rfcomm_set_room(bench.rfcomm,
							   script.a.dlc,
							   4 * N1);
				}
				peer("UIH+3 2");
				write_out(&script.a, octets, len);
				while ((n = tx_take(frame, sizeof(frame))) >
				       0) {
					const size_t head = 3U +
							    !(frame[2] & 1) +
							    (frame[1] == 0xff);

					ck_assert_uint_eq(frame[1] & 0xef,
							  0xef);
					ck_assert_uint_le(
						n - head + (frame[1] == 0xff),
						n1);
					sent += n - head;
				}
				ck_assert_uint_eq(sent, len);
			}
		}
	}
}
END_TEST

/* RFC-15, the other way: N1 is taken, one octet more ends the DLC. */
START_TEST(a_frame_longer_than_n1_ends_the_dlc)
{
	open_with(WE_INITIATE, 200);
	peer_data(2, 0, 200);
	peer_data(2, 1, 200);
	ck_assert_uint_eq(script.a.received, 400);
	tx_discard();
	peer_data(2, 0, 201);
	bench_step();
	told_closed(&script.a, RT_RFCOMM_BAD_PEER, RT_PHASE_TRANSFER);
	ck_assert_uint_eq(script.a.received, 400);
	we("DISC 2");
}
END_TEST

/* RFC-18: the first frame beyond the credits ends the DLC. */
START_TEST(a_peer_that_sends_without_credits_is_disconnected)
{
	script.a.quiet = true;
	open_dlc(WE_INITIATE, 3 * N1, 7);
	for (int i = 0; i < 3; i++)
		peer_data(2, 0, N1);
	tx_nothing();
	ck_assert_uint_eq(info_of(&script.a).rx_credits, 0);
	/* Credits alone cost none. */
	for (int i = 0; i < 100; i++)
		peer("UIH+1 2");
	bench_step();
	told(&script.a, "");
	peer_data(2, 0, 1);
	we("DISC 2");
	/* What follows it finds nobody. */
	peer_data(2, 0, 1);
	we("DM 2");
	bench_step();
	told_closed(&script.a, RT_RFCOMM_CREDITS, RT_PHASE_TRANSFER);
	ck_assert_uint_eq(script.a.received, 3 * N1);
}
END_TEST

/* RFC-18: credits without end. */
START_TEST(a_peer_that_grants_without_end_breaks_nothing)
{
	uint32_t before;

	script.a.quiet = true;
	open_dlc(WE_INITIATE, 4 * N1, 7);
	for (int i = 0; i < 20000; i++) {
		before = info_of(&script.a).tx_credits;
		rx(WE_INITIATE ? "09 FF 01 FF" : "0B FF 01 FF");
		ck_assert_uint_gt(info_of(&script.a).tx_credits, before);
	}
	ck_assert_uint_eq(info_of(&script.a).tx_credits, 7 + 255 * 20000);
	write_out(&script.a, octets, sizeof(octets));
	ck_assert_uint_eq(tx_discard(), (sizeof(octets) + N1 - 1) / N1);
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("RFC-15", "IA", no_frame_is_longer_than_n1),
	TAGGED("RFC-15", "IA", a_frame_longer_than_n1_ends_the_dlc),
	TAGGED("RFC-18", "IA",
	       a_peer_that_sends_without_credits_is_disconnected),
	TAGGED("RFC-18", "IA", a_peer_that_grants_without_end_breaks_nothing),
};

const struct tagged_table rfc_flow_table = TABLE(rows);
