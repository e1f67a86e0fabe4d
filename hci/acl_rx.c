/* SPDX-License-Identifier: MIT */
#include "hci/acl_rx.h"

#include <string.h>

#include "hci/engine.h"
#include "hci/error.h"
#include "hci/link.h"
#include "hci/timers.h"

#define OPCODE_CONSUMED 0x0c35 /* Host Number Of Completed Packets */

/* Handles that one such command takes. */
#define CONSUMED_HANDLES_MAX 63

#define L2CAP_HEADER_BYTES 4

/* Packet boundary flag (5.4.2). */
enum boundary {
	FIRST_NON_FLUSHABLE = 0,
	CONTINUING = 1,
	FIRST = 2,
	WHOLE = 3,
};

struct acl {
	uint16_t handle;
	enum boundary boundary;
	uint8_t broadcast;
	struct rt_bytes data;
};

struct early {
	struct rt_list node;
	uint16_t handle;
	uint64_t since_us;
	size_t len;
	uint8_t packet[];
};

struct held {
	struct rt_list node;
	enum boundary boundary;
	size_t len;
	uint8_t data[];
};

static bool decode(struct rt_bytes packet, struct acl *ret_acl)
{
	struct rt_rd r = rt_rd_init(packet);
	const uint16_t flags = rt_rd_le16(&r);
	const uint16_t len = rt_rd_le16(&r);

	ret_acl->handle = flags & 0x0fff;
	ret_acl->boundary = (enum boundary)(flags >> 12 & 3);
	ret_acl->broadcast = (uint8_t)(flags >> 14);
	ret_acl->data = rt_rd_rest(&r);
	return rt_rd_ok(&r) && ret_acl->data.len == len &&
	       ret_acl->handle <= RT_HCI_HANDLE_MAX && ret_acl->broadcast == 0;
}

static void reset_rx(struct rt_hci_link *link)
{
	struct rt_hci_link_rx *rx = &link->rx;

	rt_env_free(link->hci->env, rx->buf);
	*rx = (struct rt_hci_link_rx){ .consumed = rx->consumed };
}

/*
 * How much the layer above wants of a PDU with this header: octets with the
 * header, or 0.
 */
static uint32_t wanted(struct rt_hci_link *link, const uint8_t *header)
{
	struct rt_hci *hci = link->hci;
	struct rt_rd r = rt_rd_init(rt_bytes(header, L2CAP_HEADER_BYTES));
	const uint16_t len = rt_rd_le16(&r);
	const uint16_t cid = rt_rd_le16(&r);
	uint16_t some = len;

	if (hci->link_ops->want(hci->link_user, link, cid, &some))
		return L2CAP_HEADER_BYTES + (uint32_t)RT_MIN(some, len);
	hci->stats.acl_oversized++;
	return 0;
}

static uint32_t announced(const uint8_t *header)
{
	struct rt_rd r = rt_rd_init(rt_bytes(header, 2));

	return L2CAP_HEADER_BYTES + (uint32_t)rt_rd_le16(&r);
}

/* The header is complete: decides what becomes of the PDU. */
static void begin_pdu(struct rt_hci_link *link)
{
	struct rt_hci_link_rx *rx = &link->rx;

	rx->total = announced(rx->header);
	rx->keep = wanted(link, rx->header);
	if (rx->keep == 0)
		return;
	rx->buf = rt_env_alloc(link->hci->env, rx->keep);
	if (rx->buf) {
		memcpy(rx->buf, rx->header, L2CAP_HEADER_BYTES);
		return;
	}
	/* A hole in the stream would go unnoticed: the link must end. */
	rt_hci_link_disconnect(link, RT_HCI_ERR_REMOTE_LOW_RESOURCES);
}

static void finish_pdu(struct rt_hci_link *link)
{
	struct rt_hci *hci = link->hci;
	uint8_t *buf = link->rx.buf;
	const struct rt_bytes pdu = rt_bytes(buf, link->rx.keep);

	link->rx.buf = NULL;
	reset_rx(link);
	if (!buf)
		return;
	hci->link_ops->rx(hci->link_user, link, pdu);
	rt_env_free(hci->env, buf);
}

static void too_long(struct rt_hci_link *link)
{
	link->hci->stats.acl_malformed++;
	reset_rx(link);
}

/* Stores what is wanted of octets that have come. */
static void keep(struct rt_hci_link_rx *rx, struct rt_bytes part)
{
	const size_t room = rx->keep - RT_MIN(rx->keep, rx->got);
	const size_t n = RT_MIN(part.len, room);

	if (rx->buf && n > 0)
		memcpy(rx->buf + rx->got, part.ptr, n);
	rx->got += (uint32_t)part.len;
}

/* Adds a fragment to the PDU under way. */
static void add(struct rt_hci_link *link, struct rt_bytes data)
{
	struct rt_hci_link_rx *rx = &link->rx;
	struct rt_rd r = rt_rd_init(data);
	struct rt_bytes part;

	if (rx->total == 0) {
		part = rt_rd_take(&r, RT_MIN(L2CAP_HEADER_BYTES - rx->got,
					     data.len));
		if (part.len > 0)
			memcpy(rx->header + rx->got, part.ptr, part.len);
		rx->got += (uint32_t)part.len;
		if (rx->got < L2CAP_HEADER_BYTES)
			return;
		if (rt_rd_left(&r) > announced(rx->header) - rx->got) {
			too_long(link);
			return;
		}
		begin_pdu(link);
	}
	part = rt_rd_rest(&r);
	if (part.len > rx->total - rx->got) {
		too_long(link);
		return;
	}
	keep(rx, part);
	if (rx->got == rx->total)
		finish_pdu(link);
}

static void start(struct rt_hci_link *link, struct rt_bytes data)
{
	struct rt_hci *hci = link->hci;
	uint32_t len;

	if (link->rx.active) {
		hci->stats.acl_orphans++;
		reset_rx(link);
	}
	if (data.len >= L2CAP_HEADER_BYTES && data.len == announced(data.ptr)) {
		len = wanted(link, data.ptr);
		if (len > 0)
			hci->link_ops->rx(hci->link_user, link,
					  rt_bytes(data.ptr, len));
		return;
	}
	link->rx.active = true;
	add(link, data);
}

static void deliver(struct rt_hci_link *link, enum boundary boundary,
		    struct rt_bytes data)
{
	struct rt_hci *hci = link->hci;

	if (hci->info.host_flow_control)
		link->rx.consumed++;
	if (link->step != RT_HCI_LINK_STEP_OPEN)
		return;
	switch (boundary) {
	case FIRST_NON_FLUSHABLE:
	case FIRST:
	case WHOLE:
		start(link, data);
		return;
	case CONTINUING:
		if (link->rx.active)
			add(link, data);
		else
			hci->stats.acl_orphans++;
		return;
	}
}

static struct held *first_held(const struct rt_hci_link *link)
{
	return RT_LIST_FIRST(&link->held.packets, struct held, node);
}

static uint32_t held_bytes(size_t len)
{
	return (uint32_t)(sizeof(struct held) + len);
}

static void take_held(struct rt_hci_link *link, struct held *held)
{
	rt_list_del(&held->node);
	link->held.bytes -= held_bytes(held->len);
}

static void hold(struct rt_hci_link *link, const struct acl *acl)
{
	struct rt_env *env = link->hci->env;
	const uint32_t bytes = held_bytes(acl->data.len);
	struct held *held = NULL;

	if (link->held.bytes + bytes <= env->limits.held_acl_bytes)
		held = rt_env_alloc(env, bytes);
	if (!held) {
		/* As above: no hole in the stream. */
		rt_hci_link_disconnect(link, RT_HCI_ERR_REMOTE_LOW_RESOURCES);
		return;
	}
	held->boundary = acl->boundary;
	held->len = acl->data.len;
	if (held->len > 0)
		memcpy(held->data, acl->data.ptr, held->len);
	rt_list_append(&link->held.packets, &held->node);
	link->held.bytes += bytes;
}

void rt_hci_acl_rx_link_release(struct rt_hci_link *link)
{
	struct rt_env *env = link->hci->env;
	struct held *held;

	/* Any of them may end the link, and with it the list. */
	while ((held = first_held(link))) {
		take_held(link, held);
		deliver(link, held->boundary, rt_bytes(held->data, held->len));
		rt_env_free(env, held);
	}
}

/* What comes on a plain link is judged as such by the layers above. */
static bool must_wait(const struct rt_hci_link *link)
{
	return link->step == RT_HCI_LINK_STEP_OPEN && link->sec.sizing &&
	       link->sec.facts.encryption != RT_SEC_PLAIN;
}

static void on_sized(struct rt_timer *timer)
{
	struct rt_hci_link *link =
		RT_CONTAINER_OF(timer, struct rt_hci_link, held.timer);

	if (!must_wait(link))
		rt_hci_acl_rx_link_release(link);
}

static void receive(struct rt_hci_link *link, const struct acl *acl)
{
	struct rt_hci *hci = link->hci;

	rt_hci_policy_traffic(link, false);
	hci->stats.acl_rx_packets++;
	hci->stats.acl_rx_bytes += acl->data.len;
	if (must_wait(link)) {
		hold(link, acl);
		return;
	}
	rt_hci_acl_rx_link_release(link);
	deliver(link, acl->boundary, acl->data);
}

static struct early *first_early(const struct rt_hci *hci)
{
	return RT_LIST_FIRST(&hci->acl_rx.early, struct early, node);
}

static void take_early(struct rt_hci *hci, struct early *early)
{
	rt_list_del(&early->node);
	hci->acl_rx.early_count--;
	hci->acl_rx.early_bytes -= (uint32_t)early->len;
}

static void arm_early(struct rt_hci *hci)
{
	const struct early *early = first_early(hci);

	if (early)
		rt_timer_arm_at(&hci->env->timers, &hci->acl_rx.timer,
				early->since_us + RT_MS(RT_HCI_EARLY_ACL_MS));
	else
		rt_env_stop(hci->env, &hci->acl_rx.timer);
}

static void on_early_timer(struct rt_timer *timer)
{
	struct rt_hci *hci =
		RT_CONTAINER_OF(timer, struct rt_hci, acl_rx.timer);
	struct early *early = first_early(hci);

	while (early && hci->env->now_us - early->since_us >=
				RT_MS(RT_HCI_EARLY_ACL_MS)) {
		hci->stats.acl_unknown_handle++;
		take_early(hci, early);
		rt_env_free(hci->env, early);
		early = first_early(hci);
	}
	arm_early(hci);
}

static bool expects_link(const struct rt_hci *hci)
{
	return rt_hci_link_is_paging(hci) ||
	       rt_hci_link_count(hci, RT_HCI_LINK_STEP_ACCEPTING) > 0;
}

/* No link has the handle: perhaps its Connection Complete is just late. */
static void hold_early(struct rt_hci *hci, uint16_t handle,
		       struct rt_bytes packet)
{
	struct rt_hci_acl_rx *rx = &hci->acl_rx;
	struct early *early = NULL;

	if (expects_link(hci) && rx->early_count < hci->env->limits.early_acl &&
	    rx->early_bytes + packet.len <= RT_HCI_EARLY_BYTES_MAX)
		early = rt_env_alloc(hci->env, sizeof(*early) + packet.len);
	if (!early) {
		hci->stats.acl_unknown_handle++;
		return;
	}
	early->handle = handle;
	early->since_us = hci->env->now_us;
	early->len = packet.len;
	memcpy(early->packet, packet.ptr, packet.len);
	rt_list_append(&rx->early, &early->node);
	rx->early_count++;
	rx->early_bytes += (uint32_t)packet.len;
	arm_early(hci);
}

void rt_hci_acl_rx_init(struct rt_hci *hci)
{
	rt_list_init(&hci->acl_rx.early);
	rt_timer_init(&hci->acl_rx.timer, on_early_timer);
}

void rt_hci_acl_rx(struct rt_hci *hci, struct rt_bytes packet)
{
	struct rt_hci_link *link;
	struct acl acl;

	if (!decode(packet, &acl)) {
		hci->stats.acl_malformed++;
		return;
	}
	link = rt_hci_link_by_handle(hci, acl.handle);
	if (link)
		receive(link, &acl);
	else
		hold_early(hci, acl.handle, packet);
}

static struct early *find_early(const struct rt_hci *hci, uint16_t handle)
{
	struct early *early;

	RT_LIST_EACH (early, &hci->acl_rx.early, node) {
		if (early->handle == handle)
			return early;
	}
	return NULL;
}

void rt_hci_acl_rx_replay_early(struct rt_hci *hci, uint16_t handle)
{
	struct early *early = find_early(hci, handle);

	while (early) {
		take_early(hci, early);
		arm_early(hci);
		rt_hci_acl_rx(hci, rt_bytes(early->packet, early->len));
		rt_env_free(hci->env, early);
		early = find_early(hci, handle);
	}
}

void rt_hci_acl_rx_forget_early(struct rt_hci *hci)
{
	struct early *early = first_early(hci);

	while (early) {
		take_early(hci, early);
		rt_env_free(hci->env, early);
		early = first_early(hci);
	}
	arm_early(hci);
}

void rt_hci_acl_rx_link_init(struct rt_hci_link *link)
{
	rt_list_init(&link->held.packets);
	rt_timer_init(&link->held.timer, on_sized);
}

void rt_hci_acl_rx_link_sized(struct rt_hci_link *link)
{
	if (first_held(link))
		rt_env_arm(link->hci->env, &link->held.timer, 0);
}

void rt_hci_acl_rx_link_fini(struct rt_hci_link *link)
{
	struct held *held;

	while ((held = first_held(link))) {
		take_held(link, held);
		rt_env_free(link->hci->env, held);
	}
	rt_env_stop(link->hci->env, &link->held.timer);
	reset_rx(link);
	link->rx.consumed = 0;
}

bool rt_hci_acl_rx_pull_consumed(struct rt_hci *hci,
				 struct rt_packet *ret_packet)
{
	struct rt_wr w =
		rt_wr_init(hci->acl_rx.packet, sizeof(hci->acl_rx.packet));
	struct rt_hci_link *link;
	uint8_t count = 0;
	uint16_t packets;

	rt_wr_le16(&w, OPCODE_CONSUMED);
	rt_wr_le16(&w, 0); /* length and count, below */
	RT_LIST_EACH (link, &hci->links, node) {
		if (link->rx.consumed == 0 ||
		    link->handle == RT_HCI_HANDLE_NONE ||
		    count == CONSUMED_HANDLES_MAX)
			continue;
		packets = (uint16_t)RT_MIN(link->rx.consumed, UINT16_MAX);
		link->rx.consumed -= packets;
		rt_wr_le16(&w, link->handle);
		rt_wr_le16(&w, packets);
		count++;
	}
	if (count == 0)
		return false;
	hci->acl_rx.packet[2] = (uint8_t)(1 + 4 * count);
	hci->acl_rx.packet[3] = count;
	*ret_packet = (struct rt_packet){
		.type = RT_PACKET_COMMAND,
		.count = 1,
		.len = w.len,
		.slice = { rt_wr_bytes(&w) },
	};
	return true;
}
