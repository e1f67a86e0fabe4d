/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "tests/unit/l2cap/credit_bench.h"

/* Credits by the room of the user, and ends in the middle of SDUs. */

/* L2CAP/ECFC/BV-50-C */
START_TEST(ECFC_BV_50_a_quick_reader_gives_credits_before_they_are_used_up)
{
	credit_open(0, 1, SIZE_MAX);
	ck_assert_uint_eq(info_of(&credit_user).rx_credits, 64);
	for (int i = 0; i < 31; i++)
		credit_rx("0100", 0, 1);
	tx_nothing();
	credit_rx("0100", 0, 1);
	tx("16 02 0400 4000 2000");
	tx_nothing();
	ck_assert_uint_eq(info_of(&credit_user).rx_credits, 64);
}
END_TEST

START_TEST(what_is_used_until_an_indication_leaves_is_given_too)
{
	credit_open(0, 1, SIZE_MAX);
	for (int i = 0; i < 40; i++)
		credit_rx("0100", 0, 1);
	tx("16 02 0400 4000 2800");
	tx_nothing();
}
END_TEST

static void five_credits(struct rt_limits *limits)
{
	limits->credits = 5;
}

static void zero_credits(struct rt_limits *limits)
{
	limits->credits = 0;
}

START_TEST(credits_have_a_limit)
{
	bench_restart(five_credits);
	credit_open(0, 1, SIZE_MAX);
	ck_assert_uint_eq(info_of(&credit_user).rx_credits, 5);
	credit_restart();
	bench_restart(zero_credits);
	credit_open(0, 1, SIZE_MAX);
	ck_assert_uint_eq(info_of(&credit_user).rx_credits, 1);
}
END_TEST

START_TEST(a_slow_reader_gives_what_it_has_room_for)
{
	credit_open(0, 1, SIZE_MAX);
	rt_l2cap_set_room(bench.l2cap, credit_user.chan, 0);
	for (int i = 0; i < 64; i++)
		credit_rx("0100", 0, 1);
	tx_nothing();
	told(&credit_user, "");
	ck_assert_uint_eq(info_of(&credit_user).rx_credits, 0);
	bench_wait_ms(50);

	/* 64 credit_octets wait and take their part of the room. */
	rt_l2cap_set_room(bench.l2cap, credit_user.chan, 64 + 99);
	tx_nothing();
	rt_l2cap_set_room(bench.l2cap, credit_user.chan, 64 + 100);
	tx("16 02 0400 4000 0100");
	told(&credit_user, "");
	bench_step();
	ck_assert_uint_eq(strlen(credit_user.log), 64 * strlen("rx:00 ") - 1);
	ck_assert_uint_eq(info_of(&credit_user).busy_us, RT_MS(50));
	tx_nothing();
}
END_TEST

START_TEST(an_sdu_that_has_begun_gets_the_credits_it_needs)
{
	credit_open(1, 1, SIZE_MAX);
	rt_l2cap_set_room(bench.l2cap, credit_user.chan, 100);
	credit_rx("6400", 0, 20);
	tx("16 02 0400 4000 0200");
	credit_rx("", 20, 1);
	credit_rx("", 21, 1);
	tx("16 03 0400 4000 0200");
	credit_rx("", 22, 64);
	tx_nothing();
	credit_rx("", 86, 14);
	told(&credit_user, credit_hex("rx:", 0, 64));
	tx_nothing();
	ck_assert_uint_eq(info_of(&credit_user).rx_credits, 0);
	rt_l2cap_set_room(bench.l2cap, credit_user.chan, 100);
	tx("16 04 0400 4000 0100");
}
END_TEST

/* Takes a part of each SDU that it is given, as an application does. */
static size_t backlog;

static void read_some(struct user *u)
{
	const size_t queue = 500;

	u->log[0] = '\0';
	backlog += 30;
	ck_assert_uint_le(backlog, queue);
	rt_l2cap_set_room(bench.l2cap, u->chan, queue - backlog);
}

START_TEST(what_waits_for_room_goes_to_the_user_as_the_peer_closes)
{
	credit_open(0, 1, SIZE_MAX);
	rt_l2cap_set_room(bench.l2cap, credit_user.chan, 0);
	credit_rx("0200", 7, 2);
	credit_rx("0100", 1, 1);
	told(&credit_user, "");
	rx("06 07 0400 4000 5000");
	tx("07 07 0400 4000 5000");
	told(&credit_user, "last: rx:0708 last: rx:01 closed");
	ck_assert_uint_eq(credit_user.why.code, RT_L2CAP_PEER_DISCONNECTED);
}
END_TEST

static void close_now(struct user *user)
{
	rt_l2cap_close(bench.l2cap, user->chan);
}

START_TEST(whoever_ends_it_then_gets_no_more)
{
	credit_open(0, 1, SIZE_MAX);
	rt_l2cap_set_room(bench.l2cap, credit_user.chan, 0);
	credit_rx("0200", 7, 2);
	credit_rx("0100", 1, 1);
	credit_user.on = "last:";
	credit_user.then = close_now;
	rx("06 07 0400 4000 5000");
	ck_assert(strstr(credit_user.log, "last: rx:0708") != NULL);
	ck_assert(strstr(credit_user.log, "rx:01") == NULL);
	tx_discard();
	bench_step();
	ck_assert(strstr(credit_user.log, "closed") != NULL);
}
END_TEST

START_TEST(what_waits_for_room_goes_to_the_user_as_the_link_goes_down)
{
	credit_open(0, 1, SIZE_MAX);
	rt_l2cap_set_room(bench.l2cap, credit_user.chan, 0);
	credit_rx("0200", 7, 2);
	credit_rx("0100", 1, 1);
	fake_link_down(bench.link, 0x13);
	told(&credit_user, "last: rx:0708 last: rx:01 closed");
}
END_TEST

/* Its Disconnection Request has nowhere to go. */
START_TEST(whoever_ends_it_while_the_link_goes_down_gets_no_more)
{
	credit_open(0, 1, SIZE_MAX);
	rt_l2cap_set_room(bench.l2cap, credit_user.chan, 0);
	credit_rx("0200", 7, 2);
	credit_rx("0100", 1, 1);
	credit_user.on = "last:";
	credit_user.then = close_now;
	fake_link_down(bench.link, 0x13);
	told(&credit_user, "last: rx:0708 closed");
	tx_nothing();
}
END_TEST

START_TEST(whatever_a_peer_sends_for_its_credits_has_room)
{
	unsigned int frames = 0;

	credit_open(0, 1, 500);
	ck_assert_uint_eq(info_of(&credit_user).rx_credits, 7);
	credit_user.on = "rx";
	credit_user.then = read_some;
	backlog = 0;
	while (frames < 1000) {
		while (info_of(&credit_user).rx_credits > 0) {
			credit_rx("1e00", 0, 30);
			tx_discard();
			frames++;
		}
		backlog -= RT_MIN(backlog, 90);
		rt_l2cap_set_room(bench.l2cap, credit_user.chan, 500 - backlog);
		tx_discard();
	}
}
END_TEST

START_TEST(room_may_grow_little_by_little)
{
	credit_open(1, 1, SIZE_MAX);
	rt_l2cap_set_room(bench.l2cap, credit_user.chan, 0);
	credit_rx("0300", 0, 3);
	rt_l2cap_set_room(bench.l2cap, credit_user.chan, 2);
	bench_step();
	told(&credit_user, "");
	rt_l2cap_set_room(bench.l2cap, credit_user.chan, 3);
	bench_step();
	told(&credit_user, "rx:000102");
	tx_nothing();
	rt_l2cap_set_room(bench.l2cap, credit_user.chan, 99);
	tx_nothing();
	rt_l2cap_set_room(bench.l2cap, credit_user.chan, 100);
	tx("16 02 0400 4000 0100");
	rt_l2cap_set_room(bench.l2cap, credit_user.chan, SIZE_MAX);
	tx("16 03 0400 4000 3f00");
}
END_TEST

START_TEST(room_that_shrinks_before_credits_leave_takes_them_back)
{
	credit_open(1, 1, SIZE_MAX);
	rt_l2cap_set_room(bench.l2cap, credit_user.chan, 1000);
	rt_l2cap_set_room(bench.l2cap, credit_user.chan, 0);
	tx_nothing();
	ck_assert_uint_eq(info_of(&credit_user).rx_credits, 1);
}
END_TEST

static void close_it(struct user *u)
{
	u->on = NULL;
	rt_l2cap_close(bench.l2cap, u->chan);
}

static void abandon_it(struct user *u)
{
	u->on = NULL;
	rt_l2cap_abandon(bench.l2cap, u->chan);
}

START_TEST(a_channel_may_be_closed_when_an_sdu_arrives)
{
	credit_open(9, 1, SIZE_MAX);
	credit_user.on = "rx";
	credit_user.then = close_it;
	credit_rx("6400", 0, 62);
	credit_rx("", 62, 38);
	tx("06 02 0400 5000 4000");
	credit_restart();
	credit_open(9, 1, SIZE_MAX);
	credit_user.on = "rx";
	credit_user.then = abandon_it;
	credit_rx("0300", 0, 3);
	tx("06 02 0400 5000 4000");
	credit_restart();
	credit_open(9, 1, SIZE_MAX);
	rt_l2cap_set_room(bench.l2cap, credit_user.chan, 0);
	credit_rx("0300", 0, 3);
	credit_rx("0300", 0, 3);
	credit_user.on = "rx";
	credit_user.then = abandon_it;
	rt_l2cap_set_room(bench.l2cap, credit_user.chan, 10);
	bench_step();
	told(&credit_user, "rx:000102");
	tx("06 02 0400 5000 4000");
}
END_TEST

START_TEST(a_channel_may_be_ended_when_it_is_pulled_from)
{
	static const size_t sdus[] = { 150, 20, SIZE_MAX };

	credit_open(9, 9, SIZE_MAX);
	credit_user.on = "pull";
	credit_user.then = close_it;
	credit_send(sdus);
	tx("06 02 0400 5000 4000");
	told(&credit_user, "lost:150");
	rx("07 02 0400 5000 4000");
	told(&credit_user, "closed");
	credit_restart();
	credit_open(9, 9, SIZE_MAX);
	credit_user.on = "pull";
	credit_user.then = abandon_it;
	credit_send(sdus);
	tx("06 02 0400 5000 4000");
	rx("07 02 0400 5000 4000");
	told(&credit_user, "");
	ck_assert(!bench.link->used);
}
END_TEST

START_TEST(an_sdu_cut_off_by_a_close_is_lost)
{
	static const size_t sdus[] = { 20, 150, SIZE_MAX };

	credit_open(9, 2, SIZE_MAX);
	bench.hold = HOLD_ALL;
	credit_send(sdus);
	credit_tx("1400", 0, 20);
	credit_tx("9600", 0, 62);
	tx_nothing();
	rx("06 05 0400 4000 5000");
	tx("07 05 0400 4000 5000");
	told(&credit_user, "");
	fake_link_complete(bench.link, 1, true);
	told(&credit_user, "written:20 lost:150 closed");
	fake_link_complete(bench.link, 2, true);
}
END_TEST

START_TEST(an_sdu_cut_off_by_abandonment_is_forgotten)
{
	static const size_t sdus[] = { 150, SIZE_MAX };

	credit_open(9, 2, SIZE_MAX);
	bench.hold = HOLD_ALL;
	credit_send(sdus);
	credit_tx("9600", 0, 62);
	memset(credit_octets, 0xff, sizeof(credit_octets));
	rt_l2cap_abandon(bench.l2cap, credit_user.chan);
	tx("06 02 0400 5000 4000");
	rx("07 02 0400 5000 4000");
	bench_step();
	ck_assert(!bench.link->used);
	fake_link_complete(bench.link, 2, true);
	told(&credit_user, "");
}
END_TEST

START_TEST(an_sdu_cut_off_by_the_link_is_lost)
{
	static const size_t sdus[] = { 20, 150, SIZE_MAX };

	credit_open(9, 2, SIZE_MAX);
	bench.hold = HOLD_DATA;
	credit_send(sdus);
	credit_tx("1400", 0, 20);
	credit_tx("9600", 0, 62);
	fake_link_down(bench.link, FAKE_HCI_CONNECTION_TIMEOUT);
	told(&credit_user, "lost:20 lost:150 closed");
}
END_TEST

START_TEST(the_engine_may_be_freed_in_the_middle_of_sdus)
{
	static const size_t sdus[] = { 150, SIZE_MAX };

	credit_open(9, 2, SIZE_MAX);
	bench.hold = HOLD_ALL;
	credit_send(sdus);
	credit_tx("9600", 0, 62);
	rt_l2cap_set_room(bench.l2cap, credit_user.chan, 0);
	credit_rx("0300", 0, 3);
	credit_rx("6400", 0, 62);
}
END_TEST

START_TEST(an_sdu_without_memory_disconnects)
{
	credit_open(9, 2, SIZE_MAX);
	bench.fake.allocs_left = 0;
	credit_rx("6400", 0, 62);
	bench.fake.allocs_left = SIZE_MAX;
	credit_ended(RT_L2CAP_NO_MEMORY);
	credit_restart();
	credit_open(9, 2, SIZE_MAX);
	rt_l2cap_set_room(bench.l2cap, credit_user.chan, 0);
	bench.fake.allocs_left = 0;
	credit_rx("0300", 0, 3);
	bench.fake.allocs_left = SIZE_MAX;
	credit_ended(RT_L2CAP_NO_MEMORY);
}
END_TEST

START_TEST(credits_are_given_without_memory)
{
	credit_open(2, 2, SIZE_MAX);
	bench.fake.allocs_left = 0;
	credit_rx("0300", 0, 3);
	tx("16 02 0400 4000 3f00");
	bench.fake.allocs_left = SIZE_MAX;
}
END_TEST

static void many_echoes(struct rt_limits *limits)
{
	limits->echoes = 255;
}

static void on_done(void *ctx, const struct rt_reason *why,
		    struct rt_bytes data)
{
	(void)ctx;
	(void)why;
	(void)data;
}

START_TEST(credits_wait_for_an_identifier)
{
	static const struct rt_l2cap_echo_ops echo_ops = { .done = on_done };
	const struct rt_l2cap_echo_params echo = {
		.ops = &echo_ops,
		.timeout_ms = 60000,
	};
	rt_handle handle;

	bench_restart(many_echoes);
	credit_open(1, 1, SIZE_MAX);
	for (int i = 0; i < 255; i++)
		ck_assert_int_eq(rt_l2cap_echo(bench.l2cap, bench_addr(1),
					       &echo, &handle),
				 0);
	ck_assert_uint_eq(tx_discard(), 255);
	credit_rx("0100", 0, 1);
	tx_nothing();
	bench_wait_ms(100);
	tx_nothing();
	rx("09 33 0000");
	bench_wait_ms(100);
	tx("16 33 0400 4000 4000");
	told(&credit_user, "rx:00");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		ECFC_BV_50_a_quick_reader_gives_credits_before_they_are_used_up,
		what_is_used_until_an_indication_leaves_is_given_too,
		credits_have_a_limit,
		a_slow_reader_gives_what_it_has_room_for,
		an_sdu_that_has_begun_gets_the_credits_it_needs,
		what_waits_for_room_goes_to_the_user_as_the_peer_closes,
		whoever_ends_it_then_gets_no_more,
		what_waits_for_room_goes_to_the_user_as_the_link_goes_down,
		whoever_ends_it_while_the_link_goes_down_gets_no_more,
		whatever_a_peer_sends_for_its_credits_has_room,
		room_may_grow_little_by_little,
		room_that_shrinks_before_credits_leave_takes_them_back,
		a_channel_may_be_closed_when_an_sdu_arrives,
		a_channel_may_be_ended_when_it_is_pulled_from,
		an_sdu_cut_off_by_a_close_is_lost,
		an_sdu_cut_off_by_abandonment_is_forgotten,
		an_sdu_cut_off_by_the_link_is_lost,
		the_engine_may_be_freed_in_the_middle_of_sdus,
		an_sdu_without_memory_disconnects,
		credits_are_given_without_memory,
		credits_wait_for_an_identifier,
	};

	return suite_run("l2cap/credit_room", tests, RT_ARRAY_SIZE(tests),
			 credit_setup, bench_teardown);
}
