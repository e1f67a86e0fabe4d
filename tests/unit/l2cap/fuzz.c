/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "l2cap/chan.h"
#include "l2cap/link.h"
#include "tests/unit/l2cap/bench.h"
#include "tests/unit/l2cap/model.h"

/*
 * Valid exchanges with a model peer, in which frames are changed, cut,
 * lengthened, lost, repeated and out of order, while the user does what comes
 * to his mind and time passes. Repeatable: one seed, one run.
 */

#define RUNS 2000
#define STEPS 150
#define USERS 64
#define INBOX 32

struct chan {
	rt_handle handle;
	bool there; /* its end has not been told, and it was not abandoned */
	bool opened;
	uint32_t out; /* SDUs pulled and not completed */
};

struct run {
	uint64_t random;
	struct model model;
	struct chan chan[USERS];
	size_t count;
	unsigned int echoes;
	rt_handle echo;
	struct model_frame inbox[INBOX];
	size_t in_count;
};

static struct run run;
static unsigned int opened_in[RT_L2CAP_MODE_STREAMING + 1]; /* by mode */

static uint32_t pick(uint32_t n)
{
	return suite_random(&run.random) % n;
}

static struct chan *any(void)
{
	return &run.chan[run.count ? pick((uint32_t)run.count) : 0];
}

static void must(bool ok, const char *what)
{
	if (!ok)
		ck_abort_msg("broken rule: %s", what);
}

static void on_opened(void *user, rt_handle handle)
{
	struct chan *chan = user;
	struct rt_l2cap_info info;

	must(chan->there && chan->handle == handle, "opened is told once");
	must(!chan->opened, "a channel opens once");
	must(rt_l2cap_get_info(bench.l2cap, handle, &info) == 0,
	     "there is a channel that opens");
	chan->opened = true;
	opened_in[info.mode]++;
	if (pick(20) == 0)
		rt_l2cap_close(bench.l2cap, handle);
}

static void on_closed(void *user, rt_handle handle, const struct rt_reason *why)
{
	struct chan *chan = user;

	must(chan->there && chan->handle == handle, "closed is told once");
	must(chan->out == 0, "everything pulled is completed first");
	must(why->layer != RT_LAYER_NONE, "there is a reason");
	chan->there = false;
}

static void on_rx(void *user, rt_handle handle, struct rt_bytes sdu)
{
	struct chan *chan = user;

	must(chan->there && chan->opened, "data come while it is open");
	must(sdu.len <= 672, "data are no longer than our MTU");
	if (pick(10) == 0)
		rt_l2cap_ready(bench.l2cap, handle);
	if (pick(50) == 0)
		rt_l2cap_close(bench.l2cap, handle);
}

static bool on_pull(void *user, rt_handle handle, size_t max,
		    struct rt_pdu *pdu)
{
	static const uint8_t octets[64];
	struct chan *chan = user;

	(void)handle;
	must(chan->there && chan->opened, "pulled while it is open");
	must(max >= 48, "the peer takes 48 octets");
	if (pick(3) == 0)
		return false;
	pdu->body[0] = rt_bytes(octets, pick(48));
	pdu->done.bytes = 1;
	chan->out++;
	return true;
}

static void on_completed(void *user, rt_handle handle,
			 const struct rt_done *done, bool written)
{
	struct chan *chan = user;

	(void)written;
	must(chan->there && chan->handle == handle, "completed while there");
	must(chan->out-- > 0 && done->bytes == 1, "completed once");
}

static const struct rt_l2cap_ops ops;

static struct chan *new_chan(rt_handle handle)
{
	struct chan *chan = &run.chan[run.count++];

	*chan = (struct chan){ .handle = handle, .there = true };
	return chan;
}

static int on_incoming(void *user, rt_handle handle)
{
	static const int answers[] = { 0,	0,	 0,	  -EAGAIN,
				       -EAGAIN, -EACCES, -ENOBUFS };
	const int answer = answers[pick(RT_ARRAY_SIZE(answers))];

	(void)user;
	if (run.count == USERS)
		return -ENOBUFS;
	if (answer == 0 || answer == -EAGAIN)
		rt_l2cap_set_user(bench.l2cap, handle, &ops, new_chan(handle));
	return answer;
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
	must(run.echoes-- > 0, "an echo is done once");
}

static const struct rt_l2cap_echo_ops echo_ops = { .done = on_done };

/* Any mode that is configured, with values in their ranges. */
static struct rt_l2cap_params any_params(void)
{
	static const enum rt_l2cap_mode modes[] = {
		RT_L2CAP_MODE_BASIC,
		RT_L2CAP_MODE_BASIC,
		RT_L2CAP_MODE_ERTM,
		RT_L2CAP_MODE_STREAMING,
	};
	const bool extended = pick(3) == 0;

	return (struct rt_l2cap_params){
		.ops = &ops,
		.mode = modes[pick(RT_ARRAY_SIZE(modes))],
		.mode_required = pick(4) == 0,
		.security = { .level = (uint8_t)pick(3) },
		.fcs = (enum rt_l2cap_fcs)pick(3),
		.extended_window = extended,
		.window = (uint16_t)pick(extended ? 200 : 64),
		.max_transmit = (uint16_t)pick(4),
		.mps = (uint16_t)(pick(2) * (1 + pick(50))),
		.flush_timeout_ms = (uint16_t)(pick(2) * 100),
		.retransmission_ms = (uint16_t)(pick(2) * (100 + pick(900))),
	};
}

static enum rt_l2cap_verdict
on_check(void *user, const struct rt_l2cap_gate_request *request,
	 struct rt_reason *ret_why)
{
	(void)ret_why;
	(void)user;
	(void)request;
	return pick(10) > 0 ? RT_L2CAP_ALLOW
			    : (enum rt_l2cap_verdict)pick(
				      RT_L2CAP_NO_ENCRYPTION + 1);
}

static const struct rt_l2cap_gate gate = { .check = on_check };

static void user_connects(void)
{
	struct rt_l2cap_params params = any_params();
	struct chan *chan;

	if (run.count == USERS)
		return;
	chan = &run.chan[run.count];
	params.user = chan;
	*chan = (struct chan){ .there = true };
	if (rt_l2cap_connect(bench.l2cap, bench_addr(1), 0x1001, &params,
			     &chan->handle) == 0)
		run.count++;
}

static void user_pings(void)
{
	const struct rt_l2cap_echo_params params = {
		.ops = &echo_ops,
		.data = rt_bytes("pingpongpingpong", pick(17)),
		.timeout_ms = 1 + pick(5000),
	};

	if (rt_l2cap_echo(bench.l2cap, bench_addr(1), &params, &run.echo) == 0)
		run.echoes++;
}

static void user_abandons(struct chan *chan)
{
	rt_l2cap_abandon(bench.l2cap, chan->handle);
	chan->there = false;
	chan->out = 0;
}

static void user_listens(void)
{
	const struct rt_l2cap_params params = any_params();
	uint16_t psm;

	if (rt_l2cap_listen(bench.l2cap, 0x1001, &params, &psm) < 0)
		rt_l2cap_unlisten(bench.l2cap, 0x1001);
}

static void user_acts(void)
{
	struct chan *chan = any();

	switch (pick(11)) {
	case 0:
		user_connects();
		break;
	case 9:
		rt_l2cap_gate_changed(bench.l2cap, bench_addr(1));
		break;
	case 10:
		rt_l2cap_set_room(bench.l2cap, chan->handle,
				  pick(3) * (size_t)672);
		break;
	case 1:
		rt_l2cap_close(bench.l2cap, chan->handle);
		break;
	case 2:
		if (chan->there && pick(3) == 0)
			user_abandons(chan);
		break;
	case 3:
		if (rt_l2cap_accept(bench.l2cap, chan->handle) < 0)
			rt_l2cap_ready(bench.l2cap, chan->handle);
		break;
	case 4:
		user_pings();
		break;
	case 5:
		if (pick(8) == 0)
			user_listens();
		break;
	default:
		rt_l2cap_ready(bench.l2cap, chan->handle);
		break;
	}
}

static void put_in(const struct model_frame *frame)
{
	if (run.in_count < INBOX)
		run.inbox[run.in_count++] = *frame;
}

static void pull_one(void)
{
	struct model_frame frame[2];
	uint8_t pdu[128];
	size_t len;
	size_t n;

	if (bench.link->sent_count > 20)
		fake_link_complete(bench.link, pick(20), pick(4) > 0);
	len = fake_link_pull(bench.link, pdu, sizeof(pdu));
	if (len == 0)
		return;
	memset(frame, 0, sizeof(frame));
	n = model_react(&run.model, pdu, len, frame);
	for (size_t i = 0; i < n; i++)
		put_in(&frame[i]);
}

static void mutate(struct model_frame *frame)
{
	static const uint8_t values[] = { 0x00, 0x01, 0x02, 0x03, 0x04,
					  0x40, 0x41, 0x7f, 0x80, 0xff };

	for (uint32_t n = 1 + pick(3); n > 0 && frame->len > 0; n--)
		frame->data[pick((uint32_t)frame->len)] =
			pick(2) ? values[pick(RT_ARRAY_SIZE(values))]
				: (uint8_t)pick(256);
	if (pick(6) == 0)
		frame->len = pick((uint32_t)frame->len + 1);
	if (pick(6) == 0)
		frame->len = frame->len + pick(8);
	frame->len = RT_MIN(frame->len, sizeof(frame->data));
	if (pick(30) == 0)
		frame->cid = (uint16_t)(0x40 + pick(4));
}

/* One of the frames that wait, mostly the first, mostly as it is. */
static void deliver_one(bool faithful)
{
	struct model_frame frame;
	size_t i = 0;

	if (run.in_count == 0)
		return;
	if (!faithful && pick(8) == 0)
		i = pick((uint32_t)run.in_count);
	frame = run.inbox[i];
	if (faithful || pick(12) > 0) {
		run.in_count--;
		memmove(&run.inbox[i], &run.inbox[i + 1],
			(run.in_count - i) * sizeof(frame));
	}
	if (!faithful && pick(15) == 0)
		return;
	if (!faithful && pick(6) == 0)
		mutate(&frame);
	fake_link_rx(bench.link, frame.cid, frame.data, frame.len);
}

static void peer_acts(void)
{
	struct model_frame frame = { .cid = 1 };

	if (pick(2) == 0) {
		model_connect(&run.model, 0x1001, &frame);
	} else {
		frame.data[0] = (uint8_t)(1 + pick(11));
		frame.data[1] = (uint8_t)(1 + pick(12));
		frame.data[2] = (uint8_t)pick(12);
		frame.len = 4 + (size_t)frame.data[2];
		for (size_t i = 4; i < frame.len; i += 2)
			frame.data[i] = (uint8_t)(0x40 * pick(2) + pick(4));
	}
	put_in(&frame);
}

static void link_breaks(void)
{
	fake_link_down(bench.link, FAKE_HCI_CONNECTION_TIMEOUT);
	memset(&run.model, 0, sizeof(run.model));
	run.in_count = 0;
	rt_env_reap(bench.env);
	bench.link = fake_hci_find(&bench.hci, bench_addr(1));
	if (!bench.link)
		bench.link = fake_hci_incoming(&bench.hci, bench_addr(1));
	else
		fake_link_up(bench.link);
}

static void act(void)
{
	switch (pick(12)) {
	case 0:
	case 1:
		user_acts();
		break;
	case 2:
		peer_acts();
		break;
	case 3:
		bench_wait_ms(pick(10) == 0 ? pick(40000) : pick(200));
		break;
	case 4:
		if (pick(20) == 0)
			link_breaks();
		break;
	case 5:
	case 6:
	case 7:
		pull_one();
		break;
	default:
		deliver_one(false);
		break;
	}
	bench_step();
}

static void check_settled(void)
{
	const struct rt_l2cap_link *link = rt_hci_link_user(bench.link);
	const struct rt_l2cap_chan *chan;

	must(run.echoes == 0, "every echo is done in the end");
	RT_LIST_EACH (chan, &link->chans, node)
		must(chan->state == RT_L2CAP_CHAN_OPEN,
		     "every channel is open or gone in the end");
}

/* Everybody falls silent; then the user closes what is open. */
static void settle(void)
{
	for (int i = 0; i < 800; i++) {
		while (fake_link_pull(bench.link, (uint8_t[4]){ 0 }, 4) > 0)
			fake_link_complete(bench.link, bench.link->sent_count,
					   true);
		fake_link_complete(bench.link, bench.link->sent_count, true);
		bench_wait_ms(500);
	}
	check_settled();
	for (size_t i = 0; i < run.count; i++)
		rt_l2cap_close(bench.l2cap, run.chan[i].handle);
	bench_wait_ms(60000);
	for (size_t i = 0; i < run.count; i++)
		must(!run.chan[i].there, "every channel is closed in the end");
	fake_link_down(bench.link, FAKE_HCI_REMOTE_USER);
	bench_step();
	must(rt_l2cap_is_idle(bench.l2cap), "nothing is left");
}

static void play(uint64_t seed)
{
	bench_setup();
	memset(&run, 0, sizeof(run));
	run.random = seed;
	rt_l2cap_set_gate(bench.l2cap, &gate, NULL);
	user_listens();
	link_in();
	for (int i = 0; i < STEPS; i++)
		act();
	settle();
	bench_teardown();
}

START_TEST(whatever_comes_channels_open_or_close_and_nothing_is_left)
{
	memset(opened_in, 0, sizeof(opened_in));
	for (uint64_t seed = 1; seed <= RUNS; seed++)
		play(seed * UINT64_C(0x9e3779b97f4a7c15));

	/* The exchanges are valid often enough to get somewhere. */
	ck_assert_uint_gt(opened_in[RT_L2CAP_MODE_BASIC], RUNS / 4);
	ck_assert_uint_gt(opened_in[RT_L2CAP_MODE_ERTM], RUNS / 20);
	ck_assert_uint_gt(opened_in[RT_L2CAP_MODE_STREAMING], RUNS / 20);
}
END_TEST

START_TEST(random_frames_do_no_harm)
{
	uint8_t frame[MODEL_FRAME_BYTES];
	struct user user = { .many = true };
	uint64_t random = 1;
	size_t len;

	bench_setup();
	to_open(&user);
	listen_on(&user, 0x1003);
	for (int i = 0; i < 200000; i++) {
		len = suite_random(&random) % sizeof(frame);
		for (size_t j = 0; j < len; j++)
			frame[j] = (uint8_t)suite_random(&random);
		frame[0] %= 0x0c;
		if (i % 2)
			frame[3] = 0;
		fake_link_rx(bench.link, i % 16 ? 1 : 0x40, frame, len);
		tx_discard();
		user.log[0] = '\0';
	}
	bench_teardown();
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		whatever_comes_channels_open_or_close_and_nothing_is_left,
		random_frames_do_no_harm,
	};

	return suite_run("l2cap/fuzz", tests, RT_ARRAY_SIZE(tests), NULL, NULL);
}
