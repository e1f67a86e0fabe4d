/* SPDX-License-Identifier: MIT */
#include "l2cap/link.h"

#include <errno.h>

#include "l2cap/chan.h"
#include "l2cap/connect.h"
#include "l2cap/data.h"
#include "l2cap/echo.h"
#include "l2cap/raw.h"
#include "l2cap/sig.h"
#include "stack/rd.h"
#include "stack/wr.h"

/* HCI: Remote Device Terminated Connection due to Low Resources. */
#define HCI_LOW_RESOURCES 0x14

/* PDUs that a tap may drop until others have their turn. */
#define DROPS_MAX 32

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
	rt_l2cap_raw_init(&link->raw);
	rt_l2cap_ecfc_init(&link->ecfc);
	rt_l2cap_ucd_init(&link->ucd);
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
	rt_l2cap_raw_free(link);
	rt_l2cap_ecfc_free(link);
	rt_l2cap_ucd_free(link);
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
	return link->raw.held || rt_l2cap_ucd_needs_link(link) ||
	       !rt_list_empty(&link->echoes);
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

void rt_l2cap_link_flush(struct rt_l2cap_link *link)
{
	const struct rt_l2cap_chan *chan;
	uint32_t least = RT_L2CAP_FLUSH_NEVER;

	RT_LIST_EACH (chan, &link->chans, node) {
		if (chan->opened && rt_l2cap_chan_exists(chan))
			least = RT_MIN(least, chan->config.flush_timeout);
	}
	if (link->hci)
		rt_hci_link_set_flush(
			link->hci, least == RT_L2CAP_FLUSH_NEVER ? 0 : least);
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

/* A channel of the link that waits for it to open, or NULL. */
static struct rt_l2cap_chan *waiting_chan(const struct rt_l2cap_link *link)
{
	struct rt_l2cap_chan *chan;

	RT_LIST_EACH (chan, &link->chans, node) {
		if (chan->state == RT_L2CAP_CHAN_WAIT_LINK)
			return chan;
	}
	return NULL;
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
	fresh->raw.held = fresh->raw.held || link->raw.held;
	rt_l2cap_link_update(fresh);
	while ((chan = waiting_chan(link)))
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
	rt_l2cap_raw_on_down(link);
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
 * The longest payload that is wanted on the channel id, asked for once a PDU:
 * so this is the place to count one to an id that is not there. Of signalling
 * what is too long has to be answered: that is sig_rx()'s affair.
 */
static uint16_t limit_of(struct rt_l2cap_link *link, uint16_t cid)
{
	const struct rt_l2cap_chan *chan;

	if (cid == RT_L2CAP_CID_SIGNALLING)
		return UINT16_MAX;
	if (cid == RT_L2CAP_CID_CONNECTIONLESS)
		return rt_l2cap_ucd_limit(link->l2cap);
	chan = rt_l2cap_chan_by_scid(link, cid);
	if (chan)
		return chan->rx_limit;
	link->l2cap->stats.rx_unknown_cid++;
	return 0;
}

static bool on_want(void *user, struct rt_hci_link *hci, uint16_t cid,
		    uint16_t *len)
{
	struct rt_l2cap_link *link = rt_hci_link_user(hci);
	const struct rt_l2cap *l2cap = user;
	const uint64_t sig_mtu = l2cap->env->limits.sig_mtu;

	if (!link)
		return *len == 0;
	if (l2cap->tap)
		return true;
	/* That it is too long can be seen, and who is to be told. */
	if (cid == RT_L2CAP_CID_SIGNALLING)
		*len = (uint16_t)RT_MIN(*len, sig_mtu + 1);
	return *len <= limit_of(link, cid);
}

/* A payload whose limit has been asked for. */
static void take(struct rt_l2cap_link *link, uint16_t cid,
		 struct rt_bytes payload)
{
	struct rt_l2cap_chan *chan;

	if (cid == RT_L2CAP_CID_SIGNALLING) {
		rt_l2cap_sig_rx(link, payload);
		return;
	}
	if (cid == RT_L2CAP_CID_CONNECTIONLESS) {
		rt_l2cap_ucd_rx(link, payload);
		return;
	}
	chan = rt_l2cap_chan_by_scid(link, cid);
	if (chan)
		rt_l2cap_data_rx(chan, payload);
}

void rt_l2cap_link_deliver(struct rt_l2cap_link *link, uint16_t cid,
			   struct rt_bytes payload)
{
	if (limit_of(link, cid) > 0)
		take(link, cid, payload);
}

/* Of a C-frame there may be less than its length says: see on_want(). */
static bool is_right(uint16_t cid, uint16_t len, struct rt_bytes payload)
{
	return payload.len == len ||
	       (cid == RT_L2CAP_CID_SIGNALLING && payload.len < len);
}

static void on_rx(void *user, struct rt_hci_link *hci, struct rt_bytes pdu)
{
	struct rt_l2cap_link *link = rt_hci_link_user(hci);
	const struct rt_l2cap *l2cap = user;
	struct rt_rd r = rt_rd_init(pdu);
	const uint16_t len = rt_rd_le16(&r);
	const uint16_t cid = rt_rd_le16(&r);
	const struct rt_bytes payload = rt_rd_rest(&r);

	if (!link || !rt_rd_ok(&r) || !is_right(cid, len, payload))
		return;
	if (!l2cap->tap)
		take(link, cid, payload);
	else if (rt_l2cap_raw_tap_rx(link, cid, payload))
		rt_l2cap_link_deliver(link, cid, payload);
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
		pdu->flushable =
			chan->config.flush_timeout != RT_L2CAP_FLUSH_NEVER;
		rt_l2cap_data_requeue(chan);
		return chan;
	}
	return NULL;
}

/* The next PDU that belongs to no channel. */
static bool pull_other(struct rt_l2cap_link *link, struct rt_pdu *pdu,
		       uint16_t *ret_cid, enum rt_l2cap_seen *ret_seen)
{
	*ret_seen = RT_L2CAP_SEEN_BY_TAP;
	*ret_cid = RT_L2CAP_CID_SIGNALLING;
	return rt_l2cap_sig_pull(link, pdu) ||
	       rt_l2cap_raw_pull(link, pdu, ret_cid, ret_seen);
}

/* The payload of the next PDU, and where it goes. */
static bool next_pdu(struct rt_l2cap_link *link, struct rt_pdu *pdu,
		     uint16_t *ret_cid, enum rt_l2cap_seen *ret_seen)
{
	const struct rt_l2cap_chan *chan;

	rt_pdu_init(pdu);
	if (pull_other(link, pdu, ret_cid, ret_seen))
		return true;
	chan = pull_data(link, pdu);

	/* A user that had nothing may have ended its channel instead. */
	if (!chan)
		return pull_other(link, pdu, ret_cid, ret_seen);
	*ret_cid = chan->dcid;
	return true;
}

/* Puts the PDU on the books of the channel that will hear of it. */
static void book(const struct rt_l2cap *l2cap, const struct rt_pdu *pdu)
{
	struct rt_l2cap_chan *chan =
		rt_slots_get(&l2cap->chans, pdu->done.chan);

	if (chan)
		chan->pdus++;
}

static bool on_pull(void *user, struct rt_hci_link *hci, struct rt_pdu *pdu)
{
	struct rt_l2cap_link *link = rt_hci_link_user(hci);
	enum rt_l2cap_seen seen;
	uint16_t cid;

	if (!link)
		return false;
	for (int i = 0; i < DROPS_MAX; i++) {
		if (!next_pdu(link, pdu, &cid, &seen))
			return false;
		if (seen == RT_L2CAP_SEEN_BY_TAP &&
		    !rt_l2cap_raw_tap_tx(link, cid, pdu))
			continue;
		book(user, pdu);
		put_header(pdu, cid);
		return true;
	}
	rt_l2cap_raw_wake(link);
	return false;
}

static void on_completed(void *user, struct rt_hci_link *hci,
			 const struct rt_done *done, bool written)
{
	struct rt_l2cap *l2cap = user;
	struct rt_l2cap_chan *chan = rt_slots_get(&l2cap->chans, done->chan);

	(void)hci;
	if (!chan)
		return;
	if (chan->pdus > 0)
		chan->pdus--;
	rt_l2cap_raw_on_completed(chan->link, done->chan);
	rt_l2cap_sdu_completed(chan, done, written);
}

const struct rt_hci_link_ops rt_l2cap_link_ops = {
	.up = on_up,
	.down = on_down,
	.want = on_want,
	.rx = on_rx,
	.pull = on_pull,
	.completed = on_completed,
};
