/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "tools/vctl/model.h"

/*
 * ACL data (Core Vol 4 Part E 5.4.2, 4.1). A packet occupies a buffer of the
 * sending controller until the other side's host has taken all of it.
 */

#define PB_START_NON_FLUSHABLE 0
#define PB_CONTINUING 1
#define PB_START 2
#define MERGE_US 50000 /* RT_VCTL_MERGE_COMPLETIONS */

static uint32_t buffers_used(const struct rt_vctl *v)
{
	const struct rt_vctl_link *link;
	uint32_t n = 0;

	RT_LIST_EACH (link, &v->links, node) {
		if (link->state != RT_VLINK_DEAD)
			n += link->unacked;
	}
	return n;
}

/* 7.7.26 */
static void overrun(struct rt_vctl *v)
{
	uint8_t link_type = 0x01;
	struct rt_wr w = rt_wr_init(&link_type, 1);

	v->stats.acl_overruns++;
	rt_wr_u8(&w, 0x01);
	rt_vctl_event(v, RT_VEVT_DATA_BUFFER_OVERFLOW, &w);
}

static void on_ack(struct rt_vctl_link *link)
{
	struct rt_vctl *v = link->vctl;

	link->unacked--;
	link->completed++;
	if (v->fault[RT_VCTL_MERGE_COMPLETIONS] && !v->merge.armed)
		rt_vctl_air_arm(v->air, &v->merge, MERGE_US);
}

/* True if the air carries the packet; a flush takes the rest of a PDU too. */
static bool gets_through(struct rt_vctl_link *link, unsigned pb)
{
	struct rt_vctl *v = link->vctl;
	uint8_t handle[2];
	struct rt_wr w = rt_wr_init(handle, sizeof(handle));

	if (pb == PB_CONTINUING)
		return !link->flushing;
	link->flushing = pb == PB_START && link->flush_timeout > 0 &&
			 v->loss_permille > 0 &&
			 rt_vctl_air_random(v->air) % 1000 < v->loss_permille;
	if (!link->flushing)
		return true;
	rt_wr_le16(&w, link->handle);
	rt_vctl_event(v, RT_VEVT_FLUSH_OCCURRED, &w);
	return false;
}

void rt_vctl_set_loss(struct rt_vctl *vctl, unsigned int permille)
{
	vctl->loss_permille = permille;
}

void rt_vctl_acl_rx(struct rt_vctl *vctl, struct rt_bytes packet)
{
	struct rt_rd r = rt_rd_init(packet);
	uint16_t head = rt_rd_le16(&r);
	uint16_t len = rt_rd_le16(&r);
	struct rt_bytes data = rt_rd_rest(&r);
	struct rt_vctl_link *link = rt_vctl_link_find(vctl, head & 0x0fff);
	unsigned pb = head >> 12 & 3;
	struct rt_vctl_frame *f;

	vctl->stats.acl_from_host++;
	if (!rt_rd_done(&r) || len != data.len || pb > PB_START ||
	    head >> 14 != 0 || len > vctl->options.acl_bytes ||
	    (!link && !rt_vctl_link_is_ending(vctl, head & 0x0fff))) {
		vctl->stats.acl_malformed++;
		return;
	}
	if (!link || link->state != RT_VLINK_OPEN)
		return;
	if (buffers_used(vctl) >= vctl->options.acl_packets) {
		overrun(vctl);
		return;
	}
	if (!gets_through(link, pb)) {
		vctl->stats.acl_flushed++;
		link->unacked++;
		on_ack(link);
		return;
	}
	f = rt_vctl_frame_new(RT_VFRAME_DATA, data.ptr, data.len);
	if (!f)
		return;
	f->start = pb != PB_CONTINUING;
	link->unacked++;
	rt_vctl_crypt_data(link, f);
}

static uint32_t held_by_host(const struct rt_vctl *v)
{
	const struct rt_vctl_link *link;
	uint32_t n = 0;

	RT_LIST_EACH (link, &v->links, node)
		n += link->held;
	return n;
}

static bool host_is_full(const struct rt_vctl *v)
{
	return v->set.host_flow && held_by_host(v) >= v->set.host_acl_packets;
}

/* Without flow control this packet would have been too much for the host. */
static void count_overrun(struct rt_vctl *v)
{
	const struct rt_vctl_frame *f;
	uint32_t n = held_by_host(v);

	RT_LIST_EACH (f, &v->acl, node)
		n++;
	if (v->set.host_flow && n >= v->set.host_acl_packets)
		v->stats.host_buffer_overruns++;
}

void rt_vctl_acl_arrive(struct rt_vctl_link *link, struct rt_vctl_frame *frame)
{
	struct rt_vctl *v = link->vctl;

	if (frame->kind == RT_VFRAME_ACK) {
		on_ack(link);
		rt_vctl_frame_free(frame);
		return;
	}
	count_overrun(v);
	frame->type = RT_PACKET_ACL;
	frame->link = link;
	rt_list_append(&v->acl, &frame->node);
}

bool rt_vctl_acl_may_go(const struct rt_vctl *vctl)
{
	const struct rt_vctl_frame *f;

	f = RT_LIST_FIRST(&vctl->acl, struct rt_vctl_frame, node);
	return f && (!f->link || !host_is_full(vctl));
}

static size_t piece_bytes(const struct rt_vctl *v, size_t left)
{
	size_t max = v->options.acl_bytes;

	if (v->set.host_acl_bytes > 0)
		max = RT_MIN(max, v->set.host_acl_bytes);
	return RT_MIN(left, max);
}

/*
 * The next `n` octets of a frame as a packet of its own. Takes the frame off
 * the queue with its last piece.
 */
static struct rt_vctl_frame *cut(struct rt_vctl_frame *f, size_t n)
{
	struct rt_vctl_frame *piece;

	if (f->off == 0 && n == f->len) {
		rt_list_del(&f->node);
		return f;
	}
	piece = rt_vctl_frame_new(RT_VFRAME_HOST,
				  f->data + RT_VCTL_HEAD_BYTES + f->off, n);
	if (piece)
		piece->start = f->start && f->off == 0;
	f->off += n;
	if (f->off == f->len)
		rt_vctl_frame_free(f);
	return piece;
}

struct rt_bytes rt_vctl_acl_take(struct rt_vctl *vctl)
{
	struct rt_vctl_frame *f;
	struct rt_vctl_link *link;
	size_t n;
	struct rt_wr w;
	bool last;

	f = RT_LIST_FIRST(&vctl->acl, struct rt_vctl_frame, node);
	link = f->link;
	if (!link) {
		rt_list_del(&f->node);
		vctl->lent = f;
		return rt_bytes(f->data + RT_VCTL_HEAD_BYTES, f->len);
	}
	n = piece_bytes(vctl, f->len - f->off);
	last = f->off + n == f->len;
	vctl->lent = cut(f, n);
	if (vctl->set.host_flow)
		link->held++;
	if (last && link->state != RT_VLINK_DEAD)
		rt_vctl_link_signal(link, RT_VFRAME_ACK, 0, 0);
	if (!vctl->lent)
		return rt_bytes(NULL, 0);
	w = rt_wr_init(vctl->lent->data, RT_VCTL_HEAD_BYTES);
	rt_wr_le16(&w, (uint16_t)(link->handle |
				  (vctl->lent->start ? PB_START : PB_CONTINUING)
					  << 12));
	rt_wr_le16(&w, (uint16_t)n);
	return rt_bytes(vctl->lent->data, RT_VCTL_HEAD_BYTES + n);
}

bool rt_vctl_acl_give_back(struct rt_vctl *vctl, uint16_t handle,
			   uint16_t count)
{
	struct rt_vctl_link *link;

	RT_LIST_EACH (link, &vctl->links, node) {
		if (link->handle != handle)
			continue;
		if (count > link->held) {
			link->held = 0;
			return false;
		}
		link->held -= count;
		return true;
	}
	return true;
}

static bool any_completed(const struct rt_vctl *v)
{
	const struct rt_vctl_link *link;

	RT_LIST_EACH (link, &v->links, node) {
		if (link->completed > 0 && link->state != RT_VLINK_DEAD)
			return true;
	}
	return false;
}

static void on_merge(struct rt_timer *timer)
{
	struct rt_vctl *v = RT_CONTAINER_OF(timer, struct rt_vctl, merge);

	v->merge_ready = any_completed(v);
}

void rt_vctl_acl_init(struct rt_vctl *vctl)
{
	rt_timer_init(&vctl->merge, on_merge);
}

bool rt_vctl_acl_owes_completion(const struct rt_vctl *vctl)
{
	if (vctl->fault[RT_VCTL_NO_COMPLETIONS])
		return false;
	if (vctl->fault[RT_VCTL_MERGE_COMPLETIONS] && !vctl->merge_ready)
		return false;
	return any_completed(vctl);
}

/* 7.7.19; one link an event, but for the fault that merges */
struct rt_bytes rt_vctl_acl_take_completion(struct rt_vctl *vctl)
{
	bool merge = vctl->fault[RT_VCTL_MERGE_COMPLETIONS];
	bool surplus = vctl->fault[RT_VCTL_SURPLUS_COMPLETIONS];
	struct rt_wr w = rt_wr_init(vctl->nocp, sizeof(vctl->nocp));
	struct rt_vctl_link *link;
	uint8_t handles = 0;

	vctl->merge_ready = false;
	rt_wr_u8(&w, RT_VEVT_COMPLETED_PACKETS);
	rt_wr_le16(&w, 0);
	RT_LIST_EACH (link, &vctl->links, node) {
		uint32_t n = RT_MIN(link->completed, 0x7fff);

		if (n == 0 || link->state == RT_VLINK_DEAD ||
		    (handles > 0 && !merge))
			continue;
		link->completed -= n;
		rt_wr_le16(&w, link->handle);
		rt_wr_le16(&w, (uint16_t)(n + (surplus ? 3 : 0)));
		handles++;
	}
	vctl->nocp[1] = (uint8_t)(1 + 4 * handles);
	vctl->nocp[2] = handles;
	return rt_wr_bytes(&w);
}
