/* SPDX-License-Identifier: MIT */
#include "tests/unit/rfcomm/fake_gate.h"

struct fake_gate gate;

static enum rt_l2cap_verdict check(void *ctx,
				   const struct rt_l2cap_gate_request *request,
				   struct rt_reason *ret_why)
{
	ck_assert_ptr_eq(ctx, &gate);
	ck_assert_uint_eq(ret_why->layer, RT_LAYER_NONE);
	gate.asked++;
	gate.request = *request;
	if (gate.strict != 0 && request->channel != gate.strict)
		return RT_L2CAP_ALLOW;
	if (gate.verdict > RT_L2CAP_WAIT_AUTHORIZATION)
		*ret_why = gate.why;
	return gate.verdict;
}

void gate_setup(void)
{
	static const struct rt_l2cap_gate ops = { .check = check };

	gate = (struct fake_gate){ .asked = 0 };
	rt_rfcomm_set_gate(bench.rfcomm, &ops, &gate);
}

void says(enum rt_l2cap_verdict verdict)
{
	gate.verdict = verdict;
	rt_rfcomm_gate_changed(bench.rfcomm, bench_addr(1));
}

void waits(void)
{
	says(RT_L2CAP_WAIT_AUTHENTICATION);
}

void allows(void)
{
	says(RT_L2CAP_ALLOW);
	bench_step();
}
