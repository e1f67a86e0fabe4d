/* SPDX-License-Identifier: MIT */
#include "l2cap/gate.h"

#include "l2cap/chan.h"
#include "l2cap/connect.h"
#include "l2cap/ecfc.h"
#include "l2cap/engine.h"
#include "l2cap/link.h"
#include "l2cap/listener.h"
#include "l2cap/suspend.h"
#include "l2cap/ucd.h"

#define LEVEL_WITH_LONG_KEYS 2 /* from it on 16 octets are the default */

enum rt_l2cap_verdict
rt_l2cap_gate_check(const struct rt_l2cap *l2cap,
		    const struct rt_l2cap_gate_request *request,
		    struct rt_reason *ret_why)
{
	*ret_why = (struct rt_reason){ 0 };
	if (l2cap->gate)
		return l2cap->gate->check(l2cap->gate_user, request, ret_why);
	return request->connectionless ? RT_L2CAP_NO_AUTHENTICATION
				       : RT_L2CAP_ALLOW;
}

enum rt_l2cap_verdict rt_l2cap_gate_ask(const struct rt_l2cap_link *link,
					uint16_t psm,
					const struct rt_sec_need *need,
					bool incoming,
					struct rt_reason *ret_why)
{
	const struct rt_l2cap_gate_request request = {
		.peer = link->addr,
		.psm = psm,
		.need = *need,
		.incoming = incoming,
	};

	return rt_l2cap_gate_check(link->l2cap, &request, ret_why);
}

bool rt_l2cap_gate_waits(enum rt_l2cap_verdict verdict)
{
	return verdict == RT_L2CAP_WAIT_AUTHENTICATION ||
	       verdict == RT_L2CAP_WAIT_AUTHORIZATION;
}

void rt_l2cap_set_gate(struct rt_l2cap *l2cap, const struct rt_l2cap_gate *gate,
		       void *user)
{
	l2cap->gate = gate;
	l2cap->gate_user = user;
}

/* What must stop does so first: whatever is allowed now comes after it. */
void rt_l2cap_gate_changed(struct rt_l2cap *l2cap, struct rt_addr addr)
{
	struct rt_l2cap_link *link;
	struct rt_l2cap_chan *chan;

	RT_LIST_EACH (link, &l2cap->links, node) {
		if (!rt_addr_equal(link->addr, addr))
			continue;
		RT_LIST_EACH (chan, &link->chans, node)
			rt_l2cap_suspend_review(chan);
		RT_LIST_EACH (chan, &link->chans, node)
			rt_l2cap_connect_ask_again(chan);
		rt_l2cap_ecfc_gate_changed(link);
		rt_l2cap_ucd_gate_changed(link);
	}
}

/* Octets of a key that the need asks for, whether it says so or not. */
static uint8_t key_bytes(const struct rt_sec_need *need)
{
	if (need->level == RT_SEC_LEVEL_MAX)
		return RT_SEC_KEY_SIZE_MAX;
	if (need->min_key_bytes > 0)
		return need->min_key_bytes;
	return need->level >= LEVEL_WITH_LONG_KEYS ? RT_SEC_KEY_SIZE_MAX
						   : RT_SEC_KEY_SIZE_FLOOR;
}

struct rt_sec_need rt_l2cap_weaker_need(const struct rt_sec_need *a,
					const struct rt_sec_need *b)
{
	if (a->level == 0 || b->level == 0)
		return (struct rt_sec_need){ .level = 0 };
	return (struct rt_sec_need){
		.level = RT_MIN(a->level, b->level),
		.min_key_bytes = RT_MIN(key_bytes(a), key_bytes(b)),
		.bonded_only = a->bonded_only && b->bonded_only,
	};
}

static void weaken(const struct rt_sec_need *need, bool *any,
		   struct rt_sec_need *weakest)
{
	if (need->level == 0)
		return;
	*weakest = *any ? rt_l2cap_weaker_need(weakest, need) : *need;
	*any = true;
}

bool rt_l2cap_weakest_need(const struct rt_l2cap *l2cap,
			   struct rt_sec_need *ret_need)
{
	const struct rt_l2cap_listener *listener;
	struct rt_sec_need weakest = { .level = 0 };
	struct rt_sec_need ucd;
	bool any = false;

	RT_LIST_EACH (listener, &l2cap->listeners, node)
		weaken(&listener->params.security, &any, &weakest);
	for (size_t i = 0; rt_l2cap_ucd_need_at(l2cap, i, &ucd); i++)
		weaken(&ucd, &any, &weakest);
	if (any)
		*ret_need = weakest;
	return any;
}
