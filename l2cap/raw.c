/* SPDX-License-Identifier: MIT */
#include "l2cap/raw.h"

#include <errno.h>
#include <string.h>

#include "l2cap/chan.h"
#include "l2cap/engine.h"
#include "l2cap/link.h"

/* A PDU to be sent. */
struct raw_pdu {
	struct rt_list node;
	struct rt_pkt *pkt;
	uint16_t cid;
	enum rt_l2cap_seen seen;
};

/* A PDU in one piece for the tap; if that drops it, of the list of these. */
struct shown {
	struct rt_list node;
	struct rt_done done;
	uint32_t before; /* PDUs of the channel that HCI has to complete */
	uint8_t payload[];
};

struct rt_l2cap_link *rt_l2cap_raw_link(const struct rt_l2cap *l2cap,
					struct rt_addr addr)
{
	struct rt_l2cap_link *link;

	RT_LIST_EACH (link, &l2cap->links, node) {
		if (rt_addr_equal(link->addr, addr) &&
		    rt_l2cap_link_is_open(link))
			return link;
	}
	return NULL;
}

/* True if the user of the PDU needs to wait no longer. */
static bool is_due(const struct rt_l2cap *l2cap, const struct shown *lost)
{
	return lost->before == 0 ||
	       !rt_slots_get(&l2cap->chans, lost->done.chan);
}

static struct shown *first_due(const struct rt_l2cap_link *link)
{
	struct shown *lost;

	RT_LIST_EACH (lost, &link->raw.lost, node) {
		if (is_due(link->l2cap, lost))
			return lost;
	}
	return NULL;
}

static void tell(struct rt_l2cap_link *link, struct shown *lost, bool written)
{
	struct rt_l2cap *l2cap = link->l2cap;
	const struct rt_done done = lost->done;
	struct rt_l2cap_chan *chan = rt_slots_get(&l2cap->chans, done.chan);

	rt_list_del(&lost->node);
	rt_env_free(l2cap->env, lost);
	if (chan)
		rt_l2cap_sdu_completed(chan, &done, written);
}

static void on_timer(struct rt_timer *timer)
{
	struct rt_l2cap_link *link =
		RT_CONTAINER_OF(timer, struct rt_l2cap_link, raw.timer);
	struct shown *lost;

	rt_l2cap_link_wake(link);
	while ((lost = first_due(link)))
		tell(link, lost, true);
}

void rt_l2cap_raw_init(struct rt_l2cap_raw *raw)
{
	rt_list_init(&raw->queue);
	rt_list_init(&raw->lost);
	rt_timer_init(&raw->timer, on_timer);
}

void rt_l2cap_raw_on_down(struct rt_l2cap_link *link)
{
	struct shown *lost;

	while ((lost = RT_LIST_FIRST(&link->raw.lost, struct shown, node)))
		tell(link, lost, false);
}

static void free_first(struct rt_l2cap_link *link)
{
	struct raw_pdu *raw =
		RT_LIST_FIRST(&link->raw.queue, struct raw_pdu, node);

	rt_list_del(&raw->node);
	link->raw.count--;
	rt_env_free(link->l2cap->env, raw);
}

void rt_l2cap_raw_free(struct rt_l2cap_link *link)
{
	struct rt_env *env = link->l2cap->env;
	struct raw_pdu *raw;
	struct shown *lost;

	rt_env_stop(env, &link->raw.timer);
	while ((raw = RT_LIST_FIRST(&link->raw.queue, struct raw_pdu, node))) {
		rt_env_free(env, raw->pkt);
		free_first(link);
	}
	while ((lost = RT_LIST_FIRST(&link->raw.lost, struct shown, node))) {
		rt_list_del(&lost->node);
		rt_env_free(env, lost);
	}
}

static struct rt_pkt *join(struct rt_env *env, struct rt_bytes head,
			   struct rt_bytes data)
{
	struct rt_pkt *pkt = rt_pkt_new(env, (uint16_t)(head.len + data.len));

	if (!pkt)
		return NULL;
	if (head.len > 0)
		memcpy(pkt->data, head.ptr, head.len);
	if (data.len > 0)
		memcpy(pkt->data + head.len, data.ptr, data.len);
	pkt->len = pkt->cap;
	return pkt;
}

int rt_l2cap_raw_queue(struct rt_l2cap_link *link, uint16_t cid,
		       enum rt_l2cap_seen seen, struct rt_bytes head,
		       struct rt_bytes data)
{
	struct rt_env *env = link->l2cap->env;
	struct raw_pdu *raw;

	if (link->raw.count >= env->limits.raw_pdus)
		return -ENOSPC;
	raw = rt_env_alloc(env, sizeof(*raw));
	if (!raw)
		return -ENOMEM;
	raw->pkt = join(env, head, data);
	if (!raw->pkt) {
		rt_env_free(env, raw);
		return -ENOMEM;
	}
	raw->cid = cid;
	raw->seen = seen;
	rt_list_init(&raw->node);
	rt_list_append(&link->raw.queue, &raw->node);
	link->raw.count++;
	rt_l2cap_link_wake(link);
	return 0;
}

bool rt_l2cap_raw_pull(struct rt_l2cap_link *link, struct rt_pdu *pdu,
		       uint16_t *ret_cid, enum rt_l2cap_seen *ret_seen)
{
	const struct raw_pdu *raw =
		RT_LIST_FIRST(&link->raw.queue, struct raw_pdu, node);

	if (!raw)
		return false;
	rt_pdu_own(pdu, raw->pkt);
	*ret_cid = raw->cid;
	*ret_seen = raw->seen;
	free_first(link);
	return true;
}

bool rt_l2cap_raw_tap_rx(struct rt_l2cap_link *link, uint16_t cid,
			 struct rt_bytes payload)
{
	struct rt_l2cap *l2cap = link->l2cap;

	return !l2cap->tap || l2cap->tap->pdu(l2cap->tap_user, link->addr,
					      false, cid, payload);
}

/* Copies the payload of the PDU into one piece. */
static void flatten(const struct rt_pdu *pdu, uint8_t *to)
{
	struct rt_packet packet = { .count = 0 };

	rt_pdu_slice(pdu, 0, rt_pdu_bytes(pdu), &packet);
	for (size_t i = 0; i < packet.count; i++) {
		memcpy(to, packet.slice[i].ptr, packet.slice[i].len);
		to += packet.slice[i].len;
	}
}

/* The PDU will not be sent: keeps in mind whom to tell, or forgets it. */
static void lose(struct rt_l2cap_link *link, struct rt_pdu *pdu,
		 struct shown *shown)
{
	struct rt_env *env = link->l2cap->env;
	const struct rt_l2cap_chan *chan =
		rt_slots_get(&link->l2cap->chans, pdu->done.chan);

	rt_env_free(env, pdu->owned);
	if (chan) {
		shown->done = pdu->done;
		shown->before = chan->pdus;
		rt_list_append(&link->raw.lost, &shown->node);
		rt_l2cap_raw_wake(link);
	} else {
		rt_env_free(env, shown);
	}
	rt_pdu_init(pdu);
}

bool rt_l2cap_raw_tap_tx(struct rt_l2cap_link *link, uint16_t cid,
			 struct rt_pdu *pdu)
{
	struct rt_l2cap *l2cap = link->l2cap;
	const size_t len = rt_pdu_bytes(pdu);
	struct shown *shown;
	bool passes;

	if (!l2cap->tap)
		return true;
	shown = rt_env_alloc(l2cap->env, sizeof(*shown) + len);
	if (!shown) {
		rt_log(l2cap->env, RT_LOG_ERROR,
		       "no memory to show the tap %zu octets", len);
		return true;
	}
	rt_list_init(&shown->node);
	flatten(pdu, shown->payload);
	passes = l2cap->tap->pdu(l2cap->tap_user, link->addr, true, cid,
				 rt_bytes(shown->payload, len));
	if (passes)
		rt_env_free(l2cap->env, shown);
	else
		lose(link, pdu, shown);
	return passes;
}

void rt_l2cap_raw_wake(struct rt_l2cap_link *link)
{
	rt_env_arm(link->l2cap->env, &link->raw.timer, 0);
}

void rt_l2cap_raw_on_completed(struct rt_l2cap_link *link, rt_handle chan)
{
	struct shown *lost;

	RT_LIST_EACH (lost, &link->raw.lost, node) {
		if (lost->done.chan == chan && lost->before > 0)
			lost->before--;
	}
	if (!rt_list_empty(&link->raw.lost))
		rt_l2cap_raw_wake(link);
}

int rt_l2cap_send_raw(struct rt_l2cap *l2cap, struct rt_addr addr, uint16_t cid,
		      struct rt_bytes payload)
{
	struct rt_l2cap_link *link = rt_l2cap_raw_link(l2cap, addr);

	if (!link)
		return -ENOTCONN;
	if (payload.len > UINT16_MAX)
		return -EMSGSIZE;
	return rt_l2cap_raw_queue(link, cid, RT_L2CAP_SEEN_BY_NOBODY,
				  rt_bytes(NULL, 0), payload);
}

int rt_l2cap_inject(struct rt_l2cap *l2cap, struct rt_addr addr, uint16_t cid,
		    struct rt_bytes payload)
{
	struct rt_l2cap_link *link = rt_l2cap_raw_link(l2cap, addr);

	if (!link)
		return -ENOTCONN;
	if (payload.len > UINT16_MAX)
		return -EMSGSIZE;
	rt_l2cap_link_deliver(link, cid, payload);
	return 0;
}

void rt_l2cap_set_tap(struct rt_l2cap *l2cap, const struct rt_l2cap_tap *tap,
		      void *user)
{
	l2cap->tap = tap;
	l2cap->tap_user = user;
}

static void let_go(struct rt_l2cap *l2cap, struct rt_addr addr)
{
	struct rt_l2cap_link *link;

	RT_LIST_EACH (link, &l2cap->links, node) {
		if (!rt_addr_equal(link->addr, addr) || !link->raw.held)
			continue;
		link->raw.held = false;
		rt_l2cap_link_update(link);
	}
}

int rt_l2cap_hold_link(struct rt_l2cap *l2cap, struct rt_addr addr, bool hold)
{
	struct rt_l2cap_link *link;
	int ret;

	if (!hold) {
		let_go(l2cap, addr);
		return 0;
	}
	ret = rt_l2cap_link_get(l2cap, addr, &link);
	if (ret < 0)
		return ret;
	link->raw.held = true;
	rt_l2cap_link_update(link);
	return 0;
}

bool rt_l2cap_link_up(const struct rt_l2cap *l2cap, struct rt_addr addr)
{
	return rt_l2cap_raw_link(l2cap, addr);
}
