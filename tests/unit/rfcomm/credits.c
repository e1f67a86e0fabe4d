/* SPDX-License-Identifier: MIT */
#include "rfcomm/flow.h"

#include <string.h>

#include "rfcomm/timers.h"
#include "tests/unit/rfcomm/bench.h"

/*
 * Flow control of one DLC of ours, DLCI 2: credits, and the FC bit without.
 */

static struct user a, b;
static uint8_t octets[200000];

static void setup(void)
{
	a = (struct user){ .name = "a", .quiet = true };
	b = (struct user){ .name = "b", .quiet = true };
	memset(octets, 'o', sizeof(octets));
	bench_setup();
}

/* Expects a data frame of `len` octets with `credits` on it, 0 for none. */
static void tx_data(uint8_t credits, size_t len)
{
	uint8_t frame[1100];
	const size_t head = 3U + (len > 127) + (credits > 0);

	ck_assert_uint_eq(tx_take(frame, sizeof(frame)), head + len);
	ck_assert_uint_eq(frame[0], 0x0b);
	ck_assert_uint_eq(frame[1], credits ? 0xff : 0xef);
	if (credits)
		ck_assert_uint_eq(frame[head - 1], credits);
	if (len > 0)
		ck_assert_uint_eq(frame[head], 'o');
}

/* The DLC without credits; the peer's MSC has these signals. */
static void dlc_without_credits(size_t room, const char *signals)
{
	char hex[64];

	ck_assert_int_eq(connect_to(&a, 1, room), 0);
	session_out();
	ck_assert_uint_eq(tx_discard(), 1);
	rx("01 EF 15 81 11 02 00 07 00 64 00 00 00");
	tx("0B 3F 01");
	rx("0B 73 01");
	ck_assert_uint_eq(tx_discard(), 1);
	rx("01 EF 09 E1 05 0B 8D");
	strcpy(hex, "01 EF 09 E3 05 0B ");
	strcat(hex, signals);
	rx(hex);
	told(&a, "opened");
	ck_assert_uint_eq(tx_discard(), 1);
}

START_TEST(frames_stop_when_the_credits_are_used_up)
{
	dlc_out(&a, 1, 0, 3);
	write_out(&a, octets, 10 * N1);
	for (int i = 0; i < 3; i++)
		tx_data(0, N1);
	tx_nothing();
	ck_assert_uint_eq(info_of(&a).tx_credits, 0);
	rx("09 FF 01 02");
	tx_data(0, N1);
	tx_data(0, N1);
	tx_nothing();
}
END_TEST

/* X-RFCOMM/RFC/BV-35 */
START_TEST(a_peer_that_begins_with_no_credits_is_waited_for)
{
	dlc_out(&a, 1, 0, 0);
	write_out(&a, octets, 100);
	tx_nothing();
	bench_wait_us(RT_SECONDS(1000));
	tx_nothing();
	rx("09 FF 01 01");
	tx_data(0, 100);
	ck_assert_uint_eq(info_of(&a).stalled_us, RT_SECONDS(1000));
}
END_TEST

START_TEST(one_credit_at_a_time_moves_one_frame_at_a_time)
{
	dlc_out(&a, 1, 0, 0);
	write_out(&a, octets, 20 * N1);
	for (int i = 0; i < 20; i++) {
		tx_nothing();
		rx("09 FF 01 01");
		tx_data(0, N1);
	}
	tx_nothing();
}
END_TEST

/* RFC-18: a sum beyond 255, and in the end beyond 32 bits, does not wrap. */
START_TEST(credits_add_up_beyond_any_octet)
{
	dlc_out(&a, 1, 0, 7);
	for (uint32_t i = 0; i < 1000; i++)
		rx("09 FF 01 FF");
	ck_assert_uint_eq(info_of(&a).tx_credits, 7 + 255000);
	write_out(&a, octets, 1);
	tx_data(0, 1);
	ck_assert_uint_eq(info_of(&a).tx_credits, 6 + 255000);
}
END_TEST

START_TEST(the_sum_of_credits_stops_at_its_limit)
{
	struct rt_rfcomm_flow flow;

	rt_rfcomm_flow_init(&flow, 32, 0);
	rt_rfcomm_flow_agree(&flow, 0, 0);
	flow.tx = UINT32_MAX - 100;
	rt_rfcomm_flow_add(&flow, 100);
	ck_assert_uint_eq(flow.tx, UINT32_MAX);
	rt_rfcomm_flow_add(&flow, 255);
	ck_assert_uint_eq(flow.tx, UINT32_MAX);
	rt_rfcomm_flow_sent(&flow);
	rt_rfcomm_flow_add(&flow, 255);
	ck_assert_uint_eq(flow.tx, UINT32_MAX);
}
END_TEST

START_TEST(a_grant_of_zero_is_ignored)
{
	dlc_out(&a, 1, 0, 1);
	rx("09 FF 01 00");
	ck_assert_uint_eq(info_of(&a).tx_credits, 1);
	told(&a, "");
	tx_nothing();
}
END_TEST

START_TEST(credits_that_ride_on_data_count)
{
	dlc_out(&a, 1, 2 * N1, 0);
	rx("09 FF 05 04 41 42");
	ck_assert_uint_eq(info_of(&a).tx_credits, 4);
	ck_assert_uint_eq(a.received, 2);
	ck_assert_uint_eq(info_of(&a).rx_credits, 1);
}
END_TEST

/* X-RFCOMM/RFC/BI-05, RFC-04 */
START_TEST(p_f_without_a_credit_octet_is_malformed)
{
	const struct rt_rfcomm_stats *stats = rt_rfcomm_get_stats(bench.rfcomm);

	dlc_out(&a, 1, 2 * N1, 0);
	rx("09 FF 01");
	rx("09 FF 03 41");
	rx("09 EF 01 41");
	ck_assert_uint_eq(stats->frames_malformed, 3);
	ck_assert_uint_eq(a.received, 0);
	ck_assert_uint_eq(info_of(&a).rx_credits, 2);
}
END_TEST

START_TEST(frames_without_information_cost_nothing)
{
	dlc_out(&a, 1, N1, 0);
	ck_assert_uint_eq(info_of(&a).rx_credits, 1);
	for (int i = 0; i < 5; i++) {
		rx("09 FF 01 01");
		rx("09 EF 01");
	}
	ck_assert_uint_eq(info_of(&a).rx_credits, 1);
	ck_assert_uint_eq(info_of(&a).rx_frames, 0);
	told(&a, "");
}
END_TEST

START_TEST(a_frame_without_a_credit_ends_the_dlc_at_once)
{
	dlc_out(&b, 2, 0, 0);
	dlc_out(&a, 1, 2 * N1, 0);
	rx_data(0x09, 0, N1);
	rx_data(0x09, 0, N1);
	tx_nothing();
	ck_assert_uint_eq(info_of(&a).rx_credits, 0);
	rx("09 EF 03 41");
	bench_step();
	told_closed(&a, RT_RFCOMM_CREDITS, RT_PHASE_TRANSFER);
	ck_assert_uint_eq(a.why.frame, bench.env->frame);
	ck_assert_uint_eq(a.received, 2 * N1);
	tx("0B 53 01");
	/* What else is under way finds no DLC. */
	rx("09 EF 03 41");
	tx("09 1F 01");
	rx("0B 73 01");
	tx_nothing();
}
END_TEST

/* RFC-15 */
START_TEST(a_frame_longer_than_n1_ends_the_dlc)
{
	dlc_out(&a, 1, 100, 0);
	bench.l2cap.chan[0].imtu = 2000;
	rt_rfcomm_set_room(bench.rfcomm, a.dlc, 3 * N1);
	ck_assert_uint_eq(tx_discard(), 1);
	rx_data(0x09, 1, N1);
	ck_assert_uint_eq(a.received, N1);
	rx_data(0x09, 0, N1 + 1);
	bench_step();
	told_closed(&a, RT_RFCOMM_BAD_PEER, RT_PHASE_TRANSFER);
	tx("0B 53 01");
}
END_TEST

START_TEST(initial_credits_follow_the_room)
{
	static const struct {
		size_t room;
		unsigned int k;
	} cases[] = {
		{ 0, 0 },	   { N1 - 1, 0 }, { N1, 1 },
		{ 7 * N1 - 1, 6 }, { 7 * N1, 7 }, { 100 * N1, 7 },
	};

	for (size_t i = 0; i < RT_ARRAY_SIZE(cases); i++) {
		uint8_t frame[32];

		bench_teardown();
		setup();
		ck_assert_int_eq(connect_to(&a, 1, cases[i].room), 0);
		session_out();
		ck_assert_uint_eq(tx_take(frame, sizeof(frame)), 13);
		ck_assert_uint_eq(frame[12], cases[i].k);
	}
}
END_TEST

START_TEST(what_pn_could_not_grant_follows_when_the_dlc_is_open)
{
	dlc_out(&a, 1, 20 * N1, 0);
	tx("0B FF 01 0D");
	tx_nothing();
	ck_assert_uint_eq(info_of(&a).rx_credits, 20);
}
END_TEST

START_TEST(outstanding_credits_are_limited)
{
	const uint32_t limit = rt_limits_default.rfcomm_credits;

	dlc_out(&a, 1, limit * N1, 0);
	ck_assert_uint_eq(tx_discard(), 1);
	ck_assert_uint_eq(info_of(&a).rx_credits, limit);
	rt_rfcomm_set_room(bench.rfcomm, a.dlc, (limit + 1) * N1);
	tx_nothing();
	rt_rfcomm_set_room(bench.rfcomm, a.dlc, 10000 * N1);
	tx_nothing();
	ck_assert_uint_eq(info_of(&a).rx_credits, limit);
}
END_TEST

static void many_credits(struct rt_limits *limits)
{
	limits->rfcomm_credits = 1000;
}

START_TEST(one_octet_grants_255_at_most)
{
	bench_restart(many_credits);
	dlc_out(&a, 1, 1000 * N1, 0);
	tx("0B FF 01 FF");
	tx("0B FF 01 FF");
	tx_nothing();
	ck_assert_uint_eq(info_of(&a).rx_credits, 7 + 255 + 255);
}
END_TEST

START_TEST(grants_follow_the_reader)
{
	dlc_out(&a, 1, 4 * N1, 0);
	for (int i = 0; i < 4; i++)
		rx_data(0x09, 0, N1);
	tx_nothing();
	ck_assert_uint_eq(info_of(&a).rx_credits, 0);
	rt_rfcomm_set_room(bench.rfcomm, a.dlc, N1 - 1);
	tx_nothing();
	rt_rfcomm_set_room(bench.rfcomm, a.dlc, N1);
	tx("0B FF 01 01");
	rt_rfcomm_set_room(bench.rfcomm, a.dlc, 2 * N1);
	tx("0B FF 01 01");
	rt_rfcomm_set_room(bench.rfcomm, a.dlc, 3 * N1);
	tx_nothing();
	rt_rfcomm_set_room(bench.rfcomm, a.dlc, 4 * N1);
	tx("0B FF 01 02");
	tx_nothing();
}
END_TEST

START_TEST(what_was_granted_is_not_taken_back)
{
	dlc_out(&a, 1, 4 * N1, 0);
	rt_rfcomm_set_room(bench.rfcomm, a.dlc, 0);
	tx_nothing();
	for (int i = 0; i < 4; i++)
		rx_data(0x09, 0, N1);
	ck_assert_uint_eq(a.received, 4 * N1);
}
END_TEST

START_TEST(credits_ride_on_data_and_leave_it_an_octet_less)
{
	dlc_out(&a, 1, 7 * N1, 7);
	rx_data(0x09, 0, 10);
	rt_rfcomm_set_room(bench.rfcomm, a.dlc, 7 * N1);
	/* One of seven: not worth a frame, but worth an octet. */
	tx_nothing();
	write_out(&a, octets, 3 * N1);
	tx_data(1, N1 - 1);
	tx_data(0, N1);
	tx_data(0, N1);
	tx_data(0, 1);
	tx_nothing();
}
END_TEST

START_TEST(half_used_is_when_credits_go_alone)
{
	dlc_out(&a, 1, 32 * N1, 0);
	ck_assert_uint_eq(tx_discard(), 1);
	for (int i = 0; i < 15; i++) {
		rx_data(0x09, 0, 10);
		rt_rfcomm_set_room(bench.rfcomm, a.dlc, 32 * N1);
		tx_nothing();
	}
	rx_data(0x09, 0, 10);
	rt_rfcomm_set_room(bench.rfcomm, a.dlc, 32 * N1);
	tx("0B FF 01 10");
	tx_nothing();
}
END_TEST

START_TEST(no_data_before_the_dlc_is_open)
{
	ck_assert_int_eq(connect_to(&a, 1, 20 * N1), 0);
	write_out(&a, octets, 10);
	session_out();
	ck_assert_uint_eq(tx_discard(), 1);
	rx("01 EF 15 81 11 02 E0 07 00 F3 03 00 05");
	tx("0B 3F 01");
	rx("0B 73 01");
	ck_assert_uint_eq(tx_discard(), 1);
	rx("01 EF 09 E1 05 0B 8D");
	tx_nothing();
	rx("01 EF 09 E3 05 0B 8D");
	told(&a, "opened");
	tx("03 EF 09 E1 05 0B 8D");
	tx_data(13, 10);
}
END_TEST

START_TEST(stalled_time_is_that_without_credits_but_with_data)
{
	dlc_out(&a, 1, 0, 1);
	bench_wait_us(1000);
	write_out(&a, octets, N1 + 5);
	tx_data(0, N1);
	bench_wait_us(2000);
	ck_assert_uint_eq(info_of(&a).stalled_us, 2000);
	rx("09 FF 01 01");
	bench_wait_us(4000);
	ck_assert_uint_eq(info_of(&a).stalled_us, 2000);
	tx_data(0, 5);
	/* Nothing is left that could be sent. */
	bench_wait_us(8000);
	ck_assert_uint_eq(info_of(&a).stalled_us, 2000);
	rt_rfcomm_ready(bench.rfcomm, a.dlc);
	bench_wait_us(16000);
	ck_assert_uint_eq(info_of(&a).stalled_us, 18000);
	rx("09 53 01");
	bench_wait_us(32000);
	told(&a, "closed");
	ck_assert_uint_eq(tx_discard(), 1);
}
END_TEST

START_TEST(dlcs_take_turns)
{
	uint8_t frame[1100];
	unsigned int first[2] = { 0, 0 };

	dlc_out(&a, 1, 0, 7);
	dlc_out(&b, 2, 0, 7);
	write_out(&a, octets, 5 * N1);
	write_out(&b, octets, 5 * N1);
	for (int i = 0; i < 10; i++) {
		ck_assert_uint_gt(tx_take(frame, sizeof(frame)), 0);
		first[frame[0] == 0x0b]++;
		ck_assert_int_le((int)first[0] - (int)first[1], 1);
		ck_assert_int_le((int)first[1] - (int)first[0], 1);
	}
	tx_nothing();
}
END_TEST

START_TEST(control_frames_go_before_data)
{
	dlc_out(&a, 1, 0, 7);
	write_out(&a, octets, 2 * N1);
	tx_data(0, N1);
	rx("01 EF 07 23 03 41");
	tx("03 EF 07 21 03 41");
	tx_data(0, N1);
}
END_TEST

/* RFCOMM/DEVA-DEVB/RFC/BV-21-C: FC means nothing where there are credits. */
START_TEST(the_fc_bit_means_nothing_with_credits)
{
	dlc_out(&a, 1, 0, 7);
	rx("01 EF 09 E3 05 0B 8F");
	tx("03 EF 09 E1 05 0B 8F");
	write_out(&a, octets, 10);
	tx_data(0, 10);
}
END_TEST

/* RFCOMM/DEVA-DEVB/RFC/BV-12-C */
START_TEST(fcoff_stops_all_dlcs_until_fcon)
{
	dlc_out(&a, 1, 4 * N1, 7);
	dlc_out(&b, 2, 0, 7);
	rx("01 EF 05 63 01");
	tx("03 EF 05 61 01");
	write_out(&a, octets, 10);
	write_out(&b, octets, 10);
	tx_nothing();
	bench_wait_us(500);
	/* Not the multiplexer, and not credits alone, which hold no data. */
	rx("01 EF 07 23 03 41");
	tx("03 EF 07 21 03 41");
	for (int i = 0; i < 4; i++)
		rx_data(0x09, 0, 10);
	rt_rfcomm_set_room(bench.rfcomm, a.dlc, 4 * N1);
	tx("0B FF 01 04");
	rx("01 EF 05 A3 01");
	tx("03 EF 05 A1 01");
	ck_assert_uint_eq(tx_discard(), 2);
	ck_assert_uint_eq(info_of(&a).stalled_us, 500);
}
END_TEST

START_TEST(without_credits_the_fc_bit_stops_us)
{
	dlc_without_credits(100000, "8D");
	write_out(&a, octets, 300);
	tx_data(0, 100);
	rx("01 EF 09 E3 05 0B 8F");
	tx("03 EF 09 E1 05 0B 8F");
	tx_nothing();
	bench_wait_us(700);
	rx("01 EF 09 E3 05 0B 8D");
	tx("03 EF 09 E1 05 0B 8D");
	tx_data(0, 100);
	tx_data(0, 100);
	tx_nothing();
	ck_assert_uint_eq(info_of(&a).stalled_us, 700);
	ck_assert_uint_eq(info_of(&a).stalled_peer_us, 700);
	ck_assert_uint_eq(info_of(&a).stalled_credits_us, 0);
	ck_assert_uint_eq(info_of(&a).stalls, 1);
	ck_assert_uint_eq(info_of(&a).tx_credits, 0);
	ck_assert_uint_eq(info_of(&a).rx_credits, 0);
}
END_TEST

START_TEST(without_credits_a_peer_may_begin_stopped)
{
	dlc_without_credits(100000, "8F");
	write_out(&a, octets, 10);
	tx_nothing();
	rx("01 EF 09 E3 05 0B 8D");
	ck_assert_uint_eq(tx_discard(), 2);
}
END_TEST

START_TEST(without_credits_we_stop_the_peer_while_there_is_room)
{
	/* 16 frames of 100 octets are kept for what is under way. */
	dlc_without_credits(4000, "8D");
	for (int i = 0; i < 24; i++)
		rx_data(0x09, 0, 100);
	tx_nothing();
	rx_data(0x09, 0, 100);
	tx("03 EF 09 E3 05 0B 8F");
	/* It is the only DLC, so none may send. */
	tx("03 EF 05 63 01");
	rx("01 EF 09 E1 05 0B 8F");
	rx("01 EF 05 61 01");
	for (int i = 0; i < 15; i++)
		rx_data(0x09, 0, 100);
	tx_nothing();
	ck_assert_uint_eq(a.received, 4000);
	rt_rfcomm_set_room(bench.rfcomm, a.dlc, 3199);
	tx_nothing();
	rt_rfcomm_set_room(bench.rfcomm, a.dlc, 3200);
	tx("03 EF 09 E3 05 0B 8D");
	tx("03 EF 05 A3 01");
	tx_nothing();
}
END_TEST

START_TEST(without_credits_a_peer_that_does_not_stop_is_ended)
{
	dlc_without_credits(1000, "8D");
	for (int i = 0; i < 10; i++)
		rx_data(0x09, 0, 100);
	ck_assert_uint_eq(tx_discard(), 2);
	rx("09 EF 03 41");
	bench_step();
	told_closed(&a, RT_RFCOMM_CREDITS, RT_PHASE_TRANSFER);
	ck_assert_uint_eq(a.received, 1000);
	tx("0B 53 01");
}
END_TEST

START_TEST(without_room_the_first_msc_says_so)
{
	ck_assert_int_eq(connect_to(&a, 1, 0), 0);
	session_out();
	ck_assert_uint_eq(tx_discard(), 1);
	rx("01 EF 15 81 11 02 00 07 00 64 00 00 00");
	tx("0B 3F 01");
	rx("0B 73 01");
	tx("03 EF 09 E3 05 0B 8F");
	tx("03 EF 05 63 01");
	rx("01 EF 09 E1 05 0B 8F");
	rx("01 EF 05 61 01");
	rx("01 EF 09 E3 05 0B 8D");
	told(&a, "opened");
	ck_assert_uint_eq(tx_discard(), 1);
	rt_rfcomm_set_room(bench.rfcomm, a.dlc, 500);
	tx("03 EF 09 E3 05 0B 8D");
	tx("03 EF 05 A3 01");
	tx_nothing();
}
END_TEST

START_TEST(without_credits_p_f_brings_no_octet)
{
	dlc_without_credits(1000, "8D");
	rx("09 FF 03 41");
	ck_assert_uint_eq(a.received, 1);
	rx("09 FF 01 05");
	ck_assert_uint_eq(a.received, 1);
	ck_assert_uint_eq(rt_rfcomm_get_stats(bench.rfcomm)->frames_malformed,
			  1);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		frames_stop_when_the_credits_are_used_up,
		a_peer_that_begins_with_no_credits_is_waited_for,
		one_credit_at_a_time_moves_one_frame_at_a_time,
		credits_add_up_beyond_any_octet,
		the_sum_of_credits_stops_at_its_limit,
		a_grant_of_zero_is_ignored,
		credits_that_ride_on_data_count,
		p_f_without_a_credit_octet_is_malformed,
		frames_without_information_cost_nothing,
		a_frame_without_a_credit_ends_the_dlc_at_once,
		a_frame_longer_than_n1_ends_the_dlc,
		initial_credits_follow_the_room,
		what_pn_could_not_grant_follows_when_the_dlc_is_open,
		outstanding_credits_are_limited,
		one_octet_grants_255_at_most,
		grants_follow_the_reader,
		what_was_granted_is_not_taken_back,
		credits_ride_on_data_and_leave_it_an_octet_less,
		half_used_is_when_credits_go_alone,
		no_data_before_the_dlc_is_open,
		stalled_time_is_that_without_credits_but_with_data,
		dlcs_take_turns,
		control_frames_go_before_data,
		the_fc_bit_means_nothing_with_credits,
		fcoff_stops_all_dlcs_until_fcon,
		without_credits_the_fc_bit_stops_us,
		without_credits_a_peer_may_begin_stopped,
		without_credits_we_stop_the_peer_while_there_is_room,
		without_credits_a_peer_that_does_not_stop_is_ended,
		without_room_the_first_msc_says_so,
		without_credits_p_f_brings_no_octet,
	};

	return suite_run("credits", tests, RT_ARRAY_SIZE(tests), setup,
			 bench_teardown);
}
