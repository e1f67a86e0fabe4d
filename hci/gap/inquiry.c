/* SPDX-License-Identifier: MIT */
#include "hci/gap/inquiry.h"

#include <errno.h>

#include "hci/engine.h"
#include "hci/error.h"
#include "hci/gap/eir.h"
#include "hci/gap/found.h"
#include "hci/link.h"
#include "hci/timers.h"

#define LENGTH_US 1280000 /* unit of the inquiry length (7.1.1) */
#define LENGTH_MAX 0x30

/* Octets a device takes in the results (7.7.2, 7.7.33). */
#define RESULT_BYTES 14
#define RESULT_RSSI_BYTES 14
#define RESULT_RSSI_MODE_BYTES 15 /* of old controllers */

static void halt(struct rt_hci *hci);

/* Tells the user that it is over. */
static void finish(struct rt_hci *hci, const struct rt_reason *why)
{
	struct rt_gap_inquiry *inquiry = &hci->inquiry;

	if (!inquiry->wanted)
		return;
	inquiry->wanted = false;
	rt_env_stop(hci->env, &inquiry->timer);
	inquiry->ops->done(inquiry->user, why);
}

static void finish_code(struct rt_hci *hci, uint8_t code)
{
	struct rt_reason why = rt_hci_engine_reason(RT_PHASE_NONE, code);

	why.frame = hci->frame;
	finish(hci, &why);
}

/*
 * Inquiry Complete has not come, or it was never our turn; or a page has
 * taken the rest of the time.
 */
static void on_timer(struct rt_timer *timer)
{
	struct rt_hci *hci =
		RT_CONTAINER_OF(timer, struct rt_hci, inquiry.timer);

	if (hci->inquiry.phase != RT_GAP_INQUIRY_RUNNING &&
	    hci->inquiry.has_run) {
		finish_code(hci, RT_HCI_ERR_SUCCESS);
		return;
	}
	halt(hci);
	finish_code(hci, RT_HCI_ERR_ACCEPT_TIMEOUT);
}

static void arm_timer(struct rt_hci *hci)
{
	rt_timer_arm_at(&hci->env->timers, &hci->inquiry.timer,
			hci->inquiry.end_us + RT_MS(RT_HCI_INQUIRY_MARGIN_MS));
}

void rt_gap_inquiry_init(struct rt_hci *hci)
{
	rt_list_init(&hci->inquiry.found);
	rt_timer_init(&hci->inquiry.timer, on_timer);
}

void rt_gap_inquiry_fini(struct rt_hci *hci)
{
	rt_env_stop(hci->env, &hci->inquiry.timer);
	rt_gap_found_free_all(hci);
}

bool rt_gap_inquiry_is_idle(const struct rt_hci *hci)
{
	return !hci->inquiry.wanted &&
	       hci->inquiry.phase == RT_GAP_INQUIRY_IDLE;
}

bool rt_gap_inquiry_is_running(const struct rt_hci *hci)
{
	return hci->inquiry.phase != RT_GAP_INQUIRY_IDLE;
}

static void on_cancel_answer(struct rt_hci *hci, void *ctx,
			     const struct rt_hci_answer *answer)
{
	(void)ctx;
	(void)answer;
	/* Refused: it was over before. */
	hci->inquiry.phase = RT_GAP_INQUIRY_IDLE;
}

static void send_cancel(struct rt_hci *hci)
{
	hci->inquiry.phase = RT_GAP_INQUIRY_CANCELLING;
	rt_hci_cmdq_send(hci, &rt_hci_cmd_inquiry_cancel_msg, NULL,
			 on_cancel_answer, &hci->inquiry);
}

static void on_status(struct rt_hci *hci, void *ctx,
		      const struct rt_hci_answer *answer)
{
	struct rt_gap_inquiry *inquiry = ctx;

	/* Cancelled meanwhile: that command's answer is the end. */
	if (inquiry->phase != RT_GAP_INQUIRY_STARTING)
		return;
	if (answer->status == RT_HCI_ERR_SUCCESS) {
		inquiry->phase = RT_GAP_INQUIRY_RUNNING;
		inquiry->has_run = true;
		return;
	}
	inquiry->phase = RT_GAP_INQUIRY_IDLE;
	if (answer->status == RT_HCI_ERR_COMMAND_DISALLOWED &&
	    rt_hci_link_is_paging(hci) && !hci->exclusive) {
		hci->exclusive = true;
		return;
	}
	finish_code(hci, answer->status);
}

/* Length for the time that is left, at least one unit. */
static uint8_t length_left(const struct rt_hci *hci)
{
	const uint64_t now_us = hci->env->now_us;
	const uint64_t end_us = hci->inquiry.end_us;

	if (end_us <= now_us)
		return 1;
	return (uint8_t)((end_us - now_us + LENGTH_US - 1) / LENGTH_US);
}

void rt_gap_inquiry_poll(struct rt_hci *hci)
{
	struct rt_gap_inquiry *inquiry = &hci->inquiry;
	const struct rt_hci_cmd_inquiry cmd = {
		.lap = inquiry->lap,
		.length = length_left(hci),
	};

	if (!inquiry->wanted || inquiry->phase != RT_GAP_INQUIRY_IDLE ||
	    rt_gap_name_is_busy(hci) ||
	    (hci->exclusive && rt_hci_link_is_paging(hci)))
		return;
	inquiry->phase = RT_GAP_INQUIRY_STARTING;
	rt_hci_cmdq_send(hci, &rt_hci_cmd_inquiry_msg, &cmd, on_status,
			 inquiry);
}

/* Makes the controller stop, if it has been told to start. */
static void halt(struct rt_hci *hci)
{
	struct rt_gap_inquiry *inquiry = &hci->inquiry;

	if (inquiry->phase == RT_GAP_INQUIRY_STARTING &&
	    rt_hci_cmdq_unsend(hci, inquiry))
		inquiry->phase = RT_GAP_INQUIRY_IDLE;
	if (inquiry->phase == RT_GAP_INQUIRY_STARTING ||
	    inquiry->phase == RT_GAP_INQUIRY_RUNNING)
		send_cancel(hci);
}

void rt_gap_inquiry_interrupt(struct rt_hci *hci)
{
	halt(hci);
}

void rt_gap_inquiry_close(struct rt_hci *hci, const struct rt_reason *why)
{
	if (hci->state == RT_HCI_STATE_CLOSING)
		halt(hci);
	else
		hci->inquiry.phase = RT_GAP_INQUIRY_IDLE;
	finish(hci, why);
}

int rt_gap_inquiry_start(struct rt_hci *hci, uint32_t lap, uint8_t length,
			 const struct rt_gap_inquiry_ops *ops, void *user)
{
	struct rt_gap_inquiry *inquiry = &hci->inquiry;

	if (length == 0 || length > LENGTH_MAX ||
	    (lap != RT_GAP_GIAC && lap != RT_GAP_LIAC))
		return -EINVAL;
	if (hci->state != RT_HCI_STATE_UP)
		return -ENETDOWN;
	if (inquiry->wanted)
		return -EBUSY;
	inquiry->wanted = true;
	inquiry->has_run = false;
	inquiry->lap = lap;
	inquiry->end_us = hci->env->now_us + (uint64_t)length * LENGTH_US;
	inquiry->ops = ops;
	inquiry->user = user;
	inquiry->round++;
	arm_timer(hci);
	return 0;
}

void rt_gap_inquiry_stop(struct rt_hci *hci)
{
	if (!hci->inquiry.wanted)
		return;
	hci->inquiry.wanted = false;
	rt_env_stop(hci->env, &hci->inquiry.timer);
	halt(hci);
}

void rt_gap_inquiry_on_complete(struct rt_hci *hci, const void *evt)
{
	const struct rt_hci_evt_inquiry_complete *complete = evt;

	if (hci->inquiry.phase == RT_GAP_INQUIRY_CANCELLING)
		return;
	if (hci->inquiry.phase != RT_GAP_INQUIRY_RUNNING) {
		hci->stats.events_unexpected++;
		return;
	}
	hci->inquiry.phase = RT_GAP_INQUIRY_IDLE;
	finish_code(hci, complete->status);
}

static void report(struct rt_hci *hci, const struct rt_gap_device *result,
		   bool has_eir)
{
	const struct rt_gap_device *device =
		rt_gap_found_merge(hci, result, has_eir);

	if (device)
		hci->inquiry.ops->result(hci->inquiry.user, device);
}

static bool is_wanted(struct rt_hci *hci)
{
	if (hci->inquiry.wanted)
		return true;
	/* What comes while it is being cancelled is nothing special. */
	if (hci->inquiry.phase == RT_GAP_INQUIRY_IDLE)
		hci->stats.events_unexpected++;
	return false;
}

void rt_gap_inquiry_on_result(struct rt_hci *hci, const void *evt)
{
	const struct rt_hci_evt_inquiry_result *result = evt;
	struct rt_rd r = rt_rd_init(result->tail);

	if (rt_rd_left(&r) < (size_t)result->count * RESULT_BYTES) {
		hci->stats.events_malformed++;
		return;
	}
	/* The user may stop it in its callback. */
	for (int i = 0; i < result->count && is_wanted(hci); i++) {
		struct rt_gap_device device = { .addr = rt_rd_addr(&r) };

		device.page_scan_repetition = rt_rd_u8(&r);
		rt_rd_take(&r, 2);
		device.class_of_device = rt_rd_le24(&r);
		device.clock_offset = rt_rd_le16(&r) & 0x7fff;
		report(hci, &device, false);
	}
}

void rt_gap_inquiry_on_result_rssi(struct rt_hci *hci, const void *evt)
{
	const struct rt_hci_evt_inquiry_result_with_rssi *result = evt;
	struct rt_rd r = rt_rd_init(result->tail);
	const size_t count = result->count;
	const size_t left = rt_rd_left(&r);
	size_t reserved = 1;

	if (left < count * RESULT_RSSI_BYTES) {
		hci->stats.events_malformed++;
		return;
	}
	if (count > 0 && left == count * RESULT_RSSI_MODE_BYTES)
		reserved = 2;
	for (size_t i = 0; i < count && is_wanted(hci); i++) {
		struct rt_gap_device device = { .addr = rt_rd_addr(&r) };

		device.page_scan_repetition = rt_rd_u8(&r);
		rt_rd_take(&r, reserved);
		device.class_of_device = rt_rd_le24(&r);
		device.clock_offset = rt_rd_le16(&r) & 0x7fff;
		device.has_rssi = true;
		device.rssi = (int8_t)rt_rd_u8(&r);
		report(hci, &device, false);
	}
}

void rt_gap_inquiry_on_result_extended(struct rt_hci *hci, const void *evt)
{
	const struct rt_hci_evt_extended_inquiry_result *result = evt;
	struct rt_gap_device device = {
		.addr = result->addr,
		.class_of_device = result->class_of_device,
		.clock_offset = result->clock_offset & 0x7fff,
		.page_scan_repetition = result->page_scan_repetition,
		.has_rssi = true,
		.rssi = (int8_t)result->rssi,
	};

	if (!is_wanted(hci))
		return;
	rt_gap_eir_parse(result->tail, &device);
	report(hci, &device, true);
}
