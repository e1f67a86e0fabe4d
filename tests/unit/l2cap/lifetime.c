/* SPDX-License-Identifier: MIT */
#include "tests/unit/l2cap/bench.h"

/* Handles, links that come and go, and users that do as they please. */

static struct user user;
static struct user second;

static void setup(void)
{
	bench_setup();
	user = (struct user){ .answer = 0 };
}

static void down(uint8_t code)
{
	fake_link_down(bench.link, code);
	bench_step();
}

/* All states a channel of ours can be in, by what leads there. */
static void (*const ways[])(struct user *user) = {
	to_wait_link, to_wait_connect_rsp, to_config,
	to_open,      to_wait_disconnect,
};

static const enum rt_phase phases[] = {
	RT_PHASE_PAGE,	   RT_PHASE_CONNECT,	RT_PHASE_CONFIGURE,
	RT_PHASE_TRANSFER, RT_PHASE_DISCONNECT,
};

START_TEST(a_link_that_goes_down_closes_each_channel_once_with_its_reason)
{
	bench_teardown();
	for (size_t i = 0; i < RT_ARRAY_SIZE(ways); i++) {
		setup();
		ways[i](&user);
		bench_wait_ms(10);
		down(FAKE_HCI_CONNECTION_TIMEOUT);
		if (ways[i] == to_wait_disconnect) {
			told_closed(&user, RT_L2CAP_CLOSED, RT_PHASE_TRANSFER);
		} else {
			told(&user, "closed");
			ck_assert_uint_eq(user.why.layer, RT_LAYER_HCI);
			ck_assert_uint_eq(user.why.code,
					  FAKE_HCI_CONNECTION_TIMEOUT);
			ck_assert_uint_eq(user.why.phase, phases[i]);
			ck_assert_uint_eq(user.why.elapsed_us, RT_MS(10));
		}
		ck_assert(rt_l2cap_is_idle(bench.l2cap));
		bench_wait_ms(400000);
		told(&user, "");
		bench_teardown();
	}
	setup();
}
END_TEST

START_TEST(a_closed_channel_is_told_so_once_and_never_in_the_call)
{
	bench_teardown();
	for (size_t i = 0; i < RT_ARRAY_SIZE(ways); i++) {
		setup();
		ways[i](&user);
		rt_l2cap_close(bench.l2cap, user.chan);
		rt_l2cap_close(bench.l2cap, user.chan);
		told(&user, "");
		tx_discard();
		bench_wait_ms(60000);
		told(&user, "closed");
		ck_assert_uint_eq(user.why.code, RT_L2CAP_CLOSED);
		ck_assert_int_eq(user.why.err, 0);
		ck_assert(!bench.link->used);
		down(FAKE_HCI_REMOTE_USER);
		ck_assert(rt_l2cap_is_idle(bench.l2cap));
		bench_teardown();
	}
	setup();
}
END_TEST

START_TEST(an_abandoned_channel_is_told_nothing_and_goes)
{
	bench_teardown();
	for (size_t i = 0; i < RT_ARRAY_SIZE(ways); i++) {
		setup();
		ways[i](&user);
		rt_l2cap_abandon(bench.l2cap, user.chan);
		rt_l2cap_abandon(bench.l2cap, user.chan);
		rt_l2cap_close(bench.l2cap, user.chan);
		tx_discard();
		bench_wait_ms(60000);
		told(&user, "");
		ck_assert(!bench.link->used);
		down(FAKE_HCI_REMOTE_USER);
		ck_assert(rt_l2cap_is_idle(bench.l2cap));
		bench_teardown();
	}
	setup();
}
END_TEST

START_TEST(the_engine_may_be_freed_with_a_channel_in_any_state)
{
	bench_teardown();
	for (size_t i = 0; i < RT_ARRAY_SIZE(ways); i++) {
		setup();
		ways[i](&user);
		bench_teardown();
		told(&user, "");

		setup();
		ways[i](&user);
		rt_l2cap_close(bench.l2cap, user.chan);
		bench_teardown();
		told(&user, "");
	}
	setup();
	user.answer = -EAGAIN;
	to_wait_connect(&user);
}
END_TEST

START_TEST(the_engine_disowns_what_was_pulled_when_it_is_freed)
{
	static const char *const sdus[] = { "01", NULL };
	static struct rt_hci other;

	to_open(&user);
	bench.hold = HOLD_ALL;
	user.sdus = sdus;
	rt_l2cap_ready(bench.l2cap, user.chan);
	tx_cid(0x0041, "01");
	rx("08 11 0000"); /* and an answer that is not sent any more */
	rt_l2cap_free(bench.l2cap);
	ck_assert(bench.link->sent[0].disowned);
	ck_assert_ptr_null(bench.link->user);
	ck_assert_int_eq(rt_l2cap_new(bench.env, &other, &bench.l2cap), 0);
}
END_TEST

START_TEST(a_stale_handle_finds_nothing)
{
	struct rt_l2cap_info info = { .psm = 0x5555 };
	const rt_handle stale[] = { 0, 0x12345678, 0xffffffff, 0 };

	to_open(&user);
	rx("06 11 0400 4000 4100");
	told(&user, "closed");
	for (size_t i = 0; i < RT_ARRAY_SIZE(stale); i++) {
		const rt_handle chan = stale[i] ? stale[i] : user.chan;

		ck_assert_int_eq(rt_l2cap_get_info(bench.l2cap, chan, &info),
				 -ENOENT);
		ck_assert_int_eq(rt_l2cap_accept(bench.l2cap, chan), -ENOENT);
		rt_l2cap_close(bench.l2cap, chan);
		rt_l2cap_abandon(bench.l2cap, chan);
		rt_l2cap_ready(bench.l2cap, chan);
		rt_l2cap_set_user(bench.l2cap, chan, &user_ops, &user);
		rt_l2cap_echo_cancel(bench.l2cap, chan);
	}
	ck_assert_uint_eq(info.psm, 0x5555);
}
END_TEST

START_TEST(a_handle_does_not_come_back_with_the_next_channel)
{
	second = (struct user){ .answer = 0 };
	to_wait_link(&user);
	rt_l2cap_abandon(bench.l2cap, user.chan);
	bench_step();
	for (int i = 0; i < 200; i++) {
		ck_assert_int_eq(connect_to(&second, 0x1001), 0);
		ck_assert_uint_ne(second.chan, user.chan);
		rt_l2cap_abandon(bench.l2cap, second.chan);
		bench_step();
	}
}
END_TEST

START_TEST(a_channel_given_up_is_disconnected_when_the_peer_accepts_it)
{
	struct rt_l2cap_info info;

	to_wait_connect_rsp(&user);
	rt_l2cap_close(bench.l2cap, user.chan);
	bench_step();
	told_closed(&user, RT_L2CAP_CLOSED, RT_PHASE_CONNECT);
	ck_assert_int_eq(rt_l2cap_get_info(bench.l2cap, user.chan, &info),
			 -ENOENT);
	ck_assert(bench.link->used);
	rx("03 01 0800 4100 4000 0000 0000");
	tx("06 03 0400 4100 4000");
	rx("07 03 0400 4100 4000");
	tx_nothing();
	ck_assert(!bench.link->used);
	told(&user, "");
}
END_TEST

START_TEST(a_channel_given_up_may_be_accepted_before_the_user_is_told)
{
	to_wait_connect_rsp(&user);
	rt_l2cap_close(bench.l2cap, user.chan);
	rx("03 01 0800 4100 4000 0000 0000");
	tx("06 03 0400 4100 4000");
	bench_step();
	told(&user, "");
	rx("07 03 0400 4100 4000");
	told_closed(&user, RT_L2CAP_CLOSED, RT_PHASE_CONNECT);
}
END_TEST

START_TEST(a_channel_given_up_may_be_refused_in_the_end)
{
	to_wait_connect_rsp(&user);
	rt_l2cap_close(bench.l2cap, user.chan);
	rx("03 01 0800 0000 4000 0200 0000");
	told_closed(&user, RT_L2CAP_CLOSED, RT_PHASE_CONNECT);
	bench_step();
	ck_assert(!bench.link->used);
	tx_nothing();
}
END_TEST

START_TEST(a_channel_given_up_that_stays_pending_is_forgotten_after_30_s)
{
	to_wait_connect_rsp(&user);
	rx("03 01 0800 0000 4000 0100 0000");
	rt_l2cap_close(bench.l2cap, user.chan);
	bench_step();
	told(&user, "closed");
	rx("03 01 0800 0000 4000 0100 0000");
	bench_wait_us(RT_SECONDS(30) - 1);
	ck_assert(bench.link->used);
	bench_wait_us(1);
	ck_assert(!bench.link->used);

	/* The same for one that is abandoned, even twice over. */
	ck_assert_int_eq(connect_to(&user, 0x1001), 0);
	tx("02 03 0400 0110 4100");
	rx("03 03 0800 0000 4100 0100 0000");
	rt_l2cap_close(bench.l2cap, user.chan);
	rt_l2cap_abandon(bench.l2cap, user.chan);
	bench_wait_us(RT_SECONDS(30) - 1);
	ck_assert(bench.link->used);
	bench_wait_us(1);
	ck_assert(!bench.link->used);
	told(&user, "");
}
END_TEST

static void connect_after_giving_up(void)
{
	const struct rt_l2cap_params params = {
		.ops = &user_ops,
		.user = &second,
		.one_at_a_time = true,
	};

	to_wait_connect_rsp(&user);
	rt_l2cap_close(bench.l2cap, user.chan);
	bench_step();
	told(&user, "closed");
	second = (struct user){ .answer = 0 };
	ck_assert_int_eq(rt_l2cap_connect(bench.l2cap, bench_addr(1), 0x1001,
					  &params, &second.chan),
			 0);
	tx_nothing();
}

/* RFCOMM: a peer has one session with us, and may refuse a second. */
START_TEST(one_at_a_time_waits_until_the_one_given_up_is_disconnected)
{
	connect_after_giving_up();
	rx("03 01 0800 4100 4000 0000 0000");
	tx("06 03 0400 4100 4000");
	tx("02 04 0400 0110 4100");
	rx("07 03 0400 4100 4000");
	tx_nothing();
	ck_assert(bench.link->used);
}
END_TEST

START_TEST(one_at_a_time_waits_until_the_one_given_up_is_refused)
{
	connect_after_giving_up();
	rx("03 01 0800 0000 4000 0100 0000");
	tx_nothing();
	rx("03 01 0800 0000 4000 0200 0000");
	tx("02 03 0400 0110 4100");
	tx_nothing();
}
END_TEST

START_TEST(one_at_a_time_does_not_wait_for_ever)
{
	connect_after_giving_up();
	rx("03 01 0800 0000 4000 0100 0000");
	bench_wait_us(RT_SECONDS(30) - 1);
	tx_nothing();
	bench_wait_us(1);
	tx("02 03 0400 0110 4100");
}
END_TEST

START_TEST(one_at_a_time_may_be_given_up_as_well)
{
	connect_after_giving_up();
	rt_l2cap_close(bench.l2cap, second.chan);
	bench_step();
	told(&second, "closed");
	rx("03 01 0800 4100 4000 0000 0000");
	tx("06 03 0400 4100 4000");
	rx("07 03 0400 4100 4000");
	tx_nothing();
	ck_assert(!bench.link->used);
}
END_TEST

START_TEST(a_request_that_was_not_sent_yet_is_withdrawn)
{
	to_wait_link(&user);
	fake_link_up(bench.link);
	rt_l2cap_close(bench.l2cap, user.chan);
	tx("0a 01 0200 0200");
	tx_nothing();
	bench_step();
	told_closed(&user, RT_L2CAP_CLOSED, RT_PHASE_CONNECT);
	ck_assert(!bench.link->used);
}
END_TEST

/* What a user may do when it is told something. */
static void connect_again(struct user *who)
{
	who->on = NULL;
	ck_assert_int_eq(connect_to(who, 0x1001), 0);
}

static void end_the_other(struct user *who)
{
	rt_l2cap_abandon(bench.l2cap, who->other->chan);
}

static void close_the_other(struct user *who)
{
	struct rt_l2cap_info info = info_of(who->other);

	ck_assert_uint_ne(info.scid, 0);
	rt_l2cap_close(bench.l2cap, who->other->chan);
}

START_TEST(a_user_may_connect_again_when_it_is_told_of_the_end)
{
	to_wait_link(&user);
	user.on = "closed";
	user.then = connect_again;
	down(FAKE_HCI_PAGE_TIMEOUT);
	told(&user, "closed");
	bench.link = fake_hci_find(&bench.hci, bench_addr(1));
	fake_link_up(bench.link);
	tx("02 01 0400 0110 4000");
	tx("0a 02 0200 0200");
	user.on = "closed";
	rx("03 01 0800 0000 4000 0400 0000");
	told(&user, "closed");
	tx("02 03 0400 0110 4100");
}
END_TEST

static void other_rx(void *ctx, rt_handle chan, struct rt_bytes sdu)
{
	(void)chan;
	*(size_t *)ctx = sdu.len;
}

START_TEST(a_channel_may_get_another_user_with_other_ops_at_any_time)
{
	struct rt_l2cap_ops other = user_ops;
	size_t got = 0;

	other.rx = other_rx;
	to_open(&user);
	rt_l2cap_set_user(bench.l2cap, user.chan, &other, &got);
	rx_cid(0x0040, "010203");
	ck_assert_uint_eq(got, 3);
	rt_l2cap_set_user(bench.l2cap, user.chan, &user_ops, &user);
	rx_cid(0x0040, "04");
	told(&user, "rx:04");
}
END_TEST

START_TEST(a_user_may_end_another_channel_when_the_link_is_down)
{
	second = (struct user){ .answer = 0 };
	to_open(&user);
	ck_assert_int_eq(connect_to(&second, 0x1001), 0);
	user.on = "closed";
	user.then = end_the_other;
	user.other = &second;
	down(FAKE_HCI_CONNECTION_TIMEOUT);
	told(&user, "closed");
	told(&second, "");
	ck_assert(rt_l2cap_is_idle(bench.l2cap));

	bench_teardown();
	setup();
	to_open(&user);
	ck_assert_int_eq(connect_to(&second, 0x1001), 0);
	user.on = "closed";
	user.then = close_the_other;
	user.other = &second;
	down(FAKE_HCI_CONNECTION_TIMEOUT);
	told(&user, "closed");
	told(&second, "closed");
	ck_assert_uint_eq(second.why.code, RT_L2CAP_CLOSED);
	ck_assert(rt_l2cap_is_idle(bench.l2cap));
}
END_TEST

static void link_goes_down(struct user *who)
{
	(void)who;
	bench.hci.busy = false;
	fake_link_down(bench.link, FAKE_HCI_CONNECTION_TIMEOUT);
	bench.hci.busy = true;
}

START_TEST(the_link_may_go_down_while_a_user_is_told_something)
{
	to_config(&user);
	rx("05 03 0600 4000 0000 0000");
	rx_cid(0x0040, "01");
	user.on = "opened";
	user.then = link_goes_down;
	rx("04 11 0400 4000 0000 08 12 0000");
	told(&user, "opened closed");
	ck_assert(rt_l2cap_is_idle(bench.l2cap));

	bench_teardown();
	setup();
	to_open(&user);
	user.on = "closed";
	user.then = link_goes_down;
	rx("06 11 0400 4000 4100 08 12 0000");
	told(&user, "closed");
	ck_assert(rt_l2cap_is_idle(bench.l2cap));
}
END_TEST

START_TEST(commands_behind_the_one_that_ends_the_link_are_not_handled)
{
	listen_on(&user, 0x1001);
	link_in();
	user.on = "incoming";
	user.then = link_goes_down;
	rx("02 01 0400 0110 4100 02 02 0400 0110 4200");
	told(&user, "incoming closed");
	ck_assert(rt_l2cap_is_idle(bench.l2cap));
}
END_TEST

START_TEST(a_timer_due_at_the_instant_of_the_end_does_not_fire)
{
	to_config(&user);
	bench_wait_us(RT_SECONDS(30) - 1);
	tx_discard();
	bench.env->now_us++;
	rx("06 11 0400 4000 4100");
	told_closed(&user, RT_L2CAP_PEER_DISCONNECTED, RT_PHASE_CONFIGURE);
	bench_step();
	tx("07 11 0400 4000 4100");
	tx_nothing();
}
END_TEST

START_TEST(states_are_logged_with_the_reason)
{
	to_open(&user);
	ck_assert_str_eq(bench.fake.log_line,
			 "chan 0x0040 CONFIG -> OPEN (both sides configured)");
	ck_assert_int_eq(bench.fake.log_level, RT_LOG_DEBUG);
}
END_TEST

START_TEST(an_idle_engine_has_neither_links_nor_channels_nor_echoes)
{
	ck_assert(rt_l2cap_is_idle(bench.l2cap));
	link_in();
	ck_assert(!rt_l2cap_is_idle(bench.l2cap));
	down(FAKE_HCI_REMOTE_USER);
	ck_assert(rt_l2cap_is_idle(bench.l2cap));
	to_wait_link(&user);
	ck_assert(!rt_l2cap_is_idle(bench.l2cap));
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		a_link_that_goes_down_closes_each_channel_once_with_its_reason,
		a_closed_channel_is_told_so_once_and_never_in_the_call,
		an_abandoned_channel_is_told_nothing_and_goes,
		the_engine_may_be_freed_with_a_channel_in_any_state,
		the_engine_disowns_what_was_pulled_when_it_is_freed,
		a_stale_handle_finds_nothing,
		a_handle_does_not_come_back_with_the_next_channel,
		a_channel_given_up_is_disconnected_when_the_peer_accepts_it,
		a_channel_given_up_may_be_accepted_before_the_user_is_told,
		a_channel_given_up_may_be_refused_in_the_end,
		one_at_a_time_waits_until_the_one_given_up_is_disconnected,
		one_at_a_time_waits_until_the_one_given_up_is_refused,
		one_at_a_time_does_not_wait_for_ever,
		one_at_a_time_may_be_given_up_as_well,
		a_channel_given_up_that_stays_pending_is_forgotten_after_30_s,
		a_request_that_was_not_sent_yet_is_withdrawn,
		a_user_may_connect_again_when_it_is_told_of_the_end,
		a_channel_may_get_another_user_with_other_ops_at_any_time,
		a_user_may_end_another_channel_when_the_link_is_down,
		the_link_may_go_down_while_a_user_is_told_something,
		commands_behind_the_one_that_ends_the_link_are_not_handled,
		a_timer_due_at_the_instant_of_the_end_does_not_fire,
		states_are_logged_with_the_reason,
		an_idle_engine_has_neither_links_nor_channels_nor_echoes,
	};

	return suite_run("l2cap/lifetime", tests, RT_ARRAY_SIZE(tests), setup,
			 bench_teardown);
}
