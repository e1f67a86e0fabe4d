/* SPDX-License-Identifier: MIT */
#include "rfcomm/test.h"

#include <errno.h>

#include "rfcomm/mcc.h"
#include "rfcomm/timers.h"
#include "rfcomm/tx.h"

struct rt_rfcomm_test {
	struct rt_list node;   /* of rt_rfcomm.tests */
	struct rt_timer timer; /* T2; or now, to tell that it is over */
	struct rt_rfcomm *rfcomm;
	struct rt_addr peer;
	void (*done)(void *user, int err, struct rt_bytes data);
	void *user;
	int err; /* to be told by the timer; no answer counts any more */
};

static struct rt_rfcomm_test *find(const struct rt_rfcomm *rfcomm,
				   struct rt_addr peer)
{
	struct rt_rfcomm_test *test;

	RT_LIST_EACH (test, &rfcomm->tests, node) {
		if (rt_addr_equal(test->peer, peer))
			return test;
	}
	return NULL;
}

static void free_test(struct rt_rfcomm_test *test)
{
	rt_env_stop(test->rfcomm->env, &test->timer);
	rt_list_del(&test->node);
	rt_env_free(test->rfcomm->env, test);
}

/* The user may start another one from inside `done`. */
static void finish(struct rt_rfcomm_test *test, int err, struct rt_bytes data)
{
	void (*done)(void *user, int err, struct rt_bytes data) = test->done;
	void *user = test->user;

	free_test(test);
	done(user, err, data);
}

static void on_timer(struct rt_timer *timer)
{
	struct rt_rfcomm_test *test =
		RT_CONTAINER_OF(timer, struct rt_rfcomm_test, timer);

	finish(test, test->err ? test->err : -ETIMEDOUT, rt_bytes(NULL, 0));
}

void rt_rfcomm_test_free_all(struct rt_rfcomm *rfcomm)
{
	while (!rt_list_empty(&rfcomm->tests))
		free_test(RT_LIST_FIRST(&rfcomm->tests, struct rt_rfcomm_test,
					node));
}

void rt_rfcomm_test_lost(struct rt_rfcomm *rfcomm, struct rt_addr peer)
{
	struct rt_rfcomm_test *test = find(rfcomm, peer);

	if (!test)
		return;
	test->err = -ECONNRESET;
	rt_env_arm(rfcomm->env, &test->timer, 0);
}

bool rt_rfcomm_test_answered(struct rt_rfcomm_session *session, int err,
			     struct rt_bytes data)
{
	struct rt_rfcomm_test *test = find(session->rfcomm, session->peer);

	if (!test || test->err)
		return false;
	finish(test, err, data);
	return true;
}

int rt_rfcomm_test(struct rt_rfcomm *rfcomm, struct rt_addr addr,
		   const struct rt_rfcomm_test_params *params)
{
	const uint8_t octet = rt_rfcomm_mcc_octet(RT_RFCOMM_MCC_TEST, true);
	struct rt_rfcomm_session *session =
		rt_rfcomm_session_find(rfcomm, addr);
	struct rt_rfcomm_test *test;
	int err;

	if (!session || !rt_rfcomm_session_is_open(session))
		return -ENOTCONN;
	if (find(rfcomm, addr))
		return -EBUSY;
	test = rt_env_alloc(rfcomm->env, sizeof(*test));
	if (!test)
		return -ENOMEM;
	err = rt_rfcomm_tx_value(session, RT_RFCOMM_TX_OWN, octet,
				 params->data);
	if (err) {
		rt_env_free(rfcomm->env, test);
		return err;
	}
	test->rfcomm = rfcomm;
	test->peer = addr;
	test->done = params->done;
	test->user = params->user;
	rt_timer_init(&test->timer, on_timer);
	rt_env_arm(rfcomm->env, &test->timer, RT_RFCOMM_T2_US);
	rt_list_append(&rfcomm->tests, &test->node);
	return 0;
}

void rt_rfcomm_test_cancel(struct rt_rfcomm *rfcomm, struct rt_addr addr)
{
	struct rt_rfcomm_test *test = find(rfcomm, addr);

	if (test)
		free_test(test);
}
