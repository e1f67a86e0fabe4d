/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "tools/sim/model/parts.h"

/* ACL links: paging and being paged, the end, unused ones (Core Vol 4 Part E
 * 7.1). */

#define OP_CREATE 0x0405
#define OP_DISCONNECT 0x0406
#define OP_CANCEL 0x0408
#define OP_ACCEPT 0x0409
#define OP_REJECT 0x040a
#define OP_AUTHENTICATE 0x0411
#define OP_ENCRYPT 0x0413

#define SETUP_US RT_SECONDS(60)
#define RETRY_US RT_MS(500)
#define CLOSE_US RT_SECONDS(40)
#define IDLE_MS 2500
#define LIMITED_RESOURCES 0x0d
#define ACL_EXISTS 0x0b
#define USER_ENDED 0x13
#define TIMED_OUT 0x08

struct model_link *model_link_find(const struct model *m, struct rt_addr addr)
{
	for (unsigned int i = 0; i < LINKS_MAX; i++) {
		struct model_link *link = m->link[i];

		if (link && link->state != LINK_FREE &&
		    rt_addr_equal(link->addr, addr))
			return link;
	}
	return NULL;
}

struct model_link *model_link_by_handle(const struct model *m, uint16_t handle)
{
	for (unsigned int i = 0; i < LINKS_MAX; i++) {
		struct model_link *link = m->link[i];

		if (link && link->handle == handle &&
		    (link->state == LINK_OPEN || link->state == LINK_CLOSING))
			return link;
	}
	return NULL;
}

/* All but the buffers, which are written before they are read. */
static void clear(struct model_link *link)
{
	memset(link, 0, offsetof(struct model_link, rx));
	link->next_id = 1;
	link->outbox.buf = link->outbox_memory;
	link->outbox.cap = OUTBOX_BYTES;
}

static struct model_link *make(struct model *m, struct rt_addr addr,
			       enum model_link_state state)
{
	struct model_link *link = NULL;

	for (unsigned int i = 0; i < LINKS_MAX && !link; i++) {
		if (!m->link[i])
			m->link[i] = calloc(1, sizeof(*link));
		if (m->link[i] && m->link[i]->state == LINK_FREE)
			link = m->link[i];
	}
	if (!link)
		return NULL;
	clear(link);
	link->state = state;
	link->addr = addr;
	link->next_cid = CID_DYNAMIC;
	m->stats.links++;
	return link;
}

/* One page at a time: the next that is wanted. */
static void page_next(struct model *m)
{
	struct model_link *next = NULL;
	uint8_t params[13] = { 0, 0, 0, 0, 0, 0, 0x18, 0xcc, 1, 0, 0, 0, 1 };

	for (unsigned int i = 0; i < LINKS_MAX; i++) {
		struct model_link *link = m->link[i];

		if (!link || link->state == LINK_FREE)
			continue;
		if (link->paging)
			return;
		if (link->state == LINK_WANTED && link->due[LINK_SETUP] == 0 &&
		    !next)
			next = link;
	}
	if (!next || !m->up)
		return;
	next->state = LINK_PAGING;
	next->paging = true;
	model_arm(m, &next->due[LINK_SETUP], SETUP_US);
	memcpy(params, next->addr.b, 6);
	model_command(m, OP_CREATE, rt_bytes(params, sizeof(params)));
}

struct model_link *model_link_want(struct model *m, struct rt_addr addr)
{
	struct model_link *link = model_link_find(m, addr);

	if (!link)
		link = make(m, addr, LINK_WANTED);
	if (!link)
		return NULL;
	model_disarm(m, &link->due[LINK_IDLE]);
	page_next(m);
	return link;
}

/* Somebody wanted the link while it was closing: it is made anew. */
static void link_again(struct model *m, struct model_link *link)
{
	const struct rt_addr addr = link->addr;
	const struct model_mux mux = link->mux;
	const uint16_t cid = link->next_cid;

	clear(link);
	link->state = LINK_WANTED;
	link->addr = addr;
	/* Channels that wait have their ids already. */
	link->next_cid = cid;
	if (mux.state == MUX_CHAN)
		link->mux = mux;
	model_chans_number(m, link);
	page_next(m);
}

static void link_gone(struct model *m, struct model_link *link,
		      enum model_end why, uint8_t reason)
{
	bool told = link->state == LINK_OPEN;
	bool again = link->state == LINK_CLOSING && why == MODEL_END_LINK;
	struct rt_addr addr = link->addr;

	/* Nobody must find it from a callback. */
	link->state = LINK_CLOSING;
	if (!again)
		model_chans_lost(m, link, why);
	m->acl_free = (uint16_t)(m->acl_free + link->outstanding);
	link->outstanding = 0;
	for (unsigned int i = 0; i < LINK_TIMERS; i++)
		model_disarm(m, &link->due[i]);
	model_keys_forget(m, addr);
	if (again && model_link_in_use(m, link)) {
		link_again(m, link);
		return;
	}
	link->state = LINK_FREE;
	m->stats.links--;
	if (told && m->events.link_down)
		m->events.link_down(m->options.user, addr, reason);
	page_next(m);
}

void model_links_lost(struct model *m)
{
	for (unsigned int i = 0; i < LINKS_MAX; i++) {
		if (m->link[i] && m->link[i]->state != LINK_FREE)
			link_gone(m, m->link[i], MODEL_END_RESET, TIMED_OUT);
	}
}

void model_links_wake(struct model *m)
{
	page_next(m);
}

static void tell_handle(struct model *m, uint16_t opcode, uint16_t handle,
			uint8_t reason)
{
	uint8_t params[3];

	model_put_le16(params, handle);
	params[2] = reason;
	model_command(m, opcode, rt_bytes(params, sizeof(params)));
}

void model_link_disconnect(struct model *m, struct model_link *link)
{
	switch (link->state) {
	case LINK_FREE:
	case LINK_CLOSING:
	case LINK_ACCEPTING:
		return;
	case LINK_WANTED:
		link_gone(m, link, MODEL_END_LINK, USER_ENDED);
		return;
	case LINK_PAGING:
		model_command(m, OP_CANCEL, rt_bytes(link->addr.b, 6));
		return;
	case LINK_OPEN:
		break;
	}
	link->state = LINK_CLOSING;
	model_arm(m, &link->due[LINK_SETUP], CLOSE_US);
	tell_handle(m, OP_DISCONNECT, link->handle, USER_ENDED);
	model_chans_lost(m, link, MODEL_END_LINK);
	if (m->events.link_down)
		m->events.link_down(m->options.user, link->addr, USER_ENDED);
}

bool model_link_in_use(const struct model *m, const struct model_link *link)
{
	for (unsigned int i = 0; i < CHANS_MAX; i++) {
		if (m->chan[i].state != CHAN_FREE && m->chan[i].link == link)
			return true;
	}
	for (unsigned int i = 0; i < DLCS_MAX; i++) {
		if (m->dlc[i].state != DLC_FREE && m->dlc[i].link == link)
			return true;
	}
	return link->sec != SEC_NONE;
}

void model_link_unused(struct model *m, struct model_link *link)
{
	uint32_t ms = m->options.behaviour.idle_ms;

	if (link->state != LINK_OPEN || model_link_in_use(m, link))
		return;
	if (ms == 0)
		ms = IDLE_MS;
	/* Who made the link ends it; the other side only if that fails. */
	model_arm(m, &link->due[LINK_IDLE],
		  RT_MS(ms) * (link->incoming ? 8 : 1));
}

static void on_request(struct model *m, struct model_in *in)
{
	struct rt_bytes b = model_in_take(in, 6);
	struct model_link *link;
	struct rt_addr addr;
	uint8_t params[7];

	(void)model_in_take(in, 3);
	if (b.len != 6)
		return;
	memcpy(addr.b, b.ptr, 6);
	memcpy(params, b.ptr, 6);
	link = model_link_find(m, addr);
	if (model_in_u8(in) != 1)
		link = NULL;
	else if (!link)
		link = make(m, addr, LINK_ACCEPTING);
	if (!link) {
		params[6] = LIMITED_RESOURCES;
		model_command(m, OP_REJECT, rt_bytes(params, 7));
		return;
	}
	link->state = LINK_ACCEPTING;
	link->incoming = true;
	model_arm(m, &link->due[LINK_SETUP], SETUP_US);
	params[6] = 1; /* remain the peripheral */
	model_command(m, OP_ACCEPT, rt_bytes(params, 7));
}

static void link_failed(struct model *m, struct model_link *link,
			uint8_t status)
{
	link->paging = false;
	if (link->state == LINK_ACCEPTING && status == ACL_EXISTS)
		return;
	if (link->state == LINK_PAGING && status == ACL_EXISTS) {
		/* The peer's page has won: it comes, or we try again. */
		link->state = LINK_WANTED;
		model_arm(m, &link->due[LINK_SETUP], RETRY_US);
		page_next(m);
		return;
	}
	link_gone(m, link, MODEL_END_NO_LINK, status);
}

static void on_complete(struct model *m, struct model_in *in)
{
	uint8_t status = model_in_u8(in);
	uint16_t handle = model_in_le16(in);
	struct rt_bytes b = model_in_take(in, 6);
	struct model_link *link;
	struct rt_addr addr;

	if (b.len != 6 || model_in_u8(in) != 1)
		return;
	memcpy(addr.b, b.ptr, 6);
	link = model_link_find(m, addr);
	if (!link || link->state == LINK_OPEN || link->state == LINK_CLOSING)
		return;
	if (status != 0) {
		link_failed(m, link, status);
		return;
	}
	link->incoming = link->state == LINK_ACCEPTING;
	link->state = LINK_OPEN;
	link->handle = handle & 0x0fff;
	link->paging = false;
	model_disarm(m, &link->due[LINK_SETUP]);
	if (m->events.link_up)
		m->events.link_up(m->options.user, addr);
	model_link_unused(m, link);
	model_chans_wake(m, link);
	page_next(m);
}

static void on_gone(struct model *m, struct model_in *in)
{
	uint8_t status = model_in_u8(in);
	struct model_link *link =
		model_link_by_handle(m, model_in_le16(in) & 0x0fff);
	uint8_t reason = model_in_u8(in);

	if (status == 0 && link)
		link_gone(m, link, MODEL_END_LINK, reason);
}

void model_link_refused(struct model *m, uint16_t opcode, uint16_t handle,
			uint8_t status)
{
	struct model_link *link = model_link_by_handle(m, handle & 0x0fff);

	switch (opcode) {
	case OP_CREATE:
		for (unsigned int i = 0; i < LINKS_MAX; i++) {
			if (m->link[i] && m->link[i]->state != LINK_FREE &&
			    m->link[i]->paging)
				link_failed(m, m->link[i], status);
		}
		return;
	case OP_DISCONNECT:
		if (link)
			link_gone(m, link, MODEL_END_LINK, status);
		return;
	case OP_AUTHENTICATE:
	case OP_ENCRYPT:
		if (link)
			model_sec_refused(m, link, status);
		return;
	default:
		return;
	}
}

void model_link_event(struct model *m, uint8_t code, struct model_in *in)
{
	switch (code) {
	case 0x03:
		on_complete(m, in);
		return;
	case 0x04:
		on_request(m, in);
		return;
	case 0x05:
		on_gone(m, in);
		return;
	default:
		model_sec_event(m, code, in);
	}
}

static void on_setup_timer(struct model *m, struct model_link *link)
{
	if (link->state == LINK_WANTED) {
		page_next(m);
		return;
	}
	if (link->state == LINK_PAGING)
		model_command(m, OP_CANCEL, rt_bytes(link->addr.b, 6));
	link_gone(m, link, MODEL_END_NO_LINK, TIMED_OUT);
}

void model_link_timers(struct model *m, struct model_link *link)
{
	if (model_is_due(m, &link->due[LINK_SETUP]))
		on_setup_timer(m, link);
	if (model_is_due(m, &link->due[LINK_IDLE]) &&
	    !model_link_in_use(m, link))
		model_link_disconnect(m, link);
	if (model_is_due(m, &link->due[LINK_SEC]))
		model_sec_timer(m, link);
	if (model_is_due(m, &link->due[LINK_INFO]))
		model_info_timer(m, link);
	if (model_is_due(m, &link->due[LINK_MUX]))
		model_mux_timer(m, link);
	model_requests_timer(m, link);
}
