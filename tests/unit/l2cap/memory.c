/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "tests/unit/l2cap/bench.h"
#include "tests/unit/l2cap/model.h"

/*
 * Every allocation fails once, in its turn. Whatever fails, each channel and
 * echo ends in one way, and nothing is left.
 */

struct chan {
	rt_handle handle;
	bool there; /* its end has not been told */
	unsigned int opened;
	unsigned int closed;
};

struct scene {
	enum rt_l2cap_mode mode;
	bool waits; /* for the gate, whoever asks it first */
	size_t fail_at;
	bool failed;
	struct model model;
	struct chan ours;
	struct chan theirs;
	bool echo_there;
	unsigned int echo_done;
	unsigned int written;
	unsigned int got;
};

static struct scene scene;

static void *(*real_alloc)(void *ctx, size_t bytes);

/* Fails the allocation number fail_at, and no other. */
static void *failing_alloc(void *ctx, size_t bytes)
{
	if (scene.fail_at-- == 0) {
		scene.failed = true;
		return NULL;
	}
	return real_alloc(ctx, bytes);
}

static void on_opened(void *user, rt_handle handle)
{
	struct chan *chan = user;

	ck_assert_uint_eq(chan->handle, handle);
	ck_assert_uint_eq(++chan->opened, 1);
	rt_l2cap_ready(bench.l2cap, handle);
}

static void on_closed(void *user, rt_handle handle, const struct rt_reason *why)
{
	struct chan *chan = user;

	(void)why;
	ck_assert_uint_eq(chan->handle, handle);
	ck_assert(chan->there);
	chan->there = false;
	chan->closed++;
}

static void on_rx(void *user, rt_handle handle, struct rt_bytes sdu)
{
	(void)user;
	(void)handle;
	ck_assert_uint_eq(sdu.len, 4);
	scene.got++;
}

static bool on_pull(void *user, rt_handle handle, size_t max,
		    struct rt_pdu *pdu)
{
	(void)user;
	(void)handle;
	ck_assert_uint_ge(max, 4);
	if (scene.written == 3)
		return false;
	scene.written++;
	pdu->body[0] = rt_bytes("data", 4);
	return true;
}

static void on_completed(void *user, rt_handle handle,
			 const struct rt_done *done, bool written)
{
	(void)user;
	(void)handle;
	(void)done;
	(void)written;
}

static const struct rt_l2cap_ops ops;

static int on_incoming(void *user, rt_handle handle)
{
	(void)user;
	scene.theirs.handle = handle;
	scene.theirs.there = true;
	rt_l2cap_set_user(bench.l2cap, handle, &ops, &scene.theirs);
	return -EAGAIN;
}

static const struct rt_l2cap_ops ops = {
	.opened = on_opened,
	.closed = on_closed,
	.rx = on_rx,
	.pull = on_pull,
	.completed = on_completed,
	.incoming = on_incoming,
};

static void on_done(void *user, const struct rt_reason *why,
		    struct rt_bytes data)
{
	(void)user;
	(void)why;
	(void)data;
	ck_assert(scene.echo_there);
	scene.echo_there = false;
	scene.echo_done++;
}

static const struct rt_l2cap_echo_ops echo_ops = { .done = on_done };

static enum rt_l2cap_verdict
on_check(void *user, const struct rt_l2cap_gate_request *request,
	 struct rt_reason *ret_why)
{
	(void)ret_why;
	(void)user;
	(void)request;
	return scene.waits ? RT_L2CAP_WAIT_AUTHENTICATION : RT_L2CAP_ALLOW;
}

static const struct rt_l2cap_gate gate = { .check = on_check };

/* What waits for the gate goes on. */
static void let_in(void)
{
	const bool waits = scene.waits;

	scene.waits = false;
	rt_l2cap_gate_changed(bench.l2cap, bench_addr(1));
	bench_step();
	scene.waits = waits;
}

static void send(const struct model_frame *frame)
{
	fake_link_rx(bench.link, frame->cid, frame->data, frame->len);
	bench_step();
}

/* Lets both sides talk until neither has anything to say. */
static void talk(void)
{
	struct model_frame frame[2];
	uint8_t pdu[128];
	size_t len;
	size_t n;

	while ((len = fake_link_pull(bench.link, pdu, sizeof(pdu))) > 0) {
		fake_link_complete(bench.link, 1, true);
		ck_assert_uint_le(len, sizeof(pdu));
		memset(frame, 0, sizeof(frame));
		n = model_react(&scene.model, pdu, len, frame);
		for (size_t i = 0; i < n; i++)
			send(&frame[i]);
	}
}

/* The same while time passes, so that what was lost is sent again. */
static void talk_for_ms(unsigned int ms)
{
	for (unsigned int t = 0; t < ms; t += 500) {
		talk();
		bench_wait_ms(500);
	}
	talk();
}

static void play_ours(void)
{
	const struct rt_l2cap_params params = {
		.ops = &ops,
		.user = &scene.ours,
		.mode = scene.mode,
	};
	const struct rt_l2cap_echo_params echo = {
		.ops = &echo_ops,
		.data = rt_bytes("ping", 4),
		.timeout_ms = 1000,
	};
	rt_handle handle;
	int ret;

	ret = rt_l2cap_connect(bench.l2cap, bench_addr(1), 0x1001, &params,
			       &scene.ours.handle);
	ck_assert(ret == 0 || (ret == -ENOMEM && scene.failed));
	scene.ours.there = ret == 0;
	scene.echo_there = true;
	ret = rt_l2cap_echo(bench.l2cap, bench_addr(1), &echo, &handle);
	ck_assert(ret == 0 || (ret == -ENOMEM && scene.failed));
	scene.echo_there = ret == 0;
	bench.link = fake_hci_find(&bench.hci, bench_addr(1));
	fake_link_up(bench.link);
	let_in();
	talk_for_ms(40000);
}

static void play_theirs(void)
{
	const struct rt_l2cap_params params = {
		.ops = &ops,
		.mode = scene.mode,
	};
	struct model_frame frame = { .cid = 0 };
	uint16_t psm;
	int ret;

	ret = rt_l2cap_listen(bench.l2cap, 0x1001, &params, &psm);
	ck_assert(ret == 0 || (ret == -ENOMEM && scene.failed));
	model_connect(&scene.model, 0x1001, &frame);
	send(&frame);
	talk();
	let_in();
	if (scene.theirs.there)
		ck_assert_int_eq(
			rt_l2cap_accept(bench.l2cap, scene.theirs.handle), 0);
	talk_for_ms(40000);
}

static void play(void)
{
	play_ours();
	play_theirs();
	if (!scene.failed) {
		ck_assert_uint_eq(scene.ours.opened, 1);
		ck_assert_uint_eq(scene.theirs.opened, 1);
		ck_assert_uint_eq(scene.echo_done, 1);
		if (scene.mode == RT_L2CAP_MODE_BASIC)
			ck_assert_uint_eq(scene.got, 3);
	}
	ck_assert(!scene.echo_there);
	rt_l2cap_close(bench.l2cap, scene.ours.handle);
	rt_l2cap_close(bench.l2cap, scene.theirs.handle);
	talk_for_ms(70000);
	ck_assert(!scene.ours.there && !scene.theirs.there);
	ck_assert(!bench.link->used);
	fake_link_down(bench.link, FAKE_HCI_REMOTE_USER);
	bench_step();
	ck_assert(rt_l2cap_is_idle(bench.l2cap));
}

/* Returns how many allocations there are. */
static size_t fail_all(enum rt_l2cap_mode mode, bool waits)
{
	size_t n = 0;

	do {
		bench_setup();
		memset(&scene, 0, sizeof(scene));
		scene.mode = mode;
		scene.waits = waits;
		scene.fail_at = n++;
		rt_l2cap_set_gate(bench.l2cap, &gate, NULL);
		real_alloc = bench.env->hooks.alloc;
		bench.env->hooks.alloc = failing_alloc;
		play();
		bench_teardown();
	} while (scene.failed);
	return n;
}

START_TEST(any_allocation_may_fail_once)
{
	ck_assert_uint_ge(fail_all(RT_L2CAP_MODE_BASIC, false), 16);
}
END_TEST

START_TEST(any_allocation_may_fail_while_the_gate_makes_channels_wait)
{
	ck_assert_uint_ge(fail_all(RT_L2CAP_MODE_BASIC, true), 16);
}
END_TEST

START_TEST(any_allocation_may_fail_in_the_other_modes)
{
	ck_assert_uint_ge(fail_all(RT_L2CAP_MODE_ERTM, false), 18);
	ck_assert_uint_ge(fail_all(RT_L2CAP_MODE_STREAMING, false), 18);
}
END_TEST

START_TEST(an_engine_without_memory_is_not_made)
{
	static struct rt_hci hci;
	struct rt_l2cap *l2cap;

	bench_setup();
	for (size_t n = 0; n < 3; n++) {
		bench.fake.allocs_left = n;
		ck_assert_int_eq(rt_l2cap_new(bench.env, &hci, &l2cap),
				 -ENOMEM);
	}
	bench.fake.allocs_left = 3;
	ck_assert_int_eq(rt_l2cap_new(bench.env, &hci, &l2cap), 0);
	rt_l2cap_free(l2cap);
	bench_teardown();
}
END_TEST

START_TEST(a_link_attempt_without_memory_is_given_up)
{
	struct user user = { .answer = 0 };

	bench_setup();
	bench.fake.allocs_left = 1;
	ck_assert_int_eq(connect_to(&user, 0x1001), -ENOMEM);
	ck_assert_int_eq(bench.link->cancels, 1);
	ck_assert(rt_l2cap_is_idle(bench.l2cap));
	fake_link_down(bench.link, 0x02);
	bench.fake.allocs_left = SIZE_MAX;

	/* A link that is open is left alone. */
	bench.fake.allocs_left = 0;
	link_in();
	bench.link->state = RT_HCI_LINK_OPEN;
	bench.fake.allocs_left = 1;
	ck_assert_int_eq(connect_to(&user, 0x1001), -ENOMEM);
	ck_assert_int_eq(bench.link->cancels, 0);
	bench_teardown();
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		any_allocation_may_fail_once,
		any_allocation_may_fail_while_the_gate_makes_channels_wait,
		any_allocation_may_fail_in_the_other_modes,
		an_engine_without_memory_is_not_made,
		a_link_attempt_without_memory_is_given_up,
	};

	return suite_run("l2cap/memory", tests, RT_ARRAY_SIZE(tests), NULL,
			 NULL);
}
