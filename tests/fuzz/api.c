/* SPDX-License-Identifier: MIT */
/*
 * Any calls of the public functions, in any order and with any arguments, by
 * the applications of two hosts that find each other (F-15), also from inside
 * of callbacks, and with one allocation that fails. api.h has the layout of an
 * input, user.h what must hold.
 */
#include "tests/fuzz/api.h"

#include "tests/fuzz/fuzz.h"

#define CALM_S 500

static void play(struct world *w, struct user *users, uint8_t what,
		 struct rt_bytes body)
{
	struct user *user = &users[what & RECORD_OTHER ? 1 : 0];
	struct rt_rd r = rt_rd_init(body);
	const unsigned int act = (what & RECORD_ACT) % (USER_ACTS + 1U);

	if (act == USER_ACTS)
		world_run(w, UINT64_C(1000) << rt_rd_u8(&r) % 17);
	else
		user_act(user, (uint8_t)act, &r);
	if (!(what & RECORD_AT_ONCE))
		world_settle(w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rt_rd r = rt_rd_init(rt_bytes(data, size));
	struct world *w = world_new(NULL);
	const uint16_t fails = rt_rd_le16(&r);
	static struct user users[2];

	for (unsigned int i = 0; i < 2; i++)
		user_init(&users[i], &w->node[i], world_addr(w, !i));
	if (fails > 0)
		w->node[0].memory.fail_at = w->node[0].memory.asked + fails;
	for (int i = 0; i < RECORDS_MAX && rt_rd_left(&r) >= 2; i++) {
		const uint8_t what = rt_rd_u8(&r);
		const size_t len = rt_rd_u8(&r);

		play(w, users, what,
		     rt_rd_take(&r, RT_MIN(len, rt_rd_left(&r))));
	}
	w->node[0].memory.fail_at = 0;
	world_run(w, RT_SECONDS(CALM_S));
	for (unsigned int i = 0; i < 2; i++) {
		user_check(&users[i], true);
		user_free(&users[i]);
	}
	user_end_world(w);
	return 0;
}
