/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "tools/vctl/model.h"

/* Ends of links: how frames travel, and how ends come and go. */

#define HANDLE_MAX 0x0eff

struct rt_vctl_link *rt_vctl_link_find(struct rt_vctl *vctl, uint16_t handle)
{
	struct rt_vctl_link *link;

	RT_LIST_EACH (link, &vctl->links, node) {
		if (link->handle == handle && (link->state == RT_VLINK_OPEN ||
					       link->state == RT_VLINK_CLOSING))
			return link;
	}
	return NULL;
}

bool rt_vctl_link_is_ending(const struct rt_vctl *vctl, uint16_t handle)
{
	const struct rt_vctl_link *link;

	RT_LIST_EACH (link, &vctl->links, node) {
		if (link->handle == handle && link->state == RT_VLINK_DEAD)
			return true;
	}
	return false;
}

struct rt_vctl_link *rt_vctl_link_to(struct rt_vctl *vctl, struct rt_addr addr)
{
	struct rt_vctl_link *link;

	RT_LIST_EACH (link, &vctl->links, node) {
		if (link->state != RT_VLINK_DEAD &&
		    rt_addr_equal(link->addr, addr))
			return link;
	}
	return NULL;
}

unsigned rt_vctl_link_count(const struct rt_vctl *vctl)
{
	const struct rt_vctl_link *link;
	unsigned n = 0;

	RT_LIST_EACH (link, &vctl->links, node) {
		if (link->state != RT_VLINK_DEAD)
			n++;
	}
	return n;
}

bool rt_vctl_link_reaches(const struct rt_vctl_link *link)
{
	return link->peer && rt_vctl_air_hears(link->vctl, link->peer->vctl);
}

static void deliver(struct rt_vctl_link *to, struct rt_vctl_frame *frame)
{
	switch ((enum rt_vctl_frame_kind)frame->kind) {
	case RT_VFRAME_DATA:
	case RT_VFRAME_ACK:
		rt_vctl_acl_arrive(to, frame);
		return;
	case RT_VFRAME_REQUEST:
	case RT_VFRAME_RESPONSE:
		rt_vctl_lmp_rx(to, frame);
		break;
	case RT_VFRAME_CONN_REQ:
	case RT_VFRAME_ACCEPT:
	case RT_VFRAME_REJECT:
	case RT_VFRAME_SETUP_COMPLETE:
	case RT_VFRAME_DETACH:
	case RT_VFRAME_SUPERVISION:
		rt_vctl_setup_rx(to, frame);
		break;
	case RT_VFRAME_SECURITY:
		if (to->state == RT_VLINK_OPEN)
			rt_vctl_auth_rx(to, frame);
		break;
	case RT_VFRAME_HOST:
		break;
	}
	rt_vctl_frame_free(frame);
}

static void arm_air(struct rt_vctl_link *link)
{
	struct rt_vctl_frame *f;

	f = RT_LIST_FIRST(&link->out, struct rt_vctl_frame, node);
	if (f)
		rt_timer_arm_at(&link->vctl->air->timers, &link->air,
				RT_MAX(f->due_us, link->vctl->air->now_us));
}

/* One frame each time: the link may be gone afterwards. */
static void on_air(struct rt_timer *timer)
{
	struct rt_vctl_link *link =
		RT_CONTAINER_OF(timer, struct rt_vctl_link, air);
	struct rt_vctl_frame *f;

	f = RT_LIST_FIRST(&link->out, struct rt_vctl_frame, node);
	if (!f || !rt_vctl_link_reaches(link))
		return;
	rt_list_del(&f->node);
	arm_air(link);
	deliver(link->peer, f);
}

static void on_supervision(struct rt_timer *timer)
{
	struct rt_vctl_link *link =
		RT_CONTAINER_OF(timer, struct rt_vctl_link, supervision);

	rt_vctl_link_close(link, RT_VERR_CONNECTION_TIMEOUT);
}

static void on_wait(struct rt_timer *timer)
{
	struct rt_vctl_link *link =
		RT_CONTAINER_OF(timer, struct rt_vctl_link, wait);

	if (link->state == RT_VLINK_IN)
		rt_vctl_setup_refuse(link, link->reason);
	else
		rt_vctl_link_close(link, link->reason);
}

void rt_vctl_link_send(struct rt_vctl_link *link, struct rt_vctl_frame *frame)
{
	struct rt_air *air = link->vctl->air;

	if (!frame)
		return;
	frame->due_us = air->now_us + air->latency_us;
	rt_list_append(&link->out, &frame->node);
	if (rt_vctl_link_reaches(link) && !link->air.armed)
		arm_air(link);
}

void rt_vctl_link_signal(struct rt_vctl_link *link,
			 enum rt_vctl_frame_kind kind, uint8_t op, uint8_t arg)
{
	struct rt_vctl_frame *f = rt_vctl_frame_new(kind, NULL, 0);

	if (!f)
		return;
	f->op = op;
	f->arg = arg;
	rt_vctl_link_send(link, f);
}

void rt_vctl_link_check(struct rt_vctl_link *link)
{
	struct rt_air *air = link->vctl->air;

	if (link->state == RT_VLINK_DEAD)
		return;
	if (rt_vctl_link_reaches(link)) {
		rt_vctl_air_stop(air, &link->supervision);
		arm_air(link);
		return;
	}
	rt_vctl_air_stop(air, &link->air);
	if (link->supervision_slots > 0 && !link->supervision.armed)
		rt_vctl_air_arm(air, &link->supervision,
				rt_vctl_slots_us(link->supervision_slots));
}

static uint16_t new_handle(struct rt_vctl *v)
{
	uint16_t handle = v->next_handle;

	v->next_handle = handle == HANDLE_MAX ? 1 : (uint16_t)(handle + 1);
	return handle;
}

static uint16_t supervision_slots(const struct rt_vctl *v)
{
	uint32_t slots = (uint32_t)v->options.supervision_ms * 8 / 5;

	return (uint16_t)RT_MAX(RT_MIN(slots, 0xffff), 1);
}

static struct rt_vctl_link *new_end(struct rt_vctl *v, struct rt_addr addr)
{
	struct rt_vctl_link *link = calloc(1, sizeof(*link));

	if (!link)
		return NULL;
	link->vctl = v;
	link->addr = addr;
	link->handle = new_handle(v);
	link->policy = v->set.default_policy;
	rt_list_init(&link->out);
	rt_timer_init(&link->air, on_air);
	rt_timer_init(&link->supervision, on_supervision);
	rt_timer_init(&link->wait, on_wait);
	rt_vctl_auth_init(link);
	rt_vctl_crypt_init(link);
	rt_list_init(&link->node);
	rt_list_append(&v->links, &link->node);
	return link;
}

bool rt_vctl_link_join(struct rt_vctl *from, struct rt_vctl *to)
{
	struct rt_vctl_link *a = new_end(from, to->options.addr);
	struct rt_vctl_link *b;

	if (!a)
		return false;
	b = new_end(to, rt_vctl_page_addr(from));
	if (!b) {
		rt_vctl_link_free(a);
		return false;
	}
	a->peer = b;
	b->peer = a;
	a->state = RT_VLINK_OUT;
	b->state = RT_VLINK_PAGED;
	b->role = 1;
	a->supervision_slots = supervision_slots(from);
	b->supervision_slots = a->supervision_slots;
	a->may_switch = from->page.may_switch;
	rt_vctl_link_signal(a, RT_VFRAME_CONN_REQ, 0, 0);
	return true;
}

/* Nothing comes from this end any more, and nothing gets to it. */
static void part(struct rt_vctl_link *link)
{
	struct rt_air *air = link->vctl->air;
	struct rt_vctl_link *peer = link->peer;

	rt_vctl_air_stop(air, &link->air);
	rt_vctl_air_stop(air, &link->supervision);
	rt_vctl_air_stop(air, &link->wait);
	rt_vctl_auth_stop(link);
	rt_vctl_crypt_stop(link);
	rt_vctl_frames_free(&link->out);
	if (link->state == RT_VLINK_OPEN || link->state == RT_VLINK_CLOSING)
		link->vctl->stats.links--;
	link->state = RT_VLINK_DEAD;
	link->peer = NULL;
	if (peer) {
		peer->peer = NULL;
		rt_vctl_link_check(peer);
	}
	air->changed = true;
}

void rt_vctl_link_free(struct rt_vctl_link *link)
{
	part(link);
	rt_vctl_queue_purge(link->vctl, link);
	rt_list_del(&link->node);
	free(link);
}

static void tell_disconnection(struct rt_vctl_link *link, uint8_t reason)
{
	uint8_t buf[4];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));
	struct rt_vctl_frame *f;

	rt_wr_u8(&w, RT_VERR_OK);
	rt_wr_le16(&w, link->handle);
	rt_wr_u8(&w, reason);
	f = rt_vctl_event(link->vctl, RT_VEVT_DISCONNECTION_COMPLETE, &w);
	if (f)
		f->link = link;
	else
		rt_vctl_link_free(link);
}

void rt_vctl_link_close(struct rt_vctl_link *link, uint8_t reason)
{
	enum rt_vctl_link_state state = link->state;

	if (state == RT_VLINK_DEAD)
		return;
	rt_vctl_lmp_abort(link, reason);
	rt_vctl_auth_abort(link, reason);
	rt_vctl_crypt_abort(link, reason);
	part(link);
	switch (state) {
	case RT_VLINK_OUT:
	case RT_VLINK_CANCELLED:
	case RT_VLINK_IN:
	case RT_VLINK_ACCEPTED:
	case RT_VLINK_REFUSED:
		rt_vctl_connection_complete(link->vctl, link->addr, 0, reason);
		rt_vctl_link_free(link);
		break;
	case RT_VLINK_OPEN:
	case RT_VLINK_CLOSING:
		tell_disconnection(link, reason);
		break;
	case RT_VLINK_PAGED:
	case RT_VLINK_DEAD:
		rt_vctl_link_free(link);
		break;
	}
}

void rt_vctl_link_close_soon(struct rt_vctl_link *link, uint64_t delay_us,
			     uint8_t reason)
{
	link->reason = reason;
	rt_vctl_air_arm(link->vctl->air, &link->wait, delay_us);
}
