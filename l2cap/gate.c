/* SPDX-License-Identifier: MIT */
#include "l2cap/gate.h"

#include "l2cap/connect.h"
#include "l2cap/ecfc.h"
#include "l2cap/engine.h"
#include "l2cap/link.h"
#include "l2cap/ucd.h"

enum rt_l2cap_verdict
rt_l2cap_gate_check(const struct rt_l2cap *l2cap,
		    const struct rt_l2cap_gate_request *request)
{
	if (l2cap->gate)
		return l2cap->gate->check(l2cap->gate_user, request);
	return request->connectionless ? RT_L2CAP_NO_AUTHENTICATION
				       : RT_L2CAP_ALLOW;
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

void rt_l2cap_gate_changed(struct rt_l2cap *l2cap, struct rt_addr addr)
{
	struct rt_l2cap_link *link;
	struct rt_l2cap_chan *chan;

	RT_LIST_EACH (link, &l2cap->links, node) {
		if (!rt_addr_equal(link->addr, addr))
			continue;
		RT_LIST_EACH (chan, &link->chans, node)
			rt_l2cap_connect_ask_again(chan);
		rt_l2cap_ecfc_gate_changed(link);
		rt_l2cap_ucd_gate_changed(link);
	}
}
