/* SPDX-License-Identifier: MIT */
#include "hci/acl_tx.h"

#include <assert.h>
#include <string.h>

#include "hci/engine.h"
#include "hci/link.h"
#include "hci/timers.h"

/* Packet boundary flags (5.4.2). */
#define FIRST_NON_FLUSHABLE 0
#define CONTINUING 1
#define FIRST_FLUSHABLE 2

static struct rt_hci_sent *oldest(struct rt_hci_link_tx *tx)
{
	return &tx->sent[tx->sent_first];
}

static struct rt_hci_sent *newest(struct rt_hci_link_tx *tx)
{
	return &tx->sent[(tx->sent_first + tx->sent_count - 1U) %
			 RT_HCI_SENT_MAX];
}

/* Takes the oldest PDU off the books and tells what became of it. */
static void retire(struct rt_hci_link *link, bool written)
{
	struct rt_hci *hci = link->hci;
	struct rt_hci_link_tx *tx = &link->tx;
	const struct rt_hci_sent sent = *oldest(tx);

	*oldest(tx) = (struct rt_hci_sent){ .packets = 0 };
	tx->sent_first = (uint16_t)((tx->sent_first + 1) % RT_HCI_SENT_MAX);
	tx->sent_count--;
	rt_env_free(hci->env, sent.owned);
	if (!sent.silent)
		hci->link_ops->completed(hci->link_user, link, &sent.done,
					 written);
}

static bool oldest_is_done(struct rt_hci_link_tx *tx)
{
	return tx->sent_count > 0 && oldest(tx)->whole &&
	       oldest(tx)->packets == 0;
}

static void retire_done(struct rt_hci_link *link)
{
	while (oldest_is_done(&link->tx))
		retire(link, true);
}

static void free_buffers(struct rt_hci *hci, uint32_t packets)
{
	struct rt_hci_acl_tx *tx = &hci->acl_tx;

	hci->stats.acl_free += packets;
	assert(hci->stats.acl_free <= hci->info.acl_packets);
	if (packets == 0 || !tx->stalled)
		return;
	tx->stalled = false;
	hci->stats.stalled_us += hci->env->now_us - tx->stalled_since_us;
}

/* The controller has completed `count` packets of the link, at most as many
 * as it held. */
static void complete(struct rt_hci_link *link, uint32_t count)
{
	struct rt_hci_link_tx *tx = &link->tx;
	uint32_t part;

	tx->packets -= count;
	free_buffers(link->hci, count);
	if (tx->packets > 0)
		rt_env_arm(link->hci->env, &tx->timer,
			   RT_MS(RT_HCI_COMPLETED_MS));
	else
		rt_env_stop(link->hci->env, &tx->timer);
	while (count > 0 && tx->sent_count > 0) {
		part = RT_MIN(count, oldest(tx)->packets);
		oldest(tx)->packets -= part;
		count -= part;
		if (count > 0)
			retire(link, true);
	}
	retire_done(link);
	if (rt_hci_acl_tx_is_idle(link))
		rt_hci_link_drained(link);
}

static void on_timer(struct rt_timer *timer)
{
	struct rt_hci_link *link =
		RT_CONTAINER_OF(timer, struct rt_hci_link, tx.timer);
	const uint32_t overdue = link->tx.packets;

	link->hci->stats.completed_overdue += overdue;
	rt_log(link->hci->env, RT_LOG_ERROR,
	       "handle 0x%04x: the controller keeps %u packets: written off",
	       link->handle, overdue);
	complete(link, overdue);
}

void rt_hci_acl_tx_init(struct rt_hci *hci)
{
	rt_list_init(&hci->acl_tx.ready);
}

void rt_hci_acl_tx_link_init(struct rt_hci_link *link)
{
	rt_list_init(&link->tx.node);
	rt_timer_init(&link->tx.timer, on_timer);
}

static void give_back(struct rt_hci_link *link)
{
	rt_list_del(&link->tx.node);
	rt_env_stop(link->hci->env, &link->tx.timer);
	free_buffers(link->hci, link->tx.packets);
	link->tx.packets = 0;
	link->tx.busy = false;
}

void rt_hci_acl_tx_link_close(struct rt_hci_link *link)
{
	give_back(link);
	while (link->tx.sent_count > 0)
		retire(link, false);
}

void rt_hci_acl_tx_link_free(struct rt_hci_link *link)
{
	give_back(link);
	while (link->tx.sent_count > 0) {
		oldest(&link->tx)->silent = true;
		retire(link, false);
	}
}

bool rt_hci_acl_tx_is_idle(const struct rt_hci_link *link)
{
	return link->tx.sent_count == 0;
}

/* Pulls the next PDU of an open link; false if it has none. */
static bool pull_pdu(struct rt_hci_link *link)
{
	struct rt_hci *hci = link->hci;
	struct rt_hci_link_tx *tx = &link->tx;

	if (link->step != RT_HCI_LINK_STEP_OPEN)
		return false;
	rt_pdu_init(&tx->pdu);
	if (!hci->link_ops->pull(hci->link_user, link, &tx->pdu))
		return false;
	assert(rt_pdu_bytes(&tx->pdu) > 0 && tx->sent_count < RT_HCI_SENT_MAX);
	tx->busy = true;
	tx->continuing = false;
	tx->pdu_sent = 0;
	tx->sent_count++;
	*newest(tx) = (struct rt_hci_sent){
		.done = tx->pdu.done,
		.owned = tx->pdu.owned,
	};
	return true;
}

static int boundary(const struct rt_hci_link *link)
{
	if (link->tx.continuing)
		return CONTINUING;
	if (link->tx.pdu.flushable)
		return FIRST_FLUSHABLE;

	/* The flag 00 is for controllers that know it. */
	return rt_hci_engine_has_feature(link->hci,
					 RT_HCI_FEATURE_NON_FLUSHABLE)
		       ? FIRST_NON_FLUSHABLE
		       : FIRST_FLUSHABLE;
}

/* The next fragment of the link's PDU. */
static void send_fragment(struct rt_hci_link *link,
			  struct rt_packet *ret_packet)
{
	struct rt_hci *hci = link->hci;
	struct rt_hci_link_tx *tx = &link->tx;
	const size_t left = rt_pdu_bytes(&tx->pdu) - tx->pdu_sent;
	const size_t len = RT_MIN(left, hci->info.acl_bytes);
	struct rt_wr w =
		rt_wr_init(hci->acl_tx.header, sizeof(hci->acl_tx.header));

	rt_wr_le16(&w, (uint16_t)(link->handle | boundary(link) << 12));
	rt_wr_le16(&w, (uint16_t)len);
	*ret_packet = (struct rt_packet){
		.type = RT_PACKET_ACL,
		.count = 1,
		.len = w.len,
		.slice = { rt_wr_bytes(&w) },
	};
	rt_pdu_slice(&tx->pdu, tx->pdu_sent, len, ret_packet);

	tx->pdu_sent += (uint32_t)len;
	tx->continuing = true;
	tx->busy = len < left;
	newest(tx)->whole = !tx->busy;
	newest(tx)->packets++;
	if (tx->packets++ == 0)
		rt_env_arm(hci->env, &tx->timer, RT_MS(RT_HCI_COMPLETED_MS));
	hci->stats.acl_free--;
	rt_hci_policy_traffic(link, true);
	hci->stats.acl_tx_packets++;
	hci->stats.acl_tx_bytes += len;
}

static bool may_send(const struct rt_hci_link *link)
{
	return link->step == RT_HCI_LINK_STEP_OPEN ||
	       link->step == RT_HCI_LINK_STEP_DRAINING;
}

/*
 * A peer that takes nothing, for being out of range or on purpose, keeps its
 * link's buffers for as long as it likes. So each open link that has none finds
 * one: who has some already leaves as many alone.
 */
static bool has_buffer(const struct rt_hci *hci, const struct rt_hci_link *link)
{
	const struct rt_hci_link *other;
	uint32_t left = hci->stats.acl_free;

	if (link->tx.packets == 0)
		return left > 0;
	RT_LIST_EACH (other, &hci->links, node) {
		if (left > 0 && other != link && other->tx.packets == 0 &&
		    other->step == RT_HCI_LINK_STEP_OPEN)
			left--;
	}
	return left > 0;
}

/* The next link in turn with a packet to send and a buffer; NULL: none. */
static struct rt_hci_link *next_to_send(struct rt_hci *hci)
{
	struct rt_list *ready = &hci->acl_tx.ready;
	struct rt_hci_link *link;
	struct rt_hci_link *first = NULL; /* of those that have to wait */

	while (!rt_list_empty(ready)) {
		link = RT_LIST_FIRST(ready, struct rt_hci_link, tx.node);
		if (link == first)
			return NULL;
		rt_list_del(&link->tx.node);
		if (!has_buffer(hci, link)) {
			rt_list_append(ready, &link->tx.node);
			first = first ? first : link;
		} else if (may_send(link) &&
			   (link->tx.busy || pull_pdu(link))) {
			/* The others have their turn first. */
			rt_list_del(&link->tx.node);
			rt_list_append(ready, &link->tx.node);
			return link;
		}
	}
	return NULL;
}

static void stall(struct rt_hci *hci)
{
	if (!hci->acl_tx.stalled)
		hci->acl_tx.stalled_since_us = hci->env->now_us;
	hci->acl_tx.stalled = true;
}

bool rt_hci_acl_tx_pull(struct rt_hci *hci, struct rt_packet *ret_packet)
{
	struct rt_list *ready = &hci->acl_tx.ready;
	struct rt_hci_link *link;

	if (rt_list_empty(ready))
		return false;
	link = hci->stats.acl_free > 0 ? next_to_send(hci) : NULL;
	if (link)
		send_fragment(link, ret_packet);
	else if (!rt_list_empty(ready))
		stall(hci);
	return link;
}

/* The pairs of a Number Of Completed Packets, one of which is a link's. */
static void complete_pair(struct rt_hci *hci, uint16_t handle, uint16_t count)
{
	struct rt_hci_link *link = rt_hci_link_by_handle(hci, handle);
	const uint32_t held = link ? link->tx.packets : 0;

	if (count > held) {
		hci->stats.completed_surplus += count - held;
		rt_log(hci->env, RT_LOG_DEBUG,
		       "handle 0x%04x: %u packets completed, %u sent", handle,
		       count, held);
	}
	if (link && held > 0 && count > 0)
		complete(link, RT_MIN(count, held));
}

void rt_hci_acl_tx_on_completed(struct rt_hci *hci, const void *evt)
{
	const struct rt_hci_evt_number_of_completed_packets *completed = evt;
	struct rt_rd r = rt_rd_init(completed->tail);
	uint16_t handle;

	if (rt_rd_left(&r) < 4 * (size_t)completed->count) {
		hci->stats.events_malformed++;
		return;
	}
	for (int i = 0; i < completed->count; i++) {
		handle = rt_rd_le16(&r) & 0x0fff;
		complete_pair(hci, handle, rt_rd_le16(&r));
	}
}

void rt_hci_link_ready(struct rt_hci_link *link)
{
	struct rt_list *ready = &link->hci->acl_tx.ready;

	if (link->step == RT_HCI_LINK_STEP_OPEN &&
	    rt_list_empty(&link->tx.node))
		rt_list_append(ready, &link->tx.node);
}

/* Copies what is left of the PDU under way, whose octets go away. */
static void keep_rest(struct rt_hci_link *link)
{
	struct rt_hci_link_tx *tx = &link->tx;
	const size_t left = rt_pdu_bytes(&tx->pdu) - tx->pdu_sent;
	struct rt_packet rest = { .count = 0 };
	struct rt_pkt *pkt = rt_pkt_new(link->hci->env, (uint16_t)left);

	if (!pkt) {
		tx->busy = false;
		newest(tx)->whole = true;
		return;
	}
	rt_pdu_slice(&tx->pdu, tx->pdu_sent, left, &rest);
	for (size_t i = 0; i < rest.count; i++) {
		memcpy(pkt->data + pkt->len, rest.slice[i].ptr,
		       rest.slice[i].len);
		pkt->len = (uint16_t)(pkt->len + rest.slice[i].len);
	}
	rt_pdu_init(&tx->pdu);
	rt_pdu_own(&tx->pdu, pkt);
	tx->pdu_sent = 0;
	newest(tx)->owned = pkt;
}

void rt_hci_link_disown(struct rt_hci_link *link, rt_handle chan)
{
	struct rt_hci_link_tx *tx = &link->tx;
	struct rt_hci_sent *sent;

	for (uint16_t i = 0; i < tx->sent_count; i++) {
		sent = &tx->sent[(tx->sent_first + i) % RT_HCI_SENT_MAX];
		if (sent->done.chan == chan)
			sent->silent = true;
	}
	if (!tx->busy || !newest(tx)->silent || newest(tx)->owned)
		return;
	keep_rest(link);
	retire_done(link);
	if (rt_hci_acl_tx_is_idle(link))
		rt_hci_link_drained(link);
}
