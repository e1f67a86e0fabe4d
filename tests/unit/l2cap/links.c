/* SPDX-License-Identifier: MIT */
#include "tests/unit/l2cap/bench.h"

/* Links that are asked for, given up, shared, and told apart. */

static struct user user;

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

START_TEST(a_link_attempt_is_given_up_with_its_last_channel)
{
	struct user second = { .answer = 0 };

	to_wait_link(&user);
	ck_assert_int_eq(connect_to(&second, 0x1001), 0);
	rt_l2cap_close(bench.l2cap, user.chan);
	bench_step();
	told_closed(&user, RT_L2CAP_CLOSED, RT_PHASE_PAGE);
	ck_assert_int_eq(bench.link->cancels, 0);
	rt_l2cap_close(bench.l2cap, second.chan);
	ck_assert_int_eq(bench.link->cancels, 1);
	down(0x02);
	told(&second, "closed");
	ck_assert_uint_eq(second.why.code, RT_L2CAP_CLOSED);
	ck_assert(rt_l2cap_is_idle(bench.l2cap));
}
END_TEST

static void on_done(void *ctx, const struct rt_reason *why,
		    struct rt_bytes data)
{
	(void)data;
	*(struct rt_reason *)ctx = *why;
}

START_TEST(who_wants_a_link_that_is_being_given_up_gets_another_attempt)
{
	const struct rt_l2cap_echo_ops ops = { .done = on_done };
	struct user second = { .answer = 0 };
	struct rt_reason why = { .err = 1 };
	const struct rt_l2cap_echo_params params = {
		.ops = &ops,
		.user = &why,
		.timeout_ms = 1000,
	};
	struct rt_hci_link *first;
	rt_handle echo;

	to_wait_link(&user);
	first = bench.link;
	rt_l2cap_close(bench.l2cap, user.chan);
	ck_assert_int_eq(connect_to(&second, 0x1003), 0);
	ck_assert_int_eq(
		rt_l2cap_echo(bench.l2cap, bench_addr(1), &params, &echo), 0);
	ck_assert_ptr_eq(bench.link, first);
	fake_link_down(first, 0x02);
	bench_step();
	told(&user, "closed");
	told(&second, "");

	bench.link = fake_hci_find(&bench.hci, bench_addr(1));
	ck_assert_ptr_ne(bench.link, first);
	ck_assert(bench.link->used);
	fake_link_up(bench.link);
	tx("02 01 0400 0310 4000");
	tx("0a 02 0200 0200");
	tx("08 03 0000");
	rx("09 03 0000");
	ck_assert_int_eq(why.err, 0);
}
END_TEST

START_TEST(without_another_attempt_they_are_told_the_reason)
{
	struct user second = { .answer = 0 };

	to_wait_link(&user);
	rt_l2cap_close(bench.l2cap, user.chan);
	ck_assert_int_eq(connect_to(&second, 0x1003), 0);
	bench.hci.connect_result = -ENETDOWN;
	down(0x02);
	told(&user, "closed");
	told(&second, "closed");
	ck_assert_uint_eq(second.why.layer, RT_LAYER_HCI);
	ck_assert_uint_eq(second.why.code, 0x02);
}
END_TEST

START_TEST(a_link_that_was_given_up_too_late_is_used)
{
	const struct rt_l2cap_echo_ops ops = { .done = on_done };
	struct user second = { .answer = 0 };
	struct rt_reason why = { .err = 1 };
	const struct rt_l2cap_echo_params params = {
		.ops = &ops,
		.user = &why,
		.timeout_ms = 1000,
	};
	rt_handle echo;

	to_wait_link(&user);
	rt_l2cap_close(bench.l2cap, user.chan);
	ck_assert_int_eq(connect_to(&second, 0x1003), 0);
	fake_link_up(bench.link);
	tx("02 01 0400 0310 4100");
	bench_step();
	told(&user, "closed");
	ck_assert_int_eq(
		rt_l2cap_echo(bench.l2cap, bench_addr(1), &params, &echo), 0);
	down(FAKE_HCI_REMOTE_USER);
	told(&second, "closed");
	ck_assert_uint_eq(second.why.code, FAKE_HCI_REMOTE_USER);
	ck_assert_uint_eq(why.code, FAKE_HCI_REMOTE_USER);
	ck_assert(rt_l2cap_is_idle(bench.l2cap));
}
END_TEST

START_TEST(a_link_that_is_disconnecting_is_not_used)
{
	struct rt_hci_link *old;

	link_in();
	old = bench.link;
	rt_hci_link_disconnect(old, 0x13);
	ck_assert_int_eq(connect_to(&user, 0x1001), 0);
	ck_assert_ptr_ne(bench.link, old);
	fake_link_down(old, FAKE_HCI_REMOTE_USER);
	bench_step();
	told(&user, "");
	fake_link_up(bench.link);
	tx("02 01 0400 0110 4000");
}
END_TEST

static void accept_other(struct user *u)
{
	ck_assert_int_eq(rt_l2cap_accept(bench.l2cap, u->other->chan), 0);
}

static void close_other(struct user *u)
{
	rt_l2cap_close(bench.l2cap, u->other->chan);
}

/* The first channel's end is when a user decides on the second one. */
static void decide_at_the_end(void (*decide)(struct user *user))
{
	struct user other = { .answer = -EAGAIN };

	user.answer = -EAGAIN;
	link_in();
	listen_on(&user, 0x1001);
	listen_on(&other, 0x1003);
	rx("02 11 0400 0110 4000");
	rx("02 12 0400 0310 5000");
	ck_assert_uint_eq(tx_discard(), 2);
	told(&user, "incoming");
	told(&other, "incoming");
	user.on = "closed";
	user.then = decide;
	user.other = &other;
	down(FAKE_HCI_REMOTE_USER);
	told(&user, "closed");
	ck_assert(rt_l2cap_is_idle(bench.l2cap));
	/* No timer of the link has outlived it. */
	bench_wait_ms(120000);
	tx_nothing();
}

START_TEST(a_channel_can_be_accepted_while_its_link_goes_down)
{
	decide_at_the_end(accept_other);
}
END_TEST

START_TEST(a_channel_can_be_refused_while_its_link_goes_down)
{
	decide_at_the_end(close_other);
}
END_TEST

START_TEST(links_are_told_apart)
{
	const struct rt_l2cap_params params = {
		.ops = &user_ops,
		.user = &user,
	};
	struct user other = { .answer = 0 };
	struct rt_hci_link *link;

	to_open(&other);
	link = bench.link;
	bench.link = fake_hci_incoming(&bench.hci, bench_addr(2));
	ck_assert_int_eq(rt_l2cap_connect(bench.l2cap, bench_addr(2), 0x1001,
					  &params, &user.chan),
			 0);
	tx("02 01 0400 0110 4000");
	rx("06 11 0400 4000 4100");
	tx("0a 02 0200 0200");
	tx_nothing();
	rx_cid(0x0040, "01");
	told(&other, "");
	bench.link = link;
	down(FAKE_HCI_REMOTE_USER);
	told(&other, "closed");
	told(&user, "");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		a_link_attempt_is_given_up_with_its_last_channel,
		who_wants_a_link_that_is_being_given_up_gets_another_attempt,
		without_another_attempt_they_are_told_the_reason,
		a_link_that_was_given_up_too_late_is_used,
		a_link_that_is_disconnecting_is_not_used,
		a_channel_can_be_accepted_while_its_link_goes_down,
		a_channel_can_be_refused_while_its_link_goes_down,
		links_are_told_apart,
	};

	return suite_run("l2cap/links", tests, RT_ARRAY_SIZE(tests), setup,
			 bench_teardown);
}
