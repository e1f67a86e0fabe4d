/* SPDX-License-Identifier: MIT */
#include "tests/unit/l2cap/ecfc_bench.h"

#include <string.h>

const struct rt_l2cap_stats *stats(void)
{
	return rt_l2cap_get_stats(bench.l2cap);
}

struct user ask_user;
rt_handle ask_chans[5];

void ask_setup(void)
{
	bench_setup();
	ask_user = (struct user){ .many = true };
	memset(ask_chans, 0, sizeof(ask_chans));
}

const struct rt_l2cap_params ask_params = {
	.ops = &user_ops,
	.user = &ask_user,
	.mode = RT_L2CAP_MODE_CREDIT,
	.imtu = 100,
	.mps = 64,
	.credits = 3,
};

int ask_for(size_t count)
{
	const int ret =
		rt_l2cap_connect_many(bench.l2cap, bench_addr(1), 0x1001,
				      &ask_params, count, ask_chans);

	bench.link = fake_hci_find(&bench.hci, bench_addr(1));
	ask_user.chan = ask_chans[0];
	return ret;
}

void ask_sent(size_t count)
{
	static const char *const reqs[] = {
		"17 01 0a00 0110 6400 4000 0300 4000",
		"17 01 0c00 0110 6400 4000 0300 4000 4100",
		"17 01 0e00 0110 6400 4000 0300 4000 4100 4200",
		"17 01 1000 0110 6400 4000 0300 4000 4100 4200 4300",
		"17 01 1200 0110 6400 4000 0300 4000 4100 4200 4300 4400",
	};

	ck_assert_int_eq(ask_for(count), 0);
	fake_link_up(bench.link);
	tx(reqs[count - 1]);
	tx_nothing();
	told(&ask_user, "");
}

struct rt_l2cap_info ask_info(size_t i)
{
	struct rt_l2cap_info ret = { .scid = 0 };

	ck_assert_int_eq(rt_l2cap_get_info(bench.l2cap, ask_chans[i], &ret), 0);
	return ret;
}

bool ask_is_there(size_t i)
{
	struct rt_l2cap_info ret;

	return rt_l2cap_get_info(bench.l2cap, ask_chans[i], &ret) == 0;
}

struct user offer_user;
struct rt_l2cap_params offer_params;

const char *offer_answers;
rt_handle offer_chans[OFFER_USERS];
size_t offer_count;

static void on_opened(void *ctx, rt_handle chan)
{
	user_ops.opened(ctx, chan);
}

static int on_incoming(void *ctx, rt_handle chan)
{
	struct user *u = ctx;

	ck_assert_uint_lt(offer_count, OFFER_USERS);
	offer_chans[offer_count] = chan;
	u->chan = chan;
	strncat(u->log, u->log[0] ? " incoming" : "incoming", 10);
	switch (offer_answers[offer_count++]) {
	case 'y':
		return 0;
	case 'n':
		return -EACCES;
	case 'l':
		return -EAGAIN;
	case 'x':
		rt_l2cap_close(bench.l2cap, chan);
		return 0;
	default:
		return -ENOBUFS;
	}
}

static const struct rt_l2cap_ops *ops(void)
{
	static struct rt_l2cap_ops all;

	all = listener_ops;
	all.opened = on_opened;
	all.incoming = on_incoming;
	return &all;
}

void offer_setup(void)
{
	uint16_t psm;

	bench_setup();
	offer_user = (struct user){ .many = true };
	offer_answers = "yyyyyy";
	offer_count = 0;
	offer_params = (struct rt_l2cap_params){
		.ops = ops(),
		.user = &offer_user,
		.mode = RT_L2CAP_MODE_CREDIT,
		.imtu = 100,
		.mps = 64,
		.credits = 3,
		.security = { .level = 2 },
	};
	ck_assert_int_eq(
		rt_l2cap_listen(bench.l2cap, 0x1001, &offer_params, &psm), 0);
	link_in();
}

void offer_restart(void)
{
	bench_teardown();
	offer_setup();
}

struct rt_l2cap_info offer_info(size_t i)
{
	struct rt_l2cap_info ret = { .scid = 0 };

	ck_assert_int_eq(rt_l2cap_get_info(bench.l2cap, offer_chans[i], &ret),
			 0);
	return ret;
}

void offer_refused(const char *req, const char *rsp, uint32_t n)
{
	const uint32_t before = stats()->refused;

	rx(req);
	tx(rsp);
	tx_nothing();
	ck_assert_uint_eq(stats()->refused, before + n);
}
