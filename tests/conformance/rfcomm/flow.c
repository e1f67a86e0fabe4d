/* SPDX-License-Identifier: MIT */
#include "tests/conformance/rfcomm/script.h"
#include "tests/conformance/rfcomm/tables.h"

/*
 * Data, with and without credit based flow control (R:6.3, R:6.5).
 */

static const uint8_t octets[20 * N1];

/* RFCOMM/DEVA-DEVB/RFC/BV-10-C: N1 is 100, and the FC bit stops a sender. */
START_TEST(data_without_credits_obeys_the_fc_bit)
{
	script.a.quiet = true;
	open_dlc_without_credits(WE_INITIATE, 4000, 0x8d);
	write_out(&script.a, octets, 250);
	we_data(2, 0, 100);
	peer("MCC E3 05 0B 8F");
	we("MCC E1 05 0B 8F");
	tx_nothing();
	peer("MCC E3 05 0B 8D");
	we("MCC E1 05 0B 8D");
	we_data(2, 0, 100);
	we_data(2, 0, 50);
	tx_nothing();
	/* The other way: we say stop while there is room for what comes. */
	for (int i = 0; i < 25; i++) {
		tx_nothing();
		peer_data(2, 0, 100);
	}
	/* No DLC takes any more: that is told by both means that there are. */
	we("MCC E3 05 0B 8F");
	peer("MCC E1 05 0B 8F");
	we("MCC 63 01");
	peer("MCC 61 01");
	tx_nothing();
	rt_rfcomm_set_room(bench.rfcomm, script.a.dlc, 4000);
	we("MCC E3 05 0B 8D");
	peer("MCC E1 05 0B 8D");
	we("MCC A3 01");
	peer("MCC A1 01");
	ck_assert_uint_eq(script.a.received, 2500);
	works();
}
END_TEST

/*
 * RFCOMM/DEVA-DEVB/RFC/BV-21-C: without credits nothing moves, with them two
 * frames at least; the FC bit has no say.
 */
START_TEST(data_stops_at_zero_credits_and_the_fc_bit_means_nothing)
{
	script.a.quiet = true;
	open_dlc(WE_INITIATE, 4 * N1, 2);
	peer("MCC E3 05 0B 8F");
	we("MCC E1 05 0B 8F");
	write_out(&script.a, octets, 7 * N1);
	we_data(2, 0, N1);
	we_data(2, 0, N1);
	tx_nothing();
	bench_wait_us(RT_SECONDS(300));
	tx_nothing();
	peer("MCC E3 05 0B 8D");
	we("MCC E1 05 0B 8D");
	tx_nothing();
	peer("UIH+2 2");
	we_data(2, 0, N1);
	we_data(2, 0, N1);
	tx_nothing();
	/* Riding on data they count as well. */
	peer("UIH+3 2 41");
	we_data(2, 0, N1);
	we_data(2, 0, N1);
	we_data(2, 0, N1);
	tx_nothing();
	ck_assert_uint_eq(info_of(&script.a).stalled_credits_us,
			  RT_SECONDS(300));
}
END_TEST

/* RFCOMM/DEVA-DEVB/RFC/BV-22-C */
START_TEST(data_moves_both_ways_and_credits_come_back)
{
	script.a.quiet = true;
	open_dlc(WE_INITIATE, 4 * N1, 7);
	for (int i = 0; i < 50; i++) {
		const uint32_t held = info_of(&script.a).rx_credits;
		uint32_t now;

		/* What we hold back is never all of it. */
		ck_assert_uint_gt(held, 0);
		peer_data(2, 0, N1);
		rt_rfcomm_set_room(bench.rfcomm, script.a.dlc, 4 * N1);
		tx_discard();
		peer("UIH+1 2");
		write_out(&script.a, octets, 100);
		now = info_of(&script.a).rx_credits;
		ck_assert_uint_le(now, 4);
		we_data(2, (uint8_t)(4 - now), 100);
		tx_nothing();
	}
	ck_assert_uint_eq(script.a.received, 50 * N1);
	ck_assert_uint_eq(info_of(&script.a).tx_frames, 50);
	works();
}
END_TEST

/* X-RFCOMM/RFC/BV-35: K = 0, and the first credit comes late. */
START_TEST(a_peer_that_begins_with_no_credits_is_waited_for)
{
	script.a.quiet = true;
	open_dlc(WE_INITIATE, 4 * N1, 0);
	write_out(&script.a, octets, 3 * N1);
	bench_wait_us(RT_SECONDS(3600));
	tx_nothing();
	peer("UIH+0 2");
	tx_nothing();
	peer("UIH+1 2");
	we_data(2, 0, N1);
	tx_nothing();
	peer("UIH+255 2");
	we_data(2, 0, N1);
	we_data(2, 0, N1);
	tx_nothing();
	ck_assert_uint_eq(info_of(&script.a).tx_credits, 253);
	works();
}
END_TEST

/* X-RFCOMM/RFC/BV-36 */
START_TEST(without_credits_a_peer_may_begin_with_fc_set)
{
	script.a.quiet = true;
	open_dlc_without_credits(WE_INITIATE, 4000, 0x8f);
	write_out(&script.a, octets, 100);
	tx_nothing();
	ck_assert(!info_of(&script.a).credit_flow);
	/* P/F brings no credits here: what follows the length is data. */
	peer_data(2, 0, 10);
	bench_wait_us(RT_SECONDS(100));
	tx_nothing();
	ck_assert_uint_eq(info_of(&script.a).stalled_peer_us, RT_SECONDS(100));
	peer("MCC E3 05 0B 8D");
	we("MCC E1 05 0B 8D");
	we_data(2, 0, 100);
	works();
}
END_TEST

static const struct tagged rows[] = {
	TAGGED("RFCOMM/DEVA-DEVB/RFC/BV-10-C", "IA",
	       data_without_credits_obeys_the_fc_bit),
	TAGGED("RFCOMM/DEVA-DEVB/RFC/BV-21-C", "IA",
	       data_stops_at_zero_credits_and_the_fc_bit_means_nothing),
	TAGGED("RFCOMM/DEVA-DEVB/RFC/BV-22-C", "IA",
	       data_moves_both_ways_and_credits_come_back),
	TAGGED("X-RFCOMM/RFC/BV-35", "IA",
	       a_peer_that_begins_with_no_credits_is_waited_for),
	TAGGED("X-RFCOMM/RFC/BV-36", "IA",
	       without_credits_a_peer_may_begin_with_fc_set),
};

const struct tagged_table flow_table = TABLE(rows);
