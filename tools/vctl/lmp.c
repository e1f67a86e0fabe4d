/* SPDX-License-Identifier: MIT */
#include "tools/vctl/model.h"

/* Link manager transactions over an open link (Core Vol 2 Part C 4). */

enum mode { MODE_ACTIVE = 0, MODE_SNIFF = 2 };

void rt_vctl_name_complete(struct rt_vctl *vctl, uint8_t status,
			   struct rt_addr addr, const uint8_t *name)
{
	static const uint8_t no_name[RT_VCTL_NAME_BYTES];
	uint8_t buf[255];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));

	rt_wr_u8(&w, status);
	rt_wr_addr(&w, addr);
	rt_wr_put(&w, rt_bytes(name ? name : no_name, RT_VCTL_NAME_BYTES));
	rt_vctl_event(vctl, RT_VEVT_REMOTE_NAME, &w);
}

static void put_features(const struct rt_vctl *v, uint8_t page, struct rt_wr *w)
{
	uint8_t features[8];

	rt_vctl_features(v, page, features);
	rt_wr_put(w, rt_bytes(features, sizeof(features)));
}

void rt_vctl_host_features(struct rt_vctl *vctl, const struct rt_vctl *of)
{
	uint8_t buf[14];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));

	if (of->fault[RT_VCTL_NO_EXTENDED])
		return;
	rt_wr_addr(&w, of->options.addr);
	put_features(of, 1, &w);
	rt_vctl_event(vctl, RT_VEVT_HOST_FEATURES, &w);
}

void rt_vctl_role_change(struct rt_vctl_link *link, uint8_t status)
{
	uint8_t buf[8];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));

	rt_wr_u8(&w, status);
	rt_wr_addr(&w, link->addr);
	rt_wr_u8(&w, link->role);
	rt_vctl_event(link->vctl, RT_VEVT_ROLE_CHANGE, &w);
}

uint16_t rt_vctl_clock_offset(const struct rt_vctl *vctl,
			      const struct rt_vctl *other)
{
	return (uint16_t)((other->clock - vctl->clock) >> 2 & 0x7fff);
}

/* 7.7.20 */
static void tell_mode(struct rt_vctl_link *link, uint8_t status)
{
	uint8_t buf[6];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));

	rt_wr_u8(&w, status);
	rt_wr_le16(&w, link->handle);
	rt_wr_u8(&w, link->sniff_slots > 0 ? MODE_SNIFF : MODE_ACTIVE);
	rt_wr_le16(&w, link->sniff_slots);
	rt_vctl_event(link->vctl, RT_VEVT_MODE_CHANGE, &w);
}

uint8_t rt_vctl_sniff_request(struct rt_vctl_link *link, uint16_t slots)
{
	struct rt_vctl_frame *f;

	if (link->pending & 1U << RT_VOP_SNIFF)
		return RT_VERR_DISALLOWED;
	f = rt_vctl_frame_new(RT_VFRAME_REQUEST, NULL, 0);
	if (!f)
		return RT_VERR_LIMITED_RESOURCES;
	link->pending |= 1U << RT_VOP_SNIFF;
	link->want_sniff_slots = slots;
	f->op = RT_VOP_SNIFF;
	f->value = slots;
	rt_vctl_link_send(link, f);
	return RT_VERR_OK;
}

uint8_t rt_vctl_lmp_request(struct rt_vctl_link *link, enum rt_vctl_op op,
			    uint8_t arg)
{
	if (link->pending & 1U << op)
		return RT_VERR_DISALLOWED;
	link->pending |= 1U << op;
	if (op == RT_VOP_EXT_FEATURES)
		link->ext_page = arg;
	if (op == RT_VOP_SWITCH)
		link->want_role = arg;
	rt_vctl_link_signal(link, RT_VFRAME_REQUEST, (uint8_t)op, arg);
	return RT_VERR_OK;
}

static uint8_t on_sniff_request(struct rt_vctl_link *link, uint16_t slots)
{
	if (slots > 0 && !(link->policy & RT_VCTL_POLICY_SNIFF))
		return RT_VERR_PDU_NOT_ALLOWED;
	link->sniff_slots = slots;
	tell_mode(link, RT_VERR_OK);
	return RT_VERR_OK;
}

static uint8_t on_switch_request(struct rt_vctl_link *link, uint8_t role)
{
	if (!(link->policy & RT_VCTL_POLICY_SWITCH))
		return RT_VERR_ROLE_CHANGE_NOT_ALLOWED;
	if (rt_vctl_crypt_is_changing(link))
		return RT_VERR_DIFFERENT_COLLISION;
	link->role = !role;
	rt_vctl_role_change(link, RT_VERR_OK);
	rt_vctl_crypt_switched(link);
	return RT_VERR_OK;
}

/* Our part in what the other end wants. Returns the status. */
static uint8_t answer(struct rt_vctl_link *link,
		      const struct rt_vctl_frame *frame, struct rt_wr *w)
{
	const struct rt_vctl *v = link->vctl;

	switch ((enum rt_vctl_op)frame->op) {
	case RT_VOP_FEATURES:
		put_features(v, 0, w);
		break;
	case RT_VOP_EXT_FEATURES:
		if (v->fault[RT_VCTL_NO_EXTENDED])
			return RT_VERR_UNSUPPORTED_REMOTE_FEATURE;
		rt_wr_u8(w, rt_vctl_feature_page_max(v));
		put_features(v, frame->arg, w);
		break;
	case RT_VOP_VERSION:
		rt_wr_u8(w, RT_VCTL_VERSION);
		rt_wr_le16(w, RT_VCTL_COMPANY);
		rt_wr_le16(w, RT_VCTL_SUBVERSION);
		break;
	case RT_VOP_CLOCK_OFFSET:
		rt_wr_le16(w, rt_vctl_clock_offset(link->peer->vctl, v));
		break;
	case RT_VOP_NAME:
		rt_wr_put(w, rt_bytes(v->set.name, sizeof(v->set.name)));
		break;
	case RT_VOP_SWITCH:
		return on_switch_request(link, frame->arg);
	case RT_VOP_SNIFF:
		return on_sniff_request(link, frame->value);
	case RT_VOP_PACKET_TYPE:
	case RT_VOPS:
		break;
	}
	return RT_VERR_OK;
}

static void on_request(struct rt_vctl_link *link,
		       const struct rt_vctl_frame *frame)
{
	uint8_t buf[RT_VCTL_NAME_BYTES];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));
	uint8_t status = answer(link, frame, &w);
	struct rt_bytes data = rt_wr_bytes(&w);
	struct rt_vctl_frame *f;

	f = rt_vctl_frame_new(RT_VFRAME_RESPONSE, data.ptr, data.len);
	if (!f)
		return;
	f->op = frame->op;
	f->arg = status;
	rt_vctl_link_send(link, f);
}

/*
 * Events "status, handle, parameters": on failure the parameters are there,
 * as zeros.
 */
static void tell(struct rt_vctl_link *link, enum rt_vctl_event code,
		 uint8_t status, struct rt_bytes data, size_t len)
{
	static const uint8_t zeros[16];
	uint8_t buf[32];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));

	rt_wr_u8(&w, status);
	rt_wr_le16(&w, link->handle);
	if (code == RT_VEVT_REMOTE_EXT_FEATURES)
		rt_wr_u8(&w, link->ext_page);
	if (data.len == len)
		rt_wr_put(&w, data);
	else
		rt_wr_put(&w, rt_bytes(zeros, len));
	rt_vctl_event(link->vctl, code, &w);
}

static void finish(struct rt_vctl_link *link, enum rt_vctl_op op,
		   uint8_t status, struct rt_bytes data)
{
	uint8_t types[2] = { (uint8_t)link->packet_types,
			     (uint8_t)(link->packet_types >> 8) };

	link->pending &= ~(1U << op);
	switch (op) {
	case RT_VOP_FEATURES:
		tell(link, RT_VEVT_REMOTE_FEATURES, status, data, 8);
		break;
	case RT_VOP_EXT_FEATURES:
		tell(link, RT_VEVT_REMOTE_EXT_FEATURES, status, data, 9);
		break;
	case RT_VOP_VERSION:
		tell(link, RT_VEVT_REMOTE_VERSION, status, data, 5);
		break;
	case RT_VOP_CLOCK_OFFSET:
		tell(link, RT_VEVT_CLOCK_OFFSET, status, data, 2);
		break;
	case RT_VOP_NAME:
		rt_vctl_name_complete(link->vctl, status, link->addr,
				      data.len > 0 ? data.ptr : NULL);
		break;
	case RT_VOP_SWITCH:
		if (status == RT_VERR_OK)
			link->role = link->want_role;
		rt_vctl_role_change(link, status);
		if (status == RT_VERR_OK)
			rt_vctl_crypt_switched(link);
		break;
	case RT_VOP_PACKET_TYPE:
		tell(link, RT_VEVT_PACKET_TYPE_CHANGED, status,
		     rt_bytes(types, sizeof(types)), sizeof(types));
		break;
	case RT_VOP_SNIFF:
		if (status == RT_VERR_OK)
			link->sniff_slots = link->want_sniff_slots;
		tell_mode(link, status);
		break;
	case RT_VOPS:
		break;
	}
}

void rt_vctl_lmp_rx(struct rt_vctl_link *link,
		    const struct rt_vctl_frame *frame)
{
	if (frame->kind == RT_VFRAME_REQUEST)
		on_request(link, frame);
	else if (link->pending & 1U << frame->op)
		finish(link, frame->op, frame->arg,
		       rt_bytes(frame->data + RT_VCTL_HEAD_BYTES, frame->len));
}

void rt_vctl_lmp_abort(struct rt_vctl_link *link, uint8_t reason)
{
	for (unsigned op = 0; op < RT_VOPS; op++) {
		if (link->pending & 1U << op)
			finish(link, (enum rt_vctl_op)op, reason,
			       rt_bytes(NULL, 0));
	}
}
