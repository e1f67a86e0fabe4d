/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "rfcomm/timers.h"
#include "tests/unit/rfcomm/pair.h"
#include "tests/unit/stack/suite.h"

/*
 * Two engines that do things at once: open, close, give up, lose the link, by
 * chance and under fixed seeds. Each attempt ends, and in the end nothing is
 * left.
 */

#define USERS 40
#define CHANNELS 4
#define ROOM 4000
#define BYTES 20000 /* that each user sends */

struct user {
	rt_handle dlc;
	size_t host;
	size_t left; /* octets to send */
	bool incoming;
	bool opened;
	bool closed;
	bool abandoned;
	struct rt_reason why;
};

static struct user users[USERS];
static size_t user_count;

static struct user *new_user(size_t host, bool incoming)
{
	struct user *user = &users[user_count++];

	ck_assert_uint_le(user_count, USERS);
	*user = (struct user){
		.host = host,
		.incoming = incoming,
		.left = BYTES,
	};
	return user;
}

static struct rt_rfcomm *engine_of(const struct user *user)
{
	return pair.host[user->host].rfcomm;
}

static void on_opened(void *user, rt_handle dlc)
{
	struct user *u = user;

	ck_assert_uint_eq(u->dlc, dlc);
	ck_assert(!u->opened && !u->closed && !u->abandoned);
	u->opened = true;
	rt_rfcomm_ready(engine_of(u), dlc);
}

static void on_closed(void *user, rt_handle dlc, const struct rt_reason *why)
{
	struct user *u = user;

	ck_assert_uint_eq(u->dlc, dlc);
	ck_assert(!u->closed && !u->abandoned);
	u->closed = true;
	u->why = *why;
}

static void on_rx(void *user, rt_handle dlc, struct rt_bytes data)
{
	struct user *u = user;

	(void)data;
	ck_assert(u->opened && !u->closed && !u->abandoned);
	rt_rfcomm_set_room(engine_of(u), dlc, ROOM);
}

static bool on_pull(void *user, rt_handle dlc, size_t max, struct rt_pdu *pdu)
{
	static const uint8_t zeros[BYTES];
	struct user *u = user;

	(void)dlc;
	ck_assert(u->opened && !u->closed && !u->abandoned);
	if (u->left == 0)
		return false;
	pdu->body[0] = rt_bytes(zeros, RT_MIN(max, u->left));
	pdu->done.bytes = (uint32_t)pdu->body[0].len;
	u->left -= pdu->body[0].len;
	return true;
}

static void on_completed(void *user, rt_handle dlc, const struct rt_done *done,
			 bool written)
{
	struct user *u = user;

	(void)written;
	ck_assert_uint_eq(u->dlc, dlc);
	ck_assert_uint_eq(done->dlc, dlc);
	ck_assert(!u->closed && !u->abandoned);
}

static int on_incoming(void *user, rt_handle dlc);

static const struct rt_rfcomm_ops ops = {
	.opened = on_opened,
	.closed = on_closed,
	.rx = on_rx,
	.pull = on_pull,
	.completed = on_completed,
	.incoming = on_incoming,
};

/* Its user is the host. */
static int on_incoming(void *user, rt_handle dlc)
{
	const struct pair_host *host = user;
	struct user *u;

	if (user_count == USERS)
		return -ECONNREFUSED;
	u = new_user((size_t)(host - pair.host), true);
	u->dlc = dlc;
	rt_rfcomm_set_user(host->rfcomm, dlc, &ops, u);
	return 0;
}

static void begin(uint64_t seed)
{
	user_count = 0;
	pair_setup(seed);
	pair.lazy = true;
	pair.latency_us = 2000 + pair_random(60000);
	for (size_t i = 0; i < 2; i++) {
		struct rt_rfcomm_params params = {
			.ops = &ops,
			.user = &pair.host[i],
			.room_bytes = ROOM,
		};

		for (uint8_t j = 1; j <= CHANNELS; j++) {
			uint8_t channel;

			ck_assert_int_eq(rt_rfcomm_listen(pair.host[i].rfcomm,
							  j, &params, &channel),
					 0);
		}
	}
}

static struct user *connect_from(size_t host, uint8_t channel)
{
	struct user *user = new_user(host, false);
	const struct rt_rfcomm_params params = {
		.ops = &ops,
		.user = user,
		.room_bytes = ROOM,
	};
	const int err =
		rt_rfcomm_connect(pair.host[host].rfcomm, pair_addr(1 - host),
				  channel, &params, &user->dlc);

	if (err) {
		ck_assert(err == -EADDRINUSE || err == -ENOSPC);
		user_count--;
		return NULL;
	}
	return user;
}

static void close_all(void)
{
	for (size_t i = 0; i < user_count; i++)
		if (!users[i].closed && !users[i].abandoned)
			rt_rfcomm_close(engine_of(&users[i]), users[i].dlc);
}

/* Everybody has heard of the end, unless they did not want to. */
static void end(void)
{
	close_all();
	pair_run_us(RT_SECONDS(150));
	for (size_t i = 0; i < user_count; i++)
		ck_assert(users[i].closed || users[i].abandoned);
	ck_assert(pair_is_idle());
	pair_teardown();
}

START_TEST(sessions_that_cross_end_up_as_one)
{
	unsigned int opened = 0;

	for (uint64_t seed = 1; seed <= 40; seed++) {
		struct user *a;
		struct user *b;

		begin(seed);
		a = connect_from(0, 1);
		if (seed % 3)
			pair_run_us(pair_random(3 * (uint32_t)pair.latency_us));
		b = connect_from(1, 2);
		pair_run_us(RT_SECONDS(20));
		/* Connected, or told why not: nothing hangs. */
		ck_assert(a->opened || a->closed);
		ck_assert(b->opened || b->closed);
		opened += a->opened && b->opened;
		if (!a->opened)
			a = connect_from(0, 1);
		if (!b->opened)
			b = connect_from(1, 2);
		pair_run_us(RT_SECONDS(20));
		ck_assert(a->opened && b->opened);
		ck_assert_uint_eq(fake_count(&pair.host[0].l2cap), 1);
		end();
	}
	/* The rule serves both sides, not one. */
	ck_assert_uint_eq(opened, 40);
}
END_TEST

/* Both open, at the same time, what the other offers at the same channel. */
START_TEST(equal_engines_do_not_give_way_for_ever)
{
	struct user *a;
	struct user *b;

	begin(5);
	/* The same chance for both: the worst case, until it differs. */
	pair.host[1].fake.next_random = pair.host[0].fake.next_random;
	a = connect_from(0, 1);
	b = connect_from(1, 1);
	pair_run_us(RT_SECONDS(60));
	ck_assert((a->opened && b->opened) || (a->closed && b->closed));
	end();
}
END_TEST

START_TEST(thirty_dlcs_at_once_all_open)
{
	begin(3);
	pair.lazy = false;
	for (uint8_t i = 5; i <= 15; i++) {
		for (size_t host = 0; host < 2; host++) {
			struct rt_rfcomm_params params = {
				.ops = &ops,
				.user = &pair.host[host],
				.room_bytes = ROOM,
			};
			uint8_t channel;

			ck_assert_int_eq(
				rt_rfcomm_listen(pair.host[host].rfcomm, i,
						 &params, &channel),
				0);
		}
	}
	for (uint8_t i = 1; i <= 10; i++) {
		connect_from(0, i);
		connect_from(1, i);
	}
	pair.check = NULL;
	pair_run_us(RT_SECONDS(8));
	ck_assert_uint_eq(user_count, 40);
	for (size_t i = 0; i < user_count; i++)
		ck_assert(users[i].opened && !users[i].closed);
	end();
}
END_TEST

static void act(void)
{
	struct user *user;

	switch (pair_random(10)) {
	case 0:
	case 1:
	case 2:
	case 3:
		if (user_count < USERS - 2)
			connect_from(pair_random(2),
				     (uint8_t)(1 + pair_random(CHANNELS + 1)));
		return;
	case 4:
	case 5:
	case 6:
		if (user_count == 0)
			return;
		user = &users[pair_random((uint32_t)user_count)];
		rt_rfcomm_close(engine_of(user), user->dlc);
		return;
	case 7:
		if (user_count == 0)
			return;
		user = &users[pair_random((uint32_t)user_count)];
		if (user->closed || user->abandoned)
			return;
		user->abandoned = true;
		rt_rfcomm_abandon(engine_of(user), user->dlc);
		return;
	case 8:
		close_all();
		return;
	default:
		return;
	}
}

START_TEST(whatever_is_done_by_chance_ends_idle)
{
	for (uint64_t seed = 1; seed <= 50; seed++) {
		begin(seed);
		for (int i = 0; i < 60; i++) {
			act();
			pair_run_us(pair_random(4) ? pair_random(50000)
						   : pair_random(3000000));
		}
		end();
	}
}
END_TEST

START_TEST(a_link_that_is_cut_at_any_time_leaves_nothing)
{
	const struct rt_reason why = {
		.layer = RT_LAYER_HCI,
		.code = 0x08,
		.err = -ETIMEDOUT,
	};

	for (uint64_t seed = 1; seed <= 50; seed++) {
		bool was_open[USERS] = { false };
		struct user *user;

		begin(seed);
		connect_from(0, 1);
		if (seed % 2)
			connect_from(1, 2);
		pair_run_us(pair_random(3000000));
		if (seed % 4 == 0)
			close_all();
		pair_run_us(pair_random(100000));
		for (size_t i = 0; i < user_count; i++)
			was_open[i] = users[i].opened;
		pair_cut(&why);
		pair_run_us(RT_SECONDS(3));
		for (size_t i = 0; i < user_count; i++)
			ck_assert(users[i].closed || !was_open[i]);
		/* And again. */
		close_all();
		pair_run_us(RT_SECONDS(60));
		user = connect_from(0, 1);
		pair_run_us(RT_SECONDS(5));
		ck_assert(user->opened);
		end();
	}
}
END_TEST

/* RFC-09: the user goes with frames under way. */
START_TEST(a_user_that_goes_with_frames_under_way_is_not_called)
{
	struct user *a;

	begin(17);
	a = connect_from(0, 1);
	pair_run_us(RT_SECONDS(2));
	ck_assert(a->opened);
	a->abandoned = true;
	rt_rfcomm_abandon(engine_of(a), a->dlc);
	end();
}
END_TEST

START_TEST(a_peer_that_refuses_the_channel_is_told_as_such)
{
	struct user *a;

	begin(2);
	pair.refuses[1] = true;
	a = connect_from(0, 1);
	pair_run_us(RT_SECONDS(5));
	ck_assert(a->closed);
	ck_assert_int_eq(a->why.layer, RT_LAYER_L2CAP);
	ck_assert_uint_eq(a->why.code, RT_L2CAP_NO_RESOURCES);
	end();
}
END_TEST

START_TEST(an_unknown_server_channel_is_refused)
{
	struct user *a;

	begin(2);
	a = connect_from(0, 30);
	pair_run_us(RT_SECONDS(5));
	ck_assert(a->closed);
	ck_assert_int_eq(a->why.layer, RT_LAYER_RFCOMM);
	ck_assert_uint_eq(a->why.code, RT_RFCOMM_REFUSED);
	ck_assert_uint_eq(rt_rfcomm_get_stats(pair.host[1].rfcomm)->refused, 1);
	end();
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		sessions_that_cross_end_up_as_one,
		equal_engines_do_not_give_way_for_ever,
		thirty_dlcs_at_once_all_open,
		whatever_is_done_by_chance_ends_idle,
		a_link_that_is_cut_at_any_time_leaves_nothing,
		a_user_that_goes_with_frames_under_way_is_not_called,
		a_peer_that_refuses_the_channel_is_told_as_such,
		an_unknown_server_channel_is_refused,
	};

	return suite_run("two engines", tests, RT_ARRAY_SIZE(tests), NULL,
			 NULL);
}
