/* SPDX-License-Identifier: MIT */
#include "l2cap/link.h"

#include <errno.h>

#include "l2cap/chan.h"
#include "l2cap/connect.h"
#include "l2cap/data.h"
#include "l2cap/echo.h"
#include "l2cap/sig.h"
#include "stack/rd.h"
#include "stack/wr.h"

/* HCI: Remote Device Terminated Connection due to Low Resources. */
#define HCI_LOW_RESOURCES 0x14

static struct rt_l2cap_link *new_link(struct rt_l2cap *l2cap,
				      struct rt_hci_link *hci)
{
	struct rt_l2cap_link *link = rt_env_alloc(l2cap->env, sizeof(*link));

	if (!link)
		return NULL;
	link->l2cap = l2cap;
	link->hci = hci;
	link->addr = rt_hci_link_addr(hci);
	rt_list_init(&link->node);
	rt_list_init(&link->chans);
	rt_list_init(&link->echoes);
	rt_list_init(&link->ready);
	rt_list_init(&link->replies);
	rt_list_init(&link->reqs);
	rt_l2cap_peer_init(&link->peer);
	link->last_cid = UINT16_MAX;
	rt_list_append(&l2cap->links, &link->node);
	rt_hci_link_set_user(hci, link);
	return link;
}

int rt_l2cap_link_get(struct rt_l2cap *l2cap, struct rt_addr addr,
		      struct rt_l2cap_link **ret_link)
{
	struct rt_l2cap_link *link;
	struct rt_hci_link *hci;
	int ret = rt_hci_link_connect(l2cap->hci, addr, &hci);

	if (ret < 0)
		return ret;
	link = rt_hci_link_user(hci);
	if (!link)
		link = new_link(l2cap, hci);
	if (link) {
		*ret_link = link;
		return 0;
	}
	if (rt_hci_link_state(hci) == RT_HCI_LINK_CONNECTING)
		rt_hci_link_cancel(hci);
	return -ENOMEM;
}

/* Stops what runs and lets go of HCI's link. */
static void detach(struct rt_l2cap_link *link)
{
	rt_l2cap_req_stop(&link->peer.req);
	rt_pkt_free_all(link->l2cap->env, &link->replies);
	rt_list_del(&link->node);
	rt_hci_link_set_user(link->hci, NULL);
	link->hci = NULL;
}

void rt_l2cap_link_free(struct rt_l2cap_link *link)
{
	detach(link);
	rt_env_free(link->l2cap->env, link);
}

static void free_grave(struct rt_env *env, struct rt_grave *grave)
{
	rt_env_free(env, RT_CONTAINER_OF(grave, struct rt_l2cap_link, grave));
}

bool rt_l2cap_link_is_open(const struct rt_l2cap_link *link)
{
	return link->hci && rt_hci_link_state(link->hci) == RT_HCI_LINK_OPEN;
}

static bool is_needed(const struct rt_l2cap_link *link)
{
	const struct rt_l2cap_chan *chan;

	RT_LIST_EACH (chan, &link->chans, node) {
		if (rt_l2cap_chan_needs_link(chan))
			return true;
	}
	return !rt_list_empty(&link->echoes);
}

void rt_l2cap_link_update(struct rt_l2cap_link *link)
{
	const bool used = is_needed(link);

	if (!link->hci || used == link->used)
		return;
	link->used = used;
	rt_hci_link_set_used(link->hci, used);
	if (used || rt_hci_link_state(link->hci) != RT_HCI_LINK_CONNECTING)
		return;
	link->cancelled = true;
	rt_hci_link_cancel(link->hci);
}

void rt_l2cap_link_wake(struct rt_l2cap_link *link)
{
	if (link->hci)
		rt_hci_link_ready(link->hci);
}

uint16_t rt_l2cap_link_next_cid(struct rt_l2cap_link *link)
{
	do {
		link->last_cid = link->last_cid == UINT16_MAX
					 ? RT_L2CAP_CID_DYNAMIC
					 : (uint16_t)(link->last_cid + 1);
	} while (rt_l2cap_chan_by_scid(link, link->last_cid));
	return link->last_cid;
}

static void on_up(void *user, struct rt_hci_link *hci)
{
	struct rt_l2cap_link *link = rt_hci_link_user(hci);
	struct rt_l2cap_chan *chan;
	struct rt_l2cap_echo *echo;

	if (!link)
		link = new_link(user, hci);
	if (!link) {
		rt_hci_link_disconnect(hci, HCI_LOW_RESOURCES);
		return;
	}
	link->cancelled = false;
	RT_LIST_EACH (chan, &link->chans, node)
		rt_l2cap_connect_on_up(chan);
	RT_LIST_EACH (echo, &link->echoes, node)
		rt_l2cap_echo_on_up(echo);
}

/*
 * A link attempt was given up when its last channel was closed, and others
 * asked for the link before that was done: they get an attempt of their own.
 */
static void try_again(struct rt_l2cap_link *link)
{
	struct rt_l2cap_link *fresh;
	struct rt_l2cap_chan *chan;
	struct rt_l2cap_echo *echo;

	if (!link->used ||
	    rt_l2cap_link_get(link->l2cap, link->addr, &fresh) < 0)
		return;
	while ((chan = rt_l2cap_chan_waiting(link)))
		rt_l2cap_chan_move(chan, fresh);
	while ((echo = RT_LIST_FIRST(&link->echoes, struct rt_l2cap_echo,
				     node)))
		rt_l2cap_echo_move(echo, fresh);
}

static void on_down(void *user, struct rt_hci_link *hci,
		    const struct rt_reason *why)
{
	struct rt_l2cap_link *link = rt_hci_link_user(hci);
	struct rt_l2cap_chan *chan;
	struct rt_l2cap_echo *echo;

	(void)user;
	if (!link)
		return;
	detach(link);
	if (link->cancelled)
		try_again(link);
	while ((chan = RT_LIST_FIRST(&link->chans, struct rt_l2cap_chan, node)))
		rt_l2cap_chan_on_down(chan, why);
	while ((echo = RT_LIST_FIRST(&link->echoes, struct rt_l2cap_echo,
				     node)))
		rt_l2cap_echo_on_down(echo, why);
	rt_env_bury(link->l2cap->env, &link->grave, free_grave);
}

/*
 * HCI asks once for every PDU. It discards what is sent to an id that is not
 * there, so this is the place to count it. Signalling is bounded by sig_rx(),
 * which has to answer what is too long.
 */
static uint16_t on_limit(void *user, struct rt_hci_link *hci, uint16_t cid)
{
	const struct rt_l2cap_link *link = rt_hci_link_user(hci);
	const struct rt_l2cap_chan *chan;
	struct rt_l2cap *l2cap = user;

	if (link && cid == RT_L2CAP_CID_SIGNALLING)
		return UINT16_MAX;
	chan = link ? rt_l2cap_chan_by_scid(link, cid) : NULL;
	if (chan)
		return chan->imtu;
	l2cap->stats.rx_unknown_cid++;
	return 0;
}

static void on_rx(void *user, struct rt_hci_link *hci, struct rt_bytes pdu)
{
	struct rt_l2cap_link *link = rt_hci_link_user(hci);
	struct rt_rd r = rt_rd_init(pdu);
	const uint16_t len = rt_rd_le16(&r);
	const uint16_t cid = rt_rd_le16(&r);
	const struct rt_bytes payload = rt_rd_take(&r, len);
	struct rt_l2cap_chan *chan;

	(void)user;
	if (!link || !rt_rd_done(&r))
		return;
	if (cid == RT_L2CAP_CID_SIGNALLING) {
		rt_l2cap_sig_rx(link, payload);
		return;
	}
	chan = rt_l2cap_chan_by_scid(link, cid);
	if (chan)
		rt_l2cap_data_rx(chan, payload);
}

static void put_header(struct rt_pdu *pdu, uint16_t cid)
{
	const size_t len = rt_pdu_bytes(pdu);
	struct rt_wr w = rt_wr_init(rt_pdu_push(pdu, RT_L2CAP_HEADER_BYTES),
				    RT_L2CAP_HEADER_BYTES);

	rt_wr_le16(&w, (uint16_t)len);
	rt_wr_le16(&w, cid);
}

/* The next SDU, from one ready channel after the other. */
static struct rt_l2cap_chan *pull_data(struct rt_l2cap_link *link,
				       struct rt_pdu *pdu)
{
	struct rt_l2cap_chan *chan;

	while ((chan = RT_LIST_FIRST(&link->ready, struct rt_l2cap_chan,
				     ready))) {
		rt_list_del(&chan->ready);
		if (!rt_l2cap_data_pull(chan, pdu))
			continue;
		rt_l2cap_data_queue(chan);
		return chan;
	}
	return NULL;
}

static bool on_pull(void *user, struct rt_hci_link *hci, struct rt_pdu *pdu)
{
	struct rt_l2cap_link *link = rt_hci_link_user(hci);
	const struct rt_l2cap_chan *chan;

	(void)user;
	if (!link)
		return false;
	rt_pdu_init(pdu);
	if (rt_l2cap_sig_pull(link, pdu)) {
		put_header(pdu, RT_L2CAP_CID_SIGNALLING);
		return true;
	}
	chan = pull_data(link, pdu);
	if (!chan)
		return false;
	put_header(pdu, chan->dcid);
	return true;
}

static void on_completed(void *user, struct rt_hci_link *hci,
			 const struct rt_done *done, bool written)
{
	struct rt_l2cap *l2cap = user;
	struct rt_l2cap_chan *chan = rt_slots_get(&l2cap->chans, done->chan);

	(void)hci;
	if (chan)
		rt_l2cap_data_completed(chan, done, written);
}

const struct rt_hci_link_ops rt_l2cap_link_ops = {
	.up = on_up,
	.down = on_down,
	.limit = on_limit,
	.rx = on_rx,
	.pull = on_pull,
	.completed = on_completed,
};
