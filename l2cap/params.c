/* SPDX-License-Identifier: MIT */
#include "l2cap/params.h"

#include "l2cap/engine.h"

#define TIMER_MS_MIN 100 /* of a user's retransmission and monitor timers */

/* 0 stands for the default. */
static bool is_within(uint32_t value, uint32_t least, uint32_t most)
{
	return value == 0 || (value >= least && value <= most);
}

static uint16_t window_max(const struct rt_l2cap *l2cap,
			   const struct rt_l2cap_params *params)
{
	const uint32_t limit = RT_MIN(l2cap->env->limits.ertm_window,
				      RT_LIMIT_ERTM_WINDOW_MAX);

	if (!params->extended_window)
		return RT_L2CAP_WINDOW_MAX;
	return (uint16_t)RT_MAX(limit, RT_L2CAP_WINDOW_MAX);
}

static bool is_mode(enum rt_l2cap_mode mode)
{
	return mode == RT_L2CAP_MODE_BASIC || mode == RT_L2CAP_MODE_ERTM ||
	       mode == RT_L2CAP_MODE_STREAMING || mode == RT_L2CAP_MODE_CREDIT;
}

bool rt_l2cap_need_is_valid(const struct rt_sec_need *need)
{
	return need->level <= RT_SEC_LEVEL_MAX &&
	       is_within(need->min_key_bytes, RT_SEC_KEY_SIZE_FLOOR,
			 RT_SEC_KEY_SIZE_MAX);
}

bool rt_l2cap_params_are_valid(const struct rt_l2cap *l2cap,
			       const struct rt_l2cap_params *params)
{
	const struct rt_l2cap_params *p = params;
	const bool credit = p->mode == RT_L2CAP_MODE_CREDIT;
	const uint16_t mtu =
		credit ? RT_L2CAP_CREDIT_MTU_MIN : RT_L2CAP_MTU_MIN;
	const uint16_t mps = credit ? RT_L2CAP_CREDIT_MTU_MIN : 1;

	return p->ops && is_mode(p->mode) &&
	       is_within(p->imtu, mtu, UINT16_MAX) &&
	       is_within(p->mps, mps, UINT16_MAX) &&
	       p->fcs <= RT_L2CAP_FCS_16BIT &&
	       p->window <= window_max(l2cap, p) &&
	       p->max_transmit <= RT_L2CAP_MAX_TRANSMIT_INFINITE &&
	       is_within(p->retransmission_ms, TIMER_MS_MIN, UINT16_MAX) &&
	       is_within(p->monitor_ms, TIMER_MS_MIN, UINT16_MAX) &&
	       rt_l2cap_need_is_valid(&p->security);
}
