/* SPDX-License-Identifier: MIT */
#include "tests/unit/l2cap/fake_hci.h"
#include "tools/sim/written.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HEADER_BYTES ((size_t)4)
#define MTUSIG_MIN 48

/* Cheaper than ck_assert(), which reports its place each time. */
static void must(bool ok, const char *what)
{
	if (!ok)
		ck_abort_msg("broken rule: %s", what);
}

static void enter(struct rt_hci *hci)
{
	must(!hci->busy, "no op inside a call of L2CAP or an op");
	hci->busy = true;
}

static void leave(struct rt_hci *hci)
{
	hci->busy = false;
}

void fake_hci_init(struct rt_hci *hci, struct rt_env *env)
{
	*hci = (struct rt_hci){ .env = env };
}

static void forget(struct rt_hci_link *link, size_t i)
{
	rt_env_free(link->hci->env, link->sent[i].pdu.owned);
	free(link->sent[i].seen);
	link->sent_count--;
	memmove(&link->sent[i], &link->sent[i + 1],
		(link->sent_count - i) * sizeof(link->sent[0]));
}

void fake_hci_fini(struct rt_hci *hci)
{
	struct rt_hci_link *link;

	while ((link = hci->links)) {
		hci->links = link->next;
		while (link->sent_count > 0)
			forget(link, 0);
		free(link);
	}
}

struct rt_hci_link *fake_hci_find(struct rt_hci *hci, struct rt_addr addr)
{
	struct rt_hci_link *link;

	for (link = hci->links; link; link = link->next) {
		if (rt_addr_equal(link->addr, addr) &&
		    link->state != RT_HCI_LINK_CLOSED)
			return link;
	}
	return NULL;
}

static struct rt_hci_link *new_link(struct rt_hci *hci, struct rt_addr addr)
{
	struct rt_hci_link *link = calloc(1, sizeof(*link));

	must(link, "memory");
	link->hci = hci;
	link->addr = addr;
	link->reason = -1;
	link->next = hci->links;
	hci->links = link;
	return link;
}

struct rt_hci_link *fake_hci_incoming(struct rt_hci *hci, struct rt_addr addr)
{
	struct rt_hci_link *link = new_link(hci, addr);

	link->incoming = true;
	fake_link_up(link);
	return link;
}

void fake_link_up(struct rt_hci_link *link)
{
	ck_assert_int_eq(link->state, RT_HCI_LINK_CONNECTING);
	link->state = RT_HCI_LINK_OPEN;
	enter(link->hci);
	link->hci->ops->up(link->hci->user, link);
	leave(link->hci);
}

/* The errors that the tests use; the rest is one. */
static int errno_of(uint8_t code)
{
	if (code == FAKE_HCI_PAGE_TIMEOUT)
		return -EHOSTDOWN;
	if (code == FAKE_HCI_CONNECTION_TIMEOUT)
		return -ETIMEDOUT;
	return -ECONNRESET;
}

void fake_link_down(struct rt_hci_link *link, uint8_t code)
{
	const struct rt_reason why = {
		.layer = RT_LAYER_HCI,
		.phase = RT_PHASE_NONE,
		.code = code,
		.err = errno_of(code),
		.frame = link->hci->env->frame,
	};

	fake_link_complete(link, link->sent_count, false);
	link->state = RT_HCI_LINK_CLOSED;
	link->ready = false;
	enter(link->hci);
	link->hci->ops->down(link->hci->user, link, &why);
	leave(link->hci);
}

void fake_link_rx(struct rt_hci_link *link, uint16_t cid,
		  const uint8_t *payload, size_t len)
{
	struct rt_hci *hci = link->hci;
	uint8_t *pdu = malloc(HEADER_BYTES + len);
	uint16_t wanted = (uint16_t)len;

	must(pdu, "memory");
	pdu[0] = (uint8_t)len;
	pdu[1] = (uint8_t)(len >> 8);
	pdu[2] = (uint8_t)cid;
	pdu[3] = (uint8_t)(cid >> 8);
	if (len > 0)
		memcpy(pdu + HEADER_BYTES, payload, len);
	hci->env->frame++;
	enter(hci);
	if (!hci->ops->want(hci->user, link, cid, &wanted))
		hci->oversized++;
	else
		hci->ops->rx(hci->user, link,
			     rt_bytes(pdu, HEADER_BYTES + (size_t)wanted));
	leave(hci);
	free(pdu);
}

/* Copies all octets of a PDU. */
static uint8_t *flatten(const struct rt_pdu *pdu)
{
	struct rt_packet packet = { .count = 0 };
	uint8_t *copy = malloc(rt_pdu_bytes(pdu) + 1);
	size_t at = 0;

	must(copy, "memory");
	rt_pdu_slice(pdu, 0, rt_pdu_bytes(pdu), &packet);
	for (size_t i = 0; i < packet.count; i++) {
		memcpy(copy + at, packet.slice[i].ptr, packet.slice[i].len);
		at += packet.slice[i].len;
	}
	return copy;
}

/* What holds for every PDU that we send. */
static void check_pdu(const struct fake_pdu *sent, bool raw)
{
	const uint8_t *p = sent->seen;
	const size_t len = sent->seen_len;
	size_t data;

	must(len >= HEADER_BYTES, "a PDU has a header");
	must((p[0] | (size_t)p[1] << 8) == len - HEADER_BYTES,
	     "the length of a PDU is right");
	if (raw)
		return;
	if (p[2] != 0x01 || p[3] != 0x00)
		return;
	must(sent->done.chan == 0, "signalling belongs to no channel");
	must(len - HEADER_BYTES <= MTUSIG_MIN, "C-frames have 48 octets");
	must(len >= 2 * HEADER_BYTES, "a C-frame has a command");
	data = p[6] | (size_t)p[7] << 8;
	must(p[5] != 0, "no identifier is 0");
	must(data == len - 2 * HEADER_BYTES, "a C-frame has one command");
}

size_t fake_link_pull(struct rt_hci_link *link, uint8_t *buf, size_t cap)
{
	struct rt_hci *hci = link->hci;
	struct fake_pdu *sent = &link->sent[link->sent_count];
	bool pulled;

	if (!link->ready)
		return 0;
	must(link->sent_count < FAKE_IN_FLIGHT_MAX, "the test completes PDUs");
	*sent = (struct fake_pdu){ .disowned = false };
	rt_pdu_init(&sent->pdu);
	enter(hci);
	pulled = hci->ops->pull(hci->user, link, &sent->pdu);
	leave(hci);
	if (!pulled) {
		link->ready = false;
		return 0;
	}
	sent->done = sent->pdu.done;
	sent->seen = flatten(&sent->pdu);
	sent->seen_len = rt_pdu_bytes(&sent->pdu);
	link->sent_count++;
	sim_expect_written(sent->seen, sent->seen_len);
	check_pdu(sent, hci->raw);
	memcpy(buf, sent->seen, RT_MIN(cap, sent->seen_len));
	return sent->seen_len;
}

static void complete_one(struct rt_hci_link *link, size_t i, bool written)
{
	const struct fake_pdu sent = link->sent[i];
	uint8_t *now = NULL;

	if (!sent.disowned) {
		now = flatten(&sent.pdu);
		must(memcmp(now, sent.seen, sent.seen_len) == 0,
		     "a body stays as it is until it is completed");
		free(now);
	}
	forget(link, i);
	if (sent.disowned)
		return;
	enter(link->hci);
	link->hci->ops->completed(link->hci->user, link, &sent.done, written);
	leave(link->hci);
}

void fake_link_complete(struct rt_hci_link *link, size_t n, bool written)
{
	must(n <= link->sent_count, "the test completes what was pulled");
	for (size_t i = 0; i < n; i++)
		complete_one(link, 0, written);
}

void fake_link_complete_signalling(struct rt_hci_link *link)
{
	size_t i = 0;

	while (i < link->sent_count) {
		if (link->sent[i].done.chan == 0)
			complete_one(link, i, true);
		else
			i++;
	}
}

void rt_hci_set_link_ops(struct rt_hci *hci, const struct rt_hci_link_ops *ops,
			 void *user)
{
	ck_assert_ptr_null(hci->ops);
	hci->ops = ops;
	hci->user = user;
}

int rt_hci_link_connect(struct rt_hci *hci, struct rt_addr addr,
			struct rt_hci_link **ret_link)
{
	struct rt_hci_link *link = fake_hci_find(hci, addr);

	if (rt_addr_is_zero(addr))
		return -EINVAL;
	if (!link || link->state == RT_HCI_LINK_DISCONNECTING) {
		if (hci->connect_result < 0)
			return hci->connect_result;
		link = new_link(hci, addr);
	}
	*ret_link = link;
	return 0;
}

void rt_hci_link_cancel(struct rt_hci_link *link)
{
	must(link->state == RT_HCI_LINK_CONNECTING,
	     "only attempts are given up");
	link->cancels++;
}

void rt_hci_link_disconnect(struct rt_hci_link *link, uint8_t reason)
{
	link->reason = reason;
	link->state = RT_HCI_LINK_DISCONNECTING;
}

void rt_hci_link_set_used(struct rt_hci_link *link, bool used)
{
	link->used = used;
}

void rt_hci_link_set_flush(struct rt_hci_link *link, uint32_t flush_timeout_ms)
{
	link->flush_ms = flush_timeout_ms;
}

void rt_hci_link_ready(struct rt_hci_link *link)
{
	/* Told of a link that is not open, HCI forgets it. */
	if (link->state == RT_HCI_LINK_OPEN)
		link->ready = true;
}

void rt_hci_link_disown(struct rt_hci_link *link, rt_handle chan)
{
	for (size_t i = 0; i < link->sent_count; i++) {
		if (link->sent[i].done.chan == chan)
			link->sent[i].disowned = true;
	}
}

enum rt_hci_link_state rt_hci_link_state(const struct rt_hci_link *link)
{
	return link->state;
}

struct rt_addr rt_hci_link_addr(const struct rt_hci_link *link)
{
	return link->addr;
}

void rt_hci_link_set_user(struct rt_hci_link *link, void *user)
{
	link->user = user;
}

void *rt_hci_link_user(const struct rt_hci_link *link)
{
	return link->user;
}
