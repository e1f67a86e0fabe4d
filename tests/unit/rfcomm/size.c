/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "rfcomm/frame.h"
#include "tests/unit/rfcomm/bench.h"

/*
 * Frame sizes: what MTU is proposed for PSM 3, and which N1 follows from it,
 * from what the users of both sides want, and from the peer's MTU.
 */

static struct user a, b, listener;

static void setup(void)
{
	a = (struct user){ .name = "a" };
	b = (struct user){ .name = "b" };
	listener = (struct user){ .name = "listener" };
	bench_setup();
}

/* The session opens for what waits; the peer receives `omtu`. */
static void session_to(uint16_t omtu)
{
	bench.chan = fake_in_state(&bench.l2cap, FAKE_CONNECTING);
	fake_open(&bench.l2cap, bench.chan, omtu);
	tx("03 3F 01");
	rx("03 73 01");
}

/* N1 of the PN that we send next. */
static unsigned int tx_pn(void)
{
	uint8_t frame[64];

	ck_assert_uint_eq(tx_take(frame, sizeof(frame)), 13);
	return frame[9] | (unsigned int)frame[10] << 8;
}

static uint16_t imtu(void)
{
	return fake_find(&bench.l2cap, bench.chan)->imtu;
}

START_TEST(the_mtu_makes_room_for_what_a_dlc_asks_for)
{
	static const struct {
		uint16_t asked, omtu, imtu, n1;
	} cases[] = {
		{ 0, 65535, 1017, 1011 },     { 23, 65535, 1017, 23 },
		{ 1011, 1017, 1017, 1011 },   { 1012, 65535, 1018, 1012 },
		{ 2032, 2038, 2038, 2032 },   { 32767, 65535, 32773, 32767 },
		{ 32767, 1691, 32773, 1685 }, { 5000, 48, 5006, 42 },
		{ 0, 1013, 1017, 1007 },
	};

	for (size_t i = 0; i < RT_ARRAY_SIZE(cases); i++) {
		bench_teardown();
		setup();
		a.frame_bytes = cases[i].asked;
		ck_assert_int_eq(connect_to(&a, 1, 0), 0);
		session_to(cases[i].omtu);
		ck_assert_uint_eq(imtu(), cases[i].imtu);
		ck_assert_uint_eq(tx_pn(), cases[i].n1);
	}
}
END_TEST

START_TEST(a_listener_makes_room_for_what_it_asks_for)
{
	listener.frame_bytes = 4000;
	ck_assert_uint_eq(bench.l2cap.listener.imtu, 1017);
	listen_on(&listener, &a, 1, 10000);
	ck_assert_uint_eq(bench.l2cap.listener.imtu, 4006);
	ck_assert_int_eq(
		fake_incoming(&bench.l2cap, bench_addr(1), &bench.chan), 0);
	fake_open(&bench.l2cap, bench.chan, 65535);
	rx("03 3F 01");
	tx("03 73 01");
	/* 8000 is more than it wants. */
	rx("03 EF 15 83 11 02 F0 07 00 40 1F 00 00");
	tx("01 EF 15 81 11 02 E0 07 00 A0 0F 00 02");
	/* 3999 is not, and is what is agreed on. */
	rx("03 EF 15 83 11 02 F0 07 00 9F 0F 00 00");
	tx("01 EF 15 81 11 02 E0 07 00 9F 0F 00 02");
	rx("0B 3F 01");
	ck_assert_uint_eq(info_of(&a).frame_bytes, 3999);
	told(&listener, "incoming");
}
END_TEST

START_TEST(a_listener_makes_room_on_channels_that_we_open)
{
	listener.frame_bytes = 4000;
	listen_on(&listener, &b, 1, 10000);
	ck_assert_int_eq(connect_to(&a, 1, 0), 0);
	session_to(65535);
	ck_assert_uint_eq(imtu(), 4006);
	/* Ours still fills one packet. */
	ck_assert_uint_eq(tx_pn(), 1011);
	/* The peer's, the other way round: D = 1. */
	rx("01 EF 15 83 11 03 F0 07 00 40 1F 00 00");
	tx("03 EF 15 81 11 03 E0 07 00 A0 0F 00 02");
}
END_TEST

START_TEST(the_mtu_stays_when_the_listener_goes)
{
	uint8_t channel;
	const struct rt_rfcomm_params params = {
		.ops = &listener_ops,
		.user = &listener,
		.frame_bytes = 2000,
	};

	listener.frame_bytes = 4000;
	listen_on(&listener, &a, 1, 0);
	rt_rfcomm_unlisten(bench.rfcomm, 1);
	ck_assert_uint_eq(bench.l2cap.listener.imtu, 4006);
	ck_assert_int_eq(rt_rfcomm_listen(bench.rfcomm, 2, &params, &channel),
			 0);
	ck_assert_uint_eq(bench.l2cap.listener.imtu, 4006);
}
END_TEST

START_TEST(on_an_open_session_its_mtus_hold)
{
	session_in();
	listener.frame_bytes = 4000;
	listen_on(&listener, &b, 1, 10000);
	rx("03 EF 15 83 11 02 F0 07 00 40 1F 00 00");
	tx("01 EF 15 81 11 02 E0 07 00 F3 03 00 07");
	a.frame_bytes = 4000;
	ck_assert_int_eq(connect_to(&a, 1, 0), 0);
	ck_assert_uint_eq(tx_pn(), 1011);
	rx("03 EF 15 81 11 03 E0 07 00 F3 03 00 00");
}
END_TEST

START_TEST(a_channel_that_waits_is_not_disturbed)
{
	rt_handle second;

	/* Crossing: the peer's channel is held back. */
	ck_assert_int_eq(connect_to(&a, 1, 0), 0);
	ck_assert_int_eq(fake_incoming(&bench.l2cap, bench_addr(1), &second),
			 -EAGAIN);
	listener.frame_bytes = 4000;
	listen_on(&listener, &b, 1, 10000);
	ck_assert_uint_eq(fake_count(&bench.l2cap), 2);
	bench_check();
}
END_TEST

START_TEST(a_listener_that_l2cap_has_no_room_for_is_refused)
{
	const struct rt_rfcomm_params params = {
		.ops = &listener_ops,
		.user = &listener,
		.frame_bytes = 4000,
	};
	uint8_t channel = 0;

	bench.l2cap.listen_err = -EINVAL;
	ck_assert_int_eq(rt_rfcomm_listen(bench.rfcomm, 1, &params, &channel),
			 -EINVAL);
	ck_assert_uint_eq(channel, 0);
	/* It takes nothing from the others. */
	bench.l2cap.listen_err = 0;
	listen_on(&listener, &a, 1, 0);
	ck_assert_uint_eq(bench.l2cap.listener.imtu, 1017);
	session_in();
}
END_TEST

/* The credit octet, too, has to find room: 6 octets and not 5. */
START_TEST(a_full_frame_with_credits_fits_the_mtu)
{
	static uint8_t octets[4000];
	uint8_t frame[2048];

	memset(octets, 'o', sizeof(octets));
	a.quiet = true;
	dlc_out(&a, 1, 100000, 7);
	write_out(&a, octets, sizeof(octets));
	/* 1010: some stacks count the credit octet as one of N1. */
	ck_assert_uint_eq(tx_take(frame, sizeof(frame)), 5 + 1010);
	ck_assert_uint_eq(tx_take(frame, sizeof(frame)), 4 + 1011);
	ck_assert_uint_lt(RT_RFCOMM_OVERHEAD_BYTES + 1010, MTU);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		the_mtu_makes_room_for_what_a_dlc_asks_for,
		a_listener_makes_room_for_what_it_asks_for,
		a_listener_makes_room_on_channels_that_we_open,
		the_mtu_stays_when_the_listener_goes,
		on_an_open_session_its_mtus_hold,
		a_channel_that_waits_is_not_disturbed,
		a_listener_that_l2cap_has_no_room_for_is_refused,
		a_full_frame_with_credits_fits_the_mtu,
	};

	return suite_run("size", tests, RT_ARRAY_SIZE(tests), setup,
			 bench_teardown);
}
