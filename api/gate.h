/* SPDX-License-Identifier: MIT */
#ifndef RT_API_GATE_H
#define RT_API_GATE_H

#include "l2cap/l2cap.h"
#include "stack/addr.h"

struct rt_host;

/*
 * What stands between the security gate, where L2CAP and RFCOMM ask, and
 * security, which knows the links. The user of both is the host.
 */

/* For rt_l2cap_set_gate() and rt_rfcomm_set_gate(). */
extern const struct rt_l2cap_gate rt_api_gate;

/* What security says about the peer is different now: of rt_sec_ops. */
void rt_api_gate_changed(void *user, struct rt_addr addr);

/*
 * What listens has changed: security hears of the weakest need there is, which
 * decides about pairings that nobody is asked for.
 */
void rt_api_gate_update_floor(struct rt_host *host);

#endif
