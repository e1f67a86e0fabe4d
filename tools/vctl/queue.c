/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "tools/vctl/model.h"

/* Packets that wait for the host: events, data, completions. */

struct rt_vctl_frame *rt_vctl_frame_new(enum rt_vctl_frame_kind kind,
					const void *data, size_t len)
{
	struct rt_vctl_frame *f;

	f = calloc(1, sizeof(*f) + RT_VCTL_HEAD_BYTES + len);
	if (!f)
		return NULL;
	rt_list_init(&f->node);
	f->kind = (uint8_t)kind;
	f->len = len;
	if (data && len > 0)
		memcpy(f->data + RT_VCTL_HEAD_BYTES, data, len);
	return f;
}

void rt_vctl_frame_free(struct rt_vctl_frame *frame)
{
	if (!frame)
		return;
	rt_list_del(&frame->node);
	free(frame);
}

void rt_vctl_frames_free(struct rt_list *list)
{
	struct rt_vctl_frame *f;

	while ((f = RT_LIST_FIRST(list, struct rt_vctl_frame, node)))
		rt_vctl_frame_free(f);
}

/* Event masks (7.3.1, 7.3.69: bit 25); answers to commands can't be masked. */
static bool is_masked(const struct rt_vctl *v, enum rt_vctl_event code)
{
	switch (code) {
	case RT_VEVT_COMMAND_COMPLETE:
	case RT_VEVT_COMMAND_STATUS:
	case RT_VEVT_COMPLETED_PACKETS:
		return false;
	case RT_VEVT_ENCRYPTION_CHANGE_V2:
		return !(v->set.event_mask_2 >> 25 & 1);
	case RT_VEVT_INQUIRY_COMPLETE:
	case RT_VEVT_INQUIRY_RESULT:
	case RT_VEVT_CONNECTION_COMPLETE:
	case RT_VEVT_CONNECTION_REQUEST:
	case RT_VEVT_DISCONNECTION_COMPLETE:
	case RT_VEVT_REMOTE_NAME:
	case RT_VEVT_REMOTE_FEATURES:
	case RT_VEVT_REMOTE_VERSION:
	case RT_VEVT_FLUSH_OCCURRED:
	case RT_VEVT_ROLE_CHANGE:
	case RT_VEVT_DATA_BUFFER_OVERFLOW:
	case RT_VEVT_CLOCK_OFFSET:
	case RT_VEVT_PACKET_TYPE_CHANGED:
	case RT_VEVT_INQUIRY_RESULT_RSSI:
	case RT_VEVT_REMOTE_EXT_FEATURES:
	case RT_VEVT_EXTENDED_INQUIRY_RESULT:
	case RT_VEVT_SUPERVISION_CHANGED:
	case RT_VEVT_AUTHENTICATION_COMPLETE:
	case RT_VEVT_MODE_CHANGE:
	case RT_VEVT_ENCRYPTION_CHANGE:
	case RT_VEVT_PIN_REQUEST:
	case RT_VEVT_KEY_REQUEST:
	case RT_VEVT_KEY_NOTIFICATION:
	case RT_VEVT_KEY_REFRESH_COMPLETE:
	case RT_VEVT_IO_REQUEST:
	case RT_VEVT_IO_RESPONSE:
	case RT_VEVT_CONFIRMATION_REQUEST:
	case RT_VEVT_PASSKEY_REQUEST:
	case RT_VEVT_OOB_REQUEST:
	case RT_VEVT_PAIRING_COMPLETE:
	case RT_VEVT_PASSKEY_NOTIFICATION:
	case RT_VEVT_KEYPRESS:
	case RT_VEVT_HOST_FEATURES:
		break;
	}
	return !(v->set.event_mask >> (code - 1) & 1);
}

struct rt_vctl_frame *rt_vctl_event(struct rt_vctl *vctl,
				    enum rt_vctl_event code,
				    const struct rt_wr *params)
{
	struct rt_bytes p = rt_wr_bytes(params);
	struct rt_vctl_frame *f;

	if (is_masked(vctl, code) || !rt_wr_ok(params) ||
	    vctl->event_count >= RT_VCTL_EVENTS_LOST)
		return NULL;
	f = rt_vctl_frame_new(RT_VFRAME_HOST, NULL, 2 + p.len);
	if (!f)
		return NULL;
	f->type = RT_PACKET_EVENT;
	f->data[RT_VCTL_HEAD_BYTES] = (uint8_t)code;
	f->data[RT_VCTL_HEAD_BYTES + 1] = (uint8_t)p.len;
	if (p.len > 0)
		memcpy(f->data + RT_VCTL_HEAD_BYTES + 2, p.ptr, p.len);
	rt_list_append(&vctl->events, &f->node);
	vctl->event_count++;
	return f;
}

void rt_vctl_inject_event(struct rt_vctl *vctl, struct rt_bytes event)
{
	struct rt_vctl_frame *f;

	f = rt_vctl_frame_new(RT_VFRAME_HOST, event.ptr, event.len);
	if (!f)
		return;
	f->type = RT_PACKET_EVENT;
	rt_list_append(&vctl->events, &f->node);
	vctl->event_count++;
}

void rt_vctl_inject_acl(struct rt_vctl *vctl, struct rt_bytes packet)
{
	struct rt_vctl_frame *f;

	f = rt_vctl_frame_new(RT_VFRAME_HOST, packet.ptr, packet.len);
	if (!f)
		return;
	f->type = RT_PACKET_ACL;
	rt_list_append(&vctl->acl, &f->node);
}

void rt_vctl_queue_clear(struct rt_vctl *vctl)
{
	rt_vctl_frames_free(&vctl->events);
	rt_vctl_frames_free(&vctl->acl);
	rt_vctl_frame_free(vctl->lent);
	vctl->lent = NULL;
	vctl->event_count = 0;
}

static struct rt_vctl_frame *acl_of(struct rt_vctl *v,
				    const struct rt_vctl_link *link)
{
	struct rt_vctl_frame *f;

	RT_LIST_EACH (f, &v->acl, node) {
		if (f->link == link)
			return f;
	}
	return NULL;
}

void rt_vctl_queue_purge(struct rt_vctl *vctl, const struct rt_vctl_link *link)
{
	struct rt_vctl_frame *f;

	while ((f = acl_of(vctl, link)))
		rt_vctl_frame_free(f);
}

enum source { NOTHING, COMPLETION, EVENT, ACL };

/*
 * What goes to the host next. Events come first, but the end of a link waits
 * for its data, unless the host has no buffers for them.
 */
static enum source pick(const struct rt_vctl *v)
{
	const struct rt_vctl_frame *e, *a;
	bool acl = rt_vctl_acl_may_go(v);

	if (v->fault[RT_VCTL_MUTE])
		return NOTHING;
	if (acl && v->fault[RT_VCTL_ACL_BEFORE_EVENTS])
		return ACL;
	if (rt_vctl_acl_owes_completion(v))
		return COMPLETION;
	e = RT_LIST_FIRST(&v->events, struct rt_vctl_frame, node);
	if (!e || e->due_us > v->air->now_us)
		return acl ? ACL : NOTHING;
	if (!e->link || !acl)
		return EVENT;
	RT_LIST_EACH (a, &v->acl, node) {
		if (a->link == e->link)
			return ACL;
	}
	return EVENT;
}

bool rt_vctl_has_tx(const struct rt_vctl *vctl)
{
	return pick(vctl) != NOTHING;
}

static struct rt_bytes take_event(struct rt_vctl *v)
{
	struct rt_vctl_frame *f;

	f = RT_LIST_FIRST(&v->events, struct rt_vctl_frame, node);
	rt_list_del(&f->node);
	v->event_count--;
	if (f->gives_credit)
		v->command_free = true;
	if (f->link)
		rt_vctl_link_free(f->link);
	f->link = NULL;
	v->lent = f;
	return rt_bytes(f->data + RT_VCTL_HEAD_BYTES, f->len);
}

static struct rt_bytes take_acl(struct rt_vctl *v)
{
	struct rt_vctl_frame *e;

	/* What RT_VCTL_ACL_BEFORE_EVENTS held back has been overtaken now. */
	e = RT_LIST_FIRST(&v->events, struct rt_vctl_frame, node);
	if (e)
		e->due_us = 0;
	v->stats.acl_to_host++;
	return rt_vctl_acl_take(v);
}

bool rt_vctl_tx(struct rt_vctl *vctl, enum rt_packet_type *ret_type,
		struct rt_bytes *ret_packet)
{
	enum source source = pick(vctl);

	rt_vctl_frame_free(vctl->lent);
	vctl->lent = NULL;
	switch (source) {
	case NOTHING:
		return false;
	case COMPLETION:
		*ret_type = RT_PACKET_EVENT;
		*ret_packet = rt_vctl_acl_take_completion(vctl);
		break;
	case EVENT:
		*ret_type = RT_PACKET_EVENT;
		*ret_packet = take_event(vctl);
		break;
	case ACL:
		*ret_type = RT_PACKET_ACL;
		*ret_packet = take_acl(vctl);
		break;
	}
	rt_vctl_air_settle(vctl->air);
	return true;
}
