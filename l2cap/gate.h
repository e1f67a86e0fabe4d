/* SPDX-License-Identifier: MIT */
#ifndef RT_L2CAP_GATE_H
#define RT_L2CAP_GATE_H

#include <stdbool.h>
#include <stdint.h>

#include "l2cap/l2cap.h"

/*
 * The security gate (rt_l2cap_gate of l2cap.h), as the engine asks it. What
 * waits for it keeps its own deadline and is asked for again by
 * rt_l2cap_gate_changed(); what it has allowed is asked for again too
 * (suspend.h).
 */

struct rt_l2cap_link;

/*
 * What the gate says. Without one: yes to channels, no to connectionless data.
 * It calls nothing of L2CAP. *ret_why is all zero unless it gave a reason.
 */
enum rt_l2cap_verdict
rt_l2cap_gate_check(const struct rt_l2cap *l2cap,
		    const struct rt_l2cap_gate_request *request,
		    struct rt_reason *ret_why);

/* The same about a new channel to or from the link's peer. */
enum rt_l2cap_verdict rt_l2cap_gate_ask(const struct rt_l2cap_link *link,
					uint16_t psm,
					const struct rt_sec_need *need,
					bool incoming,
					struct rt_reason *ret_why);

/* True for the two verdicts that another one will follow. */
bool rt_l2cap_gate_waits(enum rt_l2cap_verdict verdict);

#endif
