/* SPDX-License-Identifier: MIT */
#include "tools/vctl/model.h"

/* How links are set up and taken down (Core Vol 2 Part C 4.1). */

#define LINK_TYPE_ACL 0x01
#define HOLD_US 5000 /* RT_VCTL_ACL_BEFORE_EVENTS */

void rt_vctl_connection_complete(struct rt_vctl *vctl, struct rt_addr addr,
				 uint16_t handle, uint8_t status)
{
	uint8_t buf[11];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));
	struct rt_vctl_frame *f;

	rt_wr_u8(&w, status);
	rt_wr_le16(&w, handle);
	rt_wr_addr(&w, addr);
	rt_wr_u8(&w, LINK_TYPE_ACL);
	rt_wr_u8(&w, 0); /* not encrypted */
	f = rt_vctl_event(vctl, RT_VEVT_CONNECTION_COMPLETE, &w);
	if (!f || status != RT_VERR_OK ||
	    !vctl->fault[RT_VCTL_ACL_BEFORE_EVENTS])
		return;
	f->due_us = vctl->air->now_us + HOLD_US;
	rt_vctl_air_arm(vctl->air, &vctl->wake, HOLD_US);
}

static void open_link(struct rt_vctl_link *link, bool switched)
{
	rt_vctl_air_stop(link->vctl->air, &link->wait);
	link->state = RT_VLINK_OPEN;
	link->vctl->stats.links++;
	if (switched)
		rt_vctl_role_change(link, RT_VERR_OK);
	rt_vctl_connection_complete(link->vctl, link->addr, link->handle,
				    RT_VERR_OK);
}

static void on_conn_req(struct rt_vctl_link *link)
{
	struct rt_vctl *v = link->vctl;
	uint8_t buf[10];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));

	if (link->state != RT_VLINK_PAGED)
		return;
	link->state = RT_VLINK_IN;
	rt_vctl_link_close_soon(link, rt_vctl_slots_us(v->set.accept_timeout),
				RT_VERR_ACCEPT_TIMEOUT);
	rt_wr_addr(&w, link->addr);
	rt_wr_le24(&w, link->peer->vctl->set.class_of_device);
	rt_wr_u8(&w, LINK_TYPE_ACL);
	rt_vctl_event(v, RT_VEVT_CONNECTION_REQUEST, &w);
}

static void on_accept(struct rt_vctl_link *link, uint8_t role)
{
	bool switched = role == 0 && link->may_switch;

	if (link->state != RT_VLINK_OUT)
		return;
	if (switched)
		link->role = 1;
	rt_vctl_link_signal(link, RT_VFRAME_SETUP_COMPLETE, 0, switched);
	open_link(link, switched);
}

static void on_setup_complete(struct rt_vctl_link *link, bool switched)
{
	if (link->state != RT_VLINK_ACCEPTED)
		return;
	if (switched)
		link->role = 0;
	open_link(link, switched);
}

static void on_reject(struct rt_vctl_link *link, uint8_t reason)
{
	if (link->state == RT_VLINK_OUT)
		rt_vctl_link_close(link, reason);
}

/* Both may detach at once: then each was the one who did. */
static void on_detach(struct rt_vctl_link *link, uint8_t reason)
{
	struct rt_vctl_link *peer = link->peer;
	uint32_t latency_us = link->vctl->air->latency_us;

	if (link->state == RT_VLINK_CLOSING)
		reason = RT_VERR_LOCAL_HOST;
	rt_vctl_link_close(link, reason);
	if (peer->state == RT_VLINK_CLOSING)
		rt_vctl_link_close_soon(peer, latency_us, RT_VERR_LOCAL_HOST);
}

/* 7.7.46 */
static void on_supervision(struct rt_vctl_link *link, uint16_t slots)
{
	uint8_t buf[4];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));

	link->supervision_slots = slots;
	rt_wr_le16(&w, link->handle);
	rt_wr_le16(&w, slots);
	rt_vctl_event(link->vctl, RT_VEVT_SUPERVISION_CHANGED, &w);
}

void rt_vctl_setup_rx(struct rt_vctl_link *link,
		      const struct rt_vctl_frame *frame)
{
	switch ((enum rt_vctl_frame_kind)frame->kind) {
	case RT_VFRAME_CONN_REQ:
		on_conn_req(link);
		break;
	case RT_VFRAME_ACCEPT:
		on_accept(link, frame->arg);
		break;
	case RT_VFRAME_REJECT:
		on_reject(link, frame->arg);
		break;
	case RT_VFRAME_SETUP_COMPLETE:
		on_setup_complete(link, frame->arg);
		break;
	case RT_VFRAME_DETACH:
		on_detach(link, frame->arg);
		break;
	case RT_VFRAME_SUPERVISION:
		on_supervision(link, frame->value);
		break;
	case RT_VFRAME_HOST:
	case RT_VFRAME_DATA:
	case RT_VFRAME_ACK:
	case RT_VFRAME_REQUEST:
	case RT_VFRAME_RESPONSE:
	case RT_VFRAME_SECURITY:
		break;
	}
}

void rt_vctl_setup_refuse(struct rt_vctl_link *link, uint8_t reason)
{
	link->state = RT_VLINK_REFUSED;
	rt_vctl_link_signal(link, RT_VFRAME_REJECT, 0, reason);
	/* Until the other end has heard it. */
	rt_vctl_link_close_soon(link, 2 * (uint64_t)link->vctl->air->latency_us,
				reason);
}
