/* SPDX-License-Identifier: MIT */
#include "l2cap/ecfc.h"

#include "l2cap/chan.h"
#include "l2cap/credit.h"
#include "l2cap/ecfc_ask.h"
#include "l2cap/ecfc_offer.h"
#include "l2cap/ecfc_reconf.h"
#include "l2cap/engine.h"
#include "l2cap/link.h"
#include "l2cap/listener.h"
#include "stack/rd.h"
#include "stack/wr.h"

#define CID_BYTES 2
#define CID_LAST 0x007f /* of those that a channel of this mode gets */

void rt_l2cap_ecfc_init(struct rt_l2cap_ecfc *ecfc)
{
	rt_list_init(&ecfc->offers);
	rt_list_init(&ecfc->reconfs);
	rt_list_init(&ecfc->grants);
	ecfc->last_cid = CID_LAST;
}

void rt_l2cap_ecfc_free(struct rt_l2cap_link *link)
{
	rt_l2cap_ecfc_offer_free_all(link);
	rt_l2cap_ecfc_reconf_free_all(link);
}

bool rt_l2cap_ecfc_listens(const struct rt_l2cap *l2cap)
{
	const struct rt_l2cap_listener *listener;

	RT_LIST_EACH (listener, &l2cap->listeners, node) {
		if (listener->params.mode == RT_L2CAP_MODE_CREDIT)
			return true;
	}
	return false;
}

const struct rt_l2cap_listener *
rt_l2cap_ecfc_listener(const struct rt_l2cap *l2cap, uint16_t spsm)
{
	const struct rt_l2cap_listener *listener =
		rt_l2cap_listener_find(l2cap, spsm);

	return listener && listener->params.mode == RT_L2CAP_MODE_CREDIT
		       ? listener
		       : NULL;
}

bool rt_l2cap_ecfc_is_on(const struct rt_l2cap_link *link)
{
	const struct rt_l2cap_chan *chan;

	RT_LIST_EACH (chan, &link->chans, node) {
		if (chan->params.mode == RT_L2CAP_MODE_CREDIT)
			return true;
	}
	return rt_l2cap_ecfc_listens(link->l2cap);
}

static uint16_t after(uint16_t cid)
{
	return cid == CID_LAST ? RT_L2CAP_CID_DYNAMIC : (uint16_t)(cid + 1);
}

uint16_t rt_l2cap_ecfc_next_cid(struct rt_l2cap_link *link)
{
	uint16_t cid = link->ecfc.last_cid;

	for (int i = RT_L2CAP_CID_DYNAMIC; i <= CID_LAST; i++) {
		cid = after(cid);
		if (rt_l2cap_chan_by_scid(link, cid))
			continue;
		link->ecfc.last_cid = cid;
		return cid;
	}
	return rt_l2cap_link_next_cid(link);
}

bool rt_l2cap_ecfc_read_cids(struct rt_bytes tail, size_t least,
			     struct rt_l2cap_cids *ret_cids)
{
	struct rt_l2cap_cids cids = { .count = tail.len / CID_BYTES };
	struct rt_rd r = rt_rd_init(tail);

	if (cids.count < least || cids.count > RT_ARRAY_SIZE(cids.cid))
		return false;
	for (size_t i = 0; i < cids.count; i++)
		cids.cid[i] = rt_rd_le16(&r);
	if (!rt_rd_done(&r))
		return false;
	*ret_cids = cids;
	return true;
}

bool rt_l2cap_ecfc_any_is_free(const struct rt_l2cap_link *link,
			       const struct rt_l2cap_cids *scids)
{
	for (size_t i = 0; i < scids->count; i++) {
		if (scids->cid[i] >= RT_L2CAP_CID_DYNAMIC &&
		    !rt_l2cap_chan_by_dcid(link, scids->cid[i]))
			return true;
	}
	return false;
}

struct rt_bytes rt_l2cap_ecfc_write_cids(const struct rt_l2cap_cids *cids,
					 uint8_t *buf)
{
	struct rt_wr w = rt_wr_init(buf, sizeof(cids->cid));

	for (size_t i = 0; i < cids->count; i++)
		rt_wr_le16(&w, cids->cid[i]);
	return rt_wr_bytes(&w);
}

bool rt_l2cap_ecfc_is_pending(uint16_t result)
{
	return result >= RT_L2CAP_ECFC_PENDING &&
	       result <= RT_L2CAP_ECFC_PENDING_AUTHORIZATION;
}

bool rt_l2cap_ecfc_is_of_some(uint16_t result)
{
	return result == RT_L2CAP_ECFC_NO_RESOURCES ||
	       result == RT_L2CAP_ECFC_INVALID_SCID ||
	       result == RT_L2CAP_ECFC_SCID_IN_USE;
}

uint16_t rt_l2cap_ecfc_result_of(enum rt_l2cap_verdict verdict)
{
	switch (verdict) {
	case RT_L2CAP_ALLOW:
		return RT_L2CAP_ECFC_SUCCESS;
	case RT_L2CAP_WAIT_AUTHENTICATION:
		return RT_L2CAP_ECFC_PENDING_AUTHENTICATION;
	case RT_L2CAP_WAIT_AUTHORIZATION:
		return RT_L2CAP_ECFC_PENDING_AUTHORIZATION;
	case RT_L2CAP_NO_AUTHENTICATION:
		return RT_L2CAP_ECFC_NO_AUTHENTICATION;
	case RT_L2CAP_NO_AUTHORIZATION:
		return RT_L2CAP_ECFC_NO_AUTHORIZATION;
	case RT_L2CAP_KEY_TOO_SHORT:
		return RT_L2CAP_ECFC_KEY_TOO_SHORT;
	case RT_L2CAP_NO_ENCRYPTION:
		return RT_L2CAP_ECFC_NO_ENCRYPTION;
	}
	return RT_L2CAP_ECFC_NO_AUTHORIZATION;
}

void rt_l2cap_ecfc_on_up(struct rt_l2cap_chan *chan)
{
	rt_l2cap_ecfc_ask_on_up(chan);
}

void rt_l2cap_ecfc_gate_changed(struct rt_l2cap_link *link)
{
	rt_l2cap_ecfc_ask_gate_changed(link);
	rt_l2cap_ecfc_offer_gate_changed(link);
}

void rt_l2cap_ecfc_on_gate(struct rt_l2cap_chan *chan)
{
	if (!chan->incoming) {
		rt_l2cap_chan_over(chan, RT_L2CAP_GATE_TIMEOUT,
				   RT_L2CAP_WHY_FAILED);
		return;
	}
	rt_l2cap_ecfc_offer_refuse(chan);
	rt_l2cap_chan_discard(chan);
}

void rt_l2cap_ecfc_accept(struct rt_l2cap_chan *chan)
{
	rt_l2cap_ecfc_offer_accept(chan);
}

void rt_l2cap_ecfc_refuse(struct rt_l2cap_chan *chan)
{
	rt_l2cap_ecfc_offer_refuse(chan);
}

void rt_l2cap_ecfc_leave(struct rt_l2cap_chan *chan)
{
	if (chan->params.mode != RT_L2CAP_MODE_CREDIT)
		return;
	if (chan->incoming)
		rt_l2cap_ecfc_offer_refuse(chan);
	else
		rt_l2cap_ecfc_ask_leave(chan);
}

void rt_l2cap_ecfc_on_credit_ind(struct rt_l2cap_cmd *cmd,
				 const struct rt_l2cap_credit_ind *msg)
{
	struct rt_l2cap_chan *chan = rt_l2cap_chan_by_dcid(cmd->link, msg->cid);

	if (!chan || chan->state != RT_L2CAP_CHAN_OPEN ||
	    chan->agreed.mode != RT_L2CAP_MODE_CREDIT) {
		rt_l2cap_sig_unexpected(cmd);
		return;
	}
	if (msg->credits > 0)
		rt_l2cap_credit_add(chan, msg->credits);
}
