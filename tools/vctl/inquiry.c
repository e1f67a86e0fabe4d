/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "tools/vctl/model.h"

/* Inquiry (Core Vol 2 Part B 8.4; Vol 4 Part E 7.1.1). */

#define SCAN_INQUIRY 0x01
#define LENGTH_US 1280000
#define PAGE_SCAN_R1 0x01

enum mode { MODE_STANDARD, MODE_RSSI, MODE_EXTENDED };

/* 7.7.1 */
static void complete(struct rt_vctl *v)
{
	uint8_t status;
	struct rt_wr w = rt_wr_init(&status, 1);

	rt_vctl_inquiry_stop(v);
	rt_wr_u8(&w, RT_VERR_OK);
	rt_vctl_event(v, RT_VEVT_INQUIRY_COMPLETE, &w);
}

static void on_ripe(struct rt_timer *timer)
{
	struct rt_vctl *v =
		RT_CONTAINER_OF(timer, struct rt_vctl, inquiry.ripe);

	rt_vctl_inquiry_poll(v);
}

static void on_end(struct rt_timer *timer)
{
	complete(RT_CONTAINER_OF(timer, struct rt_vctl, inquiry.end));
}

void rt_vctl_inquiry_init(struct rt_vctl *vctl)
{
	rt_timer_init(&vctl->inquiry.ripe, on_ripe);
	rt_timer_init(&vctl->inquiry.end, on_end);
}

uint8_t rt_vctl_inquiry_start(struct rt_vctl *vctl, uint32_t lap,
			      uint8_t length, uint8_t responses)
{
	struct rt_vctl_inquiry *q = &vctl->inquiry;
	uint32_t latency_us = vctl->air->latency_us;

	if (q->active)
		return RT_VERR_DISALLOWED;
	q->active = true;
	q->lap = lap;
	q->responses_left = responses;
	q->earliest_us = vctl->air->now_us + latency_us;
	rt_vctl_air_arm(vctl->air, &q->ripe, latency_us);
	rt_vctl_air_arm(vctl->air, &q->end, (uint64_t)length * LENGTH_US);
	return RT_VERR_OK;
}

void rt_vctl_inquiry_stop(struct rt_vctl *vctl)
{
	struct rt_vctl_inquiry *q = &vctl->inquiry;

	q->active = false;
	rt_vctl_air_stop(vctl->air, &q->ripe);
	rt_vctl_air_stop(vctl->air, &q->end);
	free(q->seen);
	q->seen = NULL;
	q->seen_count = 0;
}

static bool answers(const struct rt_vctl *v, uint32_t lap)
{
	if (!(v->set.scan_enable & SCAN_INQUIRY))
		return false;
	for (unsigned i = 0; i < v->set.iac_count; i++) {
		if (v->set.iac[i] == lap)
			return true;
	}
	return false;
}

static bool was_seen(const struct rt_vctl_inquiry *q, uint32_t serial)
{
	for (size_t i = 0; i < q->seen_count; i++) {
		if (q->seen[i] == serial)
			return true;
	}
	return false;
}

static bool mark_seen(struct rt_vctl_inquiry *q, uint32_t serial)
{
	uint32_t *seen;

	seen = realloc(q->seen, (q->seen_count + 1) * sizeof(*seen));
	if (!seen)
		return false;
	q->seen = seen;
	q->seen[q->seen_count++] = serial;
	return true;
}

static bool has_eir(const struct rt_vctl *v)
{
	return v->set.eir[0] != 0 && !v->fault[RT_VCTL_NO_EXTENDED];
}

/* 7.7.2, 7.7.33, 7.7.38 */
static void report(struct rt_vctl *v, const struct rt_vctl *found)
{
	uint8_t buf[255];
	struct rt_wr w = rt_wr_init(buf, sizeof(buf));
	enum mode mode = (enum mode)v->set.inquiry_mode;
	enum rt_vctl_event code = RT_VEVT_INQUIRY_RESULT_RSSI;

	if (mode == MODE_EXTENDED && !has_eir(found))
		mode = MODE_RSSI;
	rt_wr_u8(&w, 1);
	rt_wr_addr(&w, found->options.addr);
	rt_wr_u8(&w, PAGE_SCAN_R1);
	rt_wr_le(&w, 0, mode == MODE_STANDARD ? 2 : 1);
	rt_wr_le24(&w, found->set.class_of_device);
	rt_wr_le16(&w, rt_vctl_clock_offset(v, found));
	if (mode == MODE_STANDARD)
		code = RT_VEVT_INQUIRY_RESULT;
	else
		rt_wr_u8(&w, (uint8_t)found->options.rssi);
	if (mode == MODE_EXTENDED) {
		code = RT_VEVT_EXTENDED_INQUIRY_RESULT;
		rt_wr_put(&w, rt_bytes(found->set.eir, RT_VCTL_EIR_BYTES));
	}
	rt_vctl_event(v, code, &w);
}

void rt_vctl_inquiry_poll(struct rt_vctl *vctl)
{
	struct rt_vctl_inquiry *q = &vctl->inquiry;
	struct rt_vctl *other;

	if (!q->active || vctl->air->now_us < q->earliest_us)
		return;
	RT_LIST_EACH (other, &vctl->air->vctls, node) {
		if (other == vctl || !rt_vctl_air_hears(vctl, other) ||
		    !answers(other, q->lap) || was_seen(q, other->serial) ||
		    !mark_seen(q, other->serial))
			continue;
		report(vctl, other);
		if (q->responses_left > 0 && --q->responses_left == 0) {
			complete(vctl);
			return;
		}
	}
}
